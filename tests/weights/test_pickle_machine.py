from __future__ import annotations

import argparse
import collections
import datetime
import pickle
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch

from edgevit.errors import CheckpointCorruptError, UnsafeInputError
from edgevit.weights.checkpoint import read_checkpoint
from edgevit.weights.pickle_machine import MAX_BYTES, OPAQUE, read_pickle
from tests.weights.archives import archive, member, saved, text

CALLS = [
    ("os", "system", "touch {}"),
    ("posix", "system", "touch {}"),
    ("nt", "system", "touch {}"),
    ("subprocess", "getoutput", "touch {}"),
    ("subprocess", "check_call", "touch {}"),
    ("subprocess", "Popen", "touch {}"),
    ("pty", "spawn", "touch {}"),
    ("builtins", "eval", "open({!r}, 'w')"),
    ("builtins", "exec", "open({!r}, 'w')"),
    ("__builtin__", "eval", "open({!r}, 'w')"),
    ("builtins", "compile", "open({!r}, 'w')"),
    ("builtins", "__import__", "os"),
    ("builtins", "getattr", "os"),
    ("builtins", "open", "{}"),
    ("io", "open", "{}"),
    ("codecs", "open", "{}"),
    ("importlib", "import_module", "os"),
    ("runpy", "run_path", "{}"),
    ("timeit", "timeit", "open({!r}, 'w')"),
    ("cProfile", "run", "open({!r}, 'w')"),
    ("profile", "run", "open({!r}, 'w')"),
    ("doctest", "debug_script", "open({!r}, 'w')"),
    ("bdb", "Bdb.run", "open({!r}, 'w')"),
    ("pdb", "run", "open({!r}, 'w')"),
    ("code", "InteractiveInterpreter.runcode", "open({!r}, 'w')"),
    ("operator", "attrgetter", "system"),
    ("operator", "methodcaller", "system"),
    ("functools", "partial", "os.system"),
    ("types", "FunctionType", "x"),
    ("types", "CodeType", "x"),
    ("pickle", "loads", "x"),
    ("_pickle", "loads", "x"),
    ("marshal", "loads", "x"),
    ("torch", "load", "{}"),
    ("torch.storage", "_load_from_bytes", "x"),
    ("torch.hub", "load_state_dict_from_url", "http://127.0.0.1/"),
    ("torch.jit", "load", "{}"),
    ("torch._utils", "_import_dotted_name", "os.system"),
    ("torch.utils._config_module", "ConfigModule.load_config", "x"),
    ("numpy", "load", "{}"),
    ("numpy.testing._private.utils", "runstring", "open({!r}, 'w')"),
    ("ctypes", "CDLL", "libc.so.6"),
    ("webbrowser", "open", "http://127.0.0.1/"),
    ("shutil", "rmtree", "{}"),
    ("pathlib", "Path.touch", "{}"),
    ("pathlib", "PosixPath.write_text", "{}"),
    ("collections", "OrderedDict.__init__.__globals__", "x"),
    ("argparse", "Namespace.__init__.__globals__", "x"),
    ("argparse", "FileType", "w"),
    ("pip", "main", "install"),
    ("idlelib.run", "Executive.runcode", "x"),
    ("lib2to3.pgen2.pgen", "ParserGenerator.make_label", "x"),
]
"""Ways to run code that pickle scanners were taught one by one, several of them after they had been missed."""


def _protocols(module: str, name: str, argument: str) -> dict[str, bytes]:
    """Return the same call written in the ways that the format offers."""
    pushed = text(argument)
    by_name = f"c{module}\n{name}\n".encode()
    by_stack = text(module) + text(name) + b"\x93"
    return {
        "global": b"\x80\x02" + by_name + pushed + b"\x85R.",
        "stack global": b"\x80\x04" + by_stack + pushed + b"\x85R.",
        "newobj": b"\x80\x02" + by_name + pushed + b"\x85\x81.",
        "inst": b"(" + pushed + f"i{module}\n{name}\n".encode() + b".",
        "obj": b"(" + by_name + pushed + b"o.",
        "in a state dict": b"\x80\x02}" + text("w") + by_name + pushed + b"\x85Rs.",
        "in arguments": b"\x80\x02cargparse\nNamespace\n)\x81}" + text("a") + by_name + pushed + b"\x85Rsb.",
        "as a constructor": b"\x80\x02ccollections\ndefaultdict\n" + by_name + b"\x85R" + pushed + pushed + b"s.",
        "as state": b"\x80\x02cargparse\nNamespace\n)\x81" + by_name + pushed + b"\x85Rb.",
        "before damage": b"\x80\x02" + by_name + pushed + b"\x85RRRR.",
    }


@pytest.mark.parametrize(("module", "name", "argument"), CALLS, ids=[f"{m}.{n}" for m, n, _ in CALLS])
def test_files_that_would_execute_code_are_refused_by_name(
    tmp_path: Path, module: str, name: str, argument: str
) -> None:
    sentinel = tmp_path / "sentinel"
    for way, stream in _protocols(module, name, argument.format(str(sentinel))).items():
        path = tmp_path / "weights.pth"
        path.write_bytes(archive(stream))
        with pytest.raises(UnsafeInputError) as caught:
            read_checkpoint(path)
        assert f"{module}.{name}" in caught.value.why or way in ("inst", "obj"), way
        assert not sentinel.exists()


def test_all_forbidden_names_are_listed_at_once() -> None:
    stream = b"\x80\x02(" + b"".join(f"cos\nf{i}\n".encode() for i in range(30)) + b"t."
    with pytest.raises(UnsafeInputError) as caught:
        read_pickle(stream)
    assert "os.f0\n" in caught.value.why
    assert "... and 10 more" in caught.value.why


def test_extension_registry_and_unknown_instructions_are_refused() -> None:
    for stream in (b"\x80\x02\x82\x01.", b"\x80\x02\x83\x01\x00.", b"\x80\x05\x97.", b"I1\n."):
        with pytest.raises(UnsafeInputError, match="would execute code"):
            read_pickle(stream)


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b".",
        b"\x80\x02",
        b"\x80\x02N",
        b"\x80\x02N.N.",
        b"\x80\x02h\x05.",
        b"\x80\x02R.",
        b"\x80\x02t.",
        b"\x80\x02NNs.",
        b"\x80\x02}]Ns.",
        b"\x80\x02}\x8a\x01\x01\x85Ns.",
        b"\x80\x02NQ.",
        b"\x80\x02X\xff\xff\xff\x7fabc.",
        b"\x80\x02X\x01\x00\x00\x00\xff.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
        b"\x80\x02NNNN\x87R.",
    ],
)
def test_damaged_streams_are_corrupt(stream: bytes) -> None:
    with pytest.raises(CheckpointCorruptError):
        read_pickle(stream)


_NESTED = b"\x80\x02N" + b"\x85" * 300_000
_PAIRS = b"".join(b"h" + bytes([i]) + b"h" + bytes([i]) + b"\x86q" + bytes([i + 1]) for i in range(60))


@pytest.mark.parametrize(
    "stream",
    [
        _NESTED + b".",
        b"\x80\x02]q\x00" + _PAIRS + b".",
        b"\x80\x02Nr\xff\xff\xff\x7f.",
        b"\x80\x02" + b"(" * 300_000 + b"t.",
        _NESTED + b"}" + _NESTED[2:] + b"Ns.",
        b"\x80\x02" + b"N" * MAX_BYTES + b".",
        b"\x80\x02\x8b\xff\xff\xff\x7f.",
    ],
    ids=["nested", "doubling", "far memo", "marks", "nested key", "too long", "huge number"],
)
def test_streams_made_to_exhaust_the_machine_end_soon(stream: bytes) -> None:
    start = time.process_time()
    with suppress(CheckpointCorruptError, UnsafeInputError):
        read_pickle(stream)
    assert time.process_time() - start < 10


def test_training_checkpoints_with_inert_extras_are_read() -> None:
    extras = {
        "args": argparse.Namespace(lr=1e-3, out=Path("run"), betas=(0.9, 0.99), tags={"a"}, device=torch.device("cpu")),
        "best": np.float64(76.2),
        "counts": collections.Counter("abca"),
        "by": collections.defaultdict(list, {"a": [1]}),
        "when": datetime.datetime(2023, 8, 15, tzinfo=datetime.UTC),
        "rng": np.arange(4),
        "shape": torch.Size([1, 2]),
        "dtype": torch.float16,
        "big": 10**30,
        "names": ["a", None, True, 1.5, b"bytes"],
    }
    content = read_pickle(member(saved(extras), "data.pkl"))
    assert isinstance(content, dict)
    assert list(content) == list(extras)
    assert content["args"] is OPAQUE
    assert content["by"] == {"a": [1]}
    assert content["big"] == 10**30
    assert content["names"][:4] == ["a", None, True, 1.5]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_modern_protocol_is_read(protocol: int) -> None:
    value = {"a": [1, -(2**40), 2.5, "ü" * 300, None], "b": (1, (2, 3), ()), "c": {"d": True}}
    assert read_pickle(pickle.dumps(value, protocol)) == value
