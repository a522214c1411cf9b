"""The Swift code in generated READMEs and in the documentation catalogue compiles as it stands."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import pytest

from edgevit.sdk.ios_readme import readme
from edgevit.types import Head
from tests.native.toolchain import REPOSITORY, SwiftRoot
from tests.sdk.sample import sample_content

pytestmark = [pytest.mark.native, pytest.mark.xdist_group("swift")]

_CATALOGUE = REPOSITORY / "ios_template/Sources/EdgeVitKit/EdgeVitKit.docc"
_GIVEN = "given: EdgeVit, image: CGImage, frame: CVPixelBuffer, file: URL"


def _functions(text: str, name: str) -> list[str]:
    """Return each code block as the body of a function, what an app has as its parameters."""
    blocks = [re.sub(r"(?m)^import .*$", "", block) for block in re.findall(r"```swift\n(.*?)```", text, re.DOTALL)]
    assert blocks, f"{name} shows no code"
    return [_function(f"{name}{index}", block) for index, block in enumerate(blocks)]


def _function(name: str, block: str) -> str:
    model = "" if re.search(r"let model\b", block) else "let model = given\n"
    return f"func {name}({_GIVEN}) async throws {{\n{model}{block}\n}}\n"


def test_documented_code_compiles(root: SwiftRoot, tmp_path: Path) -> None:
    content = sample_content(tmp_path)
    texts = {f"readme_{head.value}": readme(dataclasses.replace(content, head=head)) for head in Head}
    texts |= {page.stem: page.read_text(encoding="utf-8") for page in sorted(_CATALOGUE.glob("*.md"))}
    code = "".join(function for name, text in texts.items() for function in _functions(text, name))
    folder = root.work / "snippets"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    imports = "import CoreGraphics\nimport CoreVideo\nimport EdgeVitKit\nimport Foundation\nimport ImageIO\n\n"
    (folder / "Snippets.swift").write_text(imports + code, encoding="utf-8")
    command = "/src/tests/native/snippets.sh /src/ios_template /work/typecheck-snippets /work/snippets/Snippets.swift"
    done = root.run(command)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
