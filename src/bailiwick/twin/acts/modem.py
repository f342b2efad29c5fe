"""A modem's own page, and the browsers that ask for it (HTTP/1.1, RFC 9112)."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from threading import Thread
from typing import Any

from bailiwick.twin.aim.visits import HTTP, Visit
from bailiwick.twin.result import Check
from bailiwick.twin.scene.namespaces import within

AT_ONCE = 32
LONGER = 10
"""How much longer a page that is to be shown is waited for: the modem's threads and the browsers' take turns."""
POLL = 0.02  # seconds, between two looks whether to end


def _identity(uplink: str, peer: str) -> str:
    return f"modem of {uplink}, asked by {peer}"


class _Page(BaseHTTPRequestHandler):
    """The same few lines whatever is asked: whose modem it is, and whom it sees."""

    protocol_version = "HTTP/1.1"

    def __init__(self, uplink: str, *more: Any) -> None:
        self.uplink = uplink
        super().__init__(*more)

    def do_GET(self) -> None:  # the library's name
        page = f"<!DOCTYPE html>\n<title>Modem</title>\n<p>{_identity(self.uplink, self.client_address[0])}</p>\n"
        body = page.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    address_family = socket.AF_INET

    def server_bind(self) -> None:
        """Without looking its own name up, as the library's does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address[:2])


@contextmanager
def _page(uplink: str, modem: IPv4Address) -> Iterator[None]:
    with within(f"uplink.{uplink}.far"):
        server = _Server((str(modem), HTTP), partial(_Page, uplink))
    with server:
        thread = Thread(target=server.serve_forever, args=(POLL,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _ask(visit: Visit, patience: float) -> str:
    """What the browser shows, or "no answer"."""
    with within(visit.station):
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection = HTTPConnection(str(visit.modem), HTTP)
    connection.sock = one
    with one:
        one.settimeout(patience)
        try:
            one.bind((str(visit.source), 0))
            one.connect((str(visit.modem), HTTP))
            connection.request("GET", "/")
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, HTTPException):
            return "no answer"
    shown = text.partition("<p>")[2].partition("</p>")[0]
    return shown if answer.status == HTTPStatus.OK and shown else f"status {answer.status}"


def ask_modems(visits: Sequence[Visit], patience: float) -> tuple[Check, ...]:
    """Every visit at once, while every modem serves its page."""
    if not visits:
        return ()
    with ExitStack() as stack:
        for uplink, modem in dict.fromkeys((visit.uplink, visit.modem) for visit in visits):
            stack.enter_context(_page(uplink, modem))
        with ThreadPoolExecutor(AT_ONCE) as browsers:
            answers = list(browsers.map(lambda visit: _ask(visit, (LONGER if visit.seen_as else 1) * patience), visits))
    checks: list[Check] = []
    for visit, seen in zip(visits, answers, strict=True):
        expected = _identity(visit.uplink, str(visit.seen_as)) if visit.seen_as else "no answer"
        subject = f"the page of the modem at {visit.modem}, asked for by {visit.source} in {visit.zone}"
        checks.append(Check(subject, expected, seen, seen == expected))
    return tuple(checks)
