"""A real editor backend: python-lsp-server with its flake8 plugin, driven over its protocol."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pylsp", reason="python-lsp-server is not installed")
pytestmark = pytest.mark.tools

BUG = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        é = "🐍"; return F.dropout(x, 0.5)
"""
FIXED = BUG.replace("0.5)", "0.5, training=self.training)")
PLUGINS = {
    "flake8": {"enabled": True, "select": ["DRP"]},
    "pycodestyle": {"enabled": False},
    "pyflakes": {"enabled": False},
    "mccabe": {"enabled": False},
}


class Editor:
    """A client of the language server: enough of the protocol to open and change a file."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pylsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        self._inbox: queue.Queue[dict[str, Any]] = queue.Queue()
        self._next = 0
        threading.Thread(target=self._listen, daemon=True).start()
        self.request("initialize", {"rootUri": folder.as_uri(), "capabilities": {}})
        self.notify("initialized", {})
        self.notify(
            "workspace/didChangeConfiguration", {"settings": {"pylsp": {"plugins": PLUGINS}}}
        )

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while True:
            length = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                return
            self._inbox.put(json.loads(stream.read(length)))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def notify(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, params: dict[str, Any]) -> Any:
        self._next += 1
        self._send({"id": self._next, "method": method, "params": params})
        return self._wait(lambda message: message.get("id") == self._next)["result"]

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """The next diagnostics that the server publishes for a file."""
        message = self._wait(
            lambda m: (
                m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
            )
        )
        found: list[dict[str, Any]] = message["params"]["diagnostics"]
        return found

    def _wait(self, wanted: Any) -> dict[str, Any]:
        while True:
            message = self._inbox.get(timeout=60)
            if wanted(message):
                return message

    def close(self) -> None:
        self.request("shutdown", {})
        self.notify("exit", {})
        self._process.wait(timeout=30)


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    client = Editor(tmp_path)
    yield client
    client.close()


def test_the_editor_shows_the_finding_and_its_disappearance(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(BUG, encoding="utf-8")
    uri = path.as_uri()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": BUG}
    editor.notify("textDocument/didOpen", {"textDocument": document})

    [diagnostic] = editor.diagnostics(uri)
    assert diagnostic["code"] == "DRP001"
    assert diagnostic["source"] == "flake8"
    line = BUG.splitlines()[6]
    # python-lsp-server hands flake8's column, in code points, on as it is.
    assert diagnostic["range"]["start"] == {"line": 6, "character": line.index("F.dropout")}

    path.write_text(FIXED, encoding="utf-8")
    editor.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": FIXED}]},
    )
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert editor.diagnostics(uri) == []
