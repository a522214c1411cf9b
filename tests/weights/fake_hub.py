"""A hub endpoint on this machine: just what huggingface_hub asks one for, with the hub's own headers."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """What the endpoint serves.

    Attributes:
        files: Path below ``OWNER/NAME``, for example ``timm/x/model.safetensors``, and content.
        repositories: Owner and name of every repository there is.
        gated: Repositories that need a login.
        tampered: Content that is sent instead of a file's, under the file's digest.
        requests: Method and path of each request so far.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    tampered: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def status(self, path: str) -> tuple[int, str]:
        """Return the answer's status and the hub's error code for a file."""
        repo = "/".join(path.split("/")[:2])
        if repo in self.gated:
            return 401, "GatedRepo"
        if not any(name.startswith(f"{repo}/") for name in self.files):
            return 404, "RepoNotFound"
        return (200, "") if path in self.files else (404, "EntryNotFound")


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        self.hub.requests.append(f"{self.command} {self.path}")
        path = self.path.lstrip("/").split("?")[0].replace("/resolve/main/", "/")
        path = path.replace(f"/resolve/{COMMIT}/", "/")
        status, code = self.hub.status(path)
        content = self.hub.files.get(path, b"")
        self.send_response(status)
        self.send_header("X-Repo-Commit", COMMIT)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        body = self.hub.tampered.get(path, content)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""


@contextmanager
def serving(hub: FakeHub) -> Iterator[FakeHub]:
    """Answer for ``hub`` on a free port of 127.0.0.1 until the body ends."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
