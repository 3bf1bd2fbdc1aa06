"""A server for this machine's browser alone: the page, and pictures as JSON.

It listens to 127.0.0.1, answers requests that name it so (a page elsewhere whose name was pointed
here does not), and knows two kinds of address: the page, and the picture of a panel. It reads no
files.
"""

import json
import sys
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mvtheory.explore.page import served
from mvtheory.explore.panel import Panel

ADDRESS = "127.0.0.1"
PICTURE = "/picture/"


class Explorer(ThreadingHTTPServer):
    """The server of some panels, on a port of its own choice if none is given.

    Raises ValueError for a port that is out of range or in use.
    """

    daemon_threads = True

    def __init__(self, panels: Sequence[Panel], port: int = 0):
        if not 0 <= port <= 65535:
            raise ValueError(
                f"port={port} is not allowed (0 to 65535, 0 for any that is free); choose one"
            )
        try:
            super().__init__((ADDRESS, port), Handler)
        except OSError as error:
            raise ValueError(
                f"port={port} cannot be had ({error.strerror}); choose another, or none"
            ) from error
        self.panels = {panel.name: panel for panel in panels}
        self.locks = {name: threading.Lock() for name in self.panels}
        self.page = served(panels).encode()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser may leave before it has its answer; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def address(self) -> str:
        """What a browser is to open."""
        return f"http://{ADDRESS}:{self.server_port}/"

    def picture(self, name: str, query: str) -> dict[str, Any]:
        """What a panel shows at the values of a query; ValueError for those not allowed."""
        panel = self.panels[name]
        values = panel.read(dict(parse_qsl(query, keep_blank_values=True)))
        # What a panel estimates once is not estimated twice at the same time.
        with self.locks[name]:
            return panel.picture(**values).plain()


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Explorer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("Host") not in self._names():
            return self._answer(HTTPStatus.FORBIDDEN, "text/plain", b"not this host")
        asked = urlsplit(self.path)
        name = asked.path.removeprefix(PICTURE)
        if asked.path == "/":
            return self._answer(HTTPStatus.OK, "text/html; charset=utf-8", self.server.page)
        if not asked.path.startswith(PICTURE) or name not in self.server.panels:
            return self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"no such page")
        try:
            status, found = HTTPStatus.OK, self.server.picture(name, asked.query)
        except (ValueError, ArithmeticError, RuntimeError, MemoryError) as error:
            status, found = HTTPStatus.BAD_REQUEST, {"error": " ".join(str(error).split())}
        self._answer(status, "application/json", json.dumps(found, allow_nan=False).encode())

    def _names(self) -> tuple[str, ...]:
        port = self.server.server_port
        return f"{ADDRESS}:{port}", f"localhost:{port}"

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a line for each move of a slider says nothing."""
