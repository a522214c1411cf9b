from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from edgevit.errors import DigestMismatchError, WeightsUnavailableError
from edgevit.models.registry import create, get_spec, resolve
from edgevit.types import Event
from edgevit.weights import load_model
from edgevit.weights.safetensors_file import write_safetensors
from tests.weights.archives import saved
from tests.weights.fake_hub import COMMIT, FakeHub, serving

NAME = "efficientvit_m0"
RELEASE = get_spec(NAME).releases[0]
PATH = f"{RELEASE.repo}/{RELEASE.filename}"


@cache
def _content() -> bytes:
    torch.manual_seed(0)
    return write_safetensors(create(resolve(NAME)).state_dict(), {"format": "pt"})


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """Return a served fake hub that huggingface_hub is pointed at, with an empty cache."""
    with serving(FakeHub()) as hub:
        _point_at(hub.url, tmp_path, monkeypatch)
        yield hub


def _point_at(url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what huggingface_hub reads from HF_ENDPOINT and HF_HOME when it is imported."""
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HOME", str(home))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))


def _put_in_cache(home: Path, content: bytes, *, claimed: str | None = None) -> Path:
    """Write a file in the hub's cache layout, as a download leaves it, and return the blob."""
    folder = home / "hub" / f"models--{RELEASE.repo.replace('/', '--')}"
    blob = folder / "blobs" / (claimed or hashlib.sha256(content).hexdigest())
    snapshot = folder / "snapshots" / COMMIT
    for parent in (blob.parent, snapshot, folder / "refs"):
        parent.mkdir(parents=True)
    blob.write_bytes(content)
    (folder / "refs" / "main").write_text(COMMIT)
    (snapshot / RELEASE.filename).symlink_to(Path("../../blobs") / blob.name)
    return blob


def test_pretrained_weights_are_fetched_once_and_described(hub: FakeHub, capfd: pytest.CaptureFixture[str]) -> None:
    hub.files[PATH] = _content()
    events: list[Event] = []
    model = load_model(NAME, "pretrained", on_event=events.append)
    assert model.weights.kind == "pretrained"
    assert model.weights.source == f"{RELEASE.repo} {RELEASE.filename}"
    assert model.weights.sha256 == hashlib.sha256(_content()).hexdigest()
    assert model.weights.licence == "MIT"
    assert model.weights.trained
    fractions = [event.fraction for event in events if event.fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any(event.message == f"Fetching {RELEASE.repo}/{RELEASE.filename}" for event in events)
    assert any("licence MIT" in event.message for event in events)
    before = len(hub.requests)
    assert load_model(NAME, "auto").weights == model.weights
    assert load_model(NAME, f"pretrained:{RELEASE.tag}").weights == model.weights
    assert len(hub.requests) == before
    assert capfd.readouterr() == ("", "")


def test_cached_weights_need_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _point_at("http://127.0.0.1:9", tmp_path, monkeypatch)
    _put_in_cache(tmp_path, _content())
    assert load_model(NAME).weights.kind == "pretrained"
    assert load_model(NAME, f"hf:{RELEASE.repo}").weights.kind == "hub"


@pytest.mark.parametrize(
    ("weights", "filename"),
    [("hf:me/mine", "model.safetensors"), ("hf:me/mine", "pytorch_model.bin"), ("hf:me/mine:a/b.pth", "a/b.pth")],
)
def test_any_repository_can_be_named(hub: FakeHub, weights: str, filename: str) -> None:
    state = create(resolve(NAME)).state_dict()
    hub.files[f"me/mine/{filename}"] = _content() if filename.endswith("safetensors") else saved(state)
    model = load_model(NAME, weights)
    assert model.weights.kind == "hub"
    assert model.weights.source == f"me/mine {Path(filename).name}"
    assert model.weights.licence == ""


def test_files_altered_on_the_way_or_in_the_cache_are_refused(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files[PATH] = _content()
    hub.tampered[PATH] = _content()[:-1] + b"?"
    for weights in ("pretrained", "auto"):
        with pytest.raises(DigestMismatchError, match="not the file that was published"):
            load_model(NAME, weights)
    _point_at("http://127.0.0.1:9", tmp_path / "other", monkeypatch)
    _put_in_cache(tmp_path / "other", _content() + b" ", claimed=hashlib.sha256(_content()).hexdigest())
    with pytest.raises(DigestMismatchError):
        load_model(NAME)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("hf:no/where", "no such repository, or it is private"),
        ("hf:owner/empty:gone.pth", "holds no gone.pth"),
        ("hf:owner/empty", "holds no model.safetensors and no pytorch_model.bin"),
        ("hf:owner/gated", "accept conditions"),
        ("hf:a--b/c", "no valid repository name"),
        ("pretrained", "no such repository"),
    ],
)
def test_what_the_hub_refuses_is_explained(hub: FakeHub, weights: str, message: str) -> None:
    hub.files["owner/empty/README.md"] = b""
    hub.gated.add("owner/gated")
    with pytest.raises(WeightsUnavailableError) as caught:
        load_model(NAME, weights)
    assert message in str(caught.value)


def test_pretrained_fails_with_three_ways_out(hub: FakeHub) -> None:
    del hub
    with pytest.raises(WeightsUnavailableError) as caught:
        load_model(NAME, "pretrained")
    assert RELEASE.repo in caught.value.what
    for way in ("--weights PATH", f"hf download {RELEASE.repo}", "--weights random"):
        assert way in caught.value.help


def test_the_release_trained_at_the_asked_size_is_taken(hub: FakeHub) -> None:
    for size, tag in ((384, "bd_in1k_384"), (224, "bd_in1k"), (256, "bd_in1k")):
        with pytest.raises(WeightsUnavailableError) as caught:
            load_model("nextvit_small", "pretrained", input_size=size)
        assert f"'timm/nextvit_small.{tag}'" in caught.value.what
    assert hub.requests


def test_auto_without_an_answer_is_random_after_a_few_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        _point_at(f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path, monkeypatch)
        events: list[Event] = []
        start = time.monotonic()
        model = load_model(NAME, on_event=events.append)
        assert time.monotonic() - start < 15  # 3 to 4 seconds of waiting, and a loaded machine
    assert not model.weights.trained
    warnings = [event.message for event in events if event.kind == "warning"]
    assert len(warnings) == 1
    assert model.weights.note in warnings[0]
    assert "predictions mean nothing" in warnings[0]
    assert RELEASE.repo in warnings[0]


def test_an_endpoint_that_is_no_hub_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("http://127.0.0.1:9", "not a url", "ftp://127.0.0.1"):
        _point_at(url, tmp_path, monkeypatch)
        with pytest.raises(WeightsUnavailableError):
            load_model(NAME, "pretrained")


def test_the_offline_switch_is_honoured(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.files[PATH] = _content()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsUnavailableError) as caught:
        load_model(NAME, "pretrained")
    assert "HF_HUB_OFFLINE" in caught.value.why
    assert hub.requests == []


def test_the_environment_decides_where_and_from_whom(tmp_path: Path) -> None:
    code = (
        "import sys; from edgevit.weights import load_model;"
        f"sys.stdout.write(load_model({NAME!r}, 'pretrained').weights.sha256)"
    )
    with serving(FakeHub(files={PATH: _content()})) as hub:
        environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_ENDPOINT": hub.url}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == hashlib.sha256(_content()).hexdigest()
    assert done.stderr == ""
    assert list((tmp_path / "hub").glob("models--*/snapshots/*/model.safetensors"))
