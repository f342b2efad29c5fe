"""Readings of what a WireGuard tunnel's far end is known by: its key and where it is met (wg(8))."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from bailiwick.language.addresses import is_address, read_cidr
from bailiwick.language.names import DOMAIN
from bailiwick.language.reading import DECIMAL, Unreadable, raw_text

KEY_BYTES = 32
"""Of a Curve25519 key (RFC 7748 §5)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``host`` is a whole IPv4 address or a domain name; ``port`` is UDP."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def read_key(raw: Any) -> str:
    """A public key in base64 (RFC 4648 §4), as wg(8) prints it: in no second spelling."""
    text = raw_text(raw)
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(
            "wireguard-key",
            f"`{text}` is not base64, which WireGuard's keys are written in.",
            "copy the peer's `PublicKey` from the provider's file: 44 characters, the last of them `=`",
        ) from None
    if len(key) != KEY_BYTES:
        raise Unreadable(
            "wireguard-key",
            f"`{text}` is a key of {len(key)} bytes, and WireGuard's have {KEY_BYTES}.",
            "copy all 44 characters, the last of them `=`",
        )
    plain = base64.b64encode(key).decode()
    if plain != text:
        raise Unreadable("wireguard-key", f"`{text}` has bits after its last byte.", f"write `{plain}`")
    if not any(key):
        raise Unreadable("wireguard-key", "The key is all zeros, which stands for no peer.")
    return text


_HOST_AND_PORT = re.compile(r"(?P<host>[^:]+):(?P<port>[^:]*)")
_HELP = "write `name:port` or `address:port`, as `de1.vpn.example:51820`"


def read_endpoint(raw: Any) -> Endpoint:
    """``host:port``; a name in lower case."""
    text = raw_text(raw)
    if text.startswith("[") or text.count(":") > 1:
        raise Unreadable(
            "wireguard-endpoint", f"`{text}` looks like IPv6, which is `off` for now.", "write the IPv4 address or name"
        )
    match = _HOST_AND_PORT.fullmatch(text)
    if not match:
        raise Unreadable("wireguard-endpoint", f"`{text}` names no port.", _HELP)
    host, port = match["host"].lower().removesuffix("."), match["port"]
    if not DECIMAL.fullmatch(port) or not 1 <= int(port) <= 65535:
        raise Unreadable("wireguard-endpoint", f"`{port}` is no UDP port from 1 to 65535.", _HELP)
    numeric = host.replace(".", "").isdigit()
    if not (is_address(host) if numeric else DOMAIN.fullmatch(host)):
        raise Unreadable("wireguard-endpoint", f"`{match['host']}` is neither an IPv4 address nor a name.", _HELP)
    return Endpoint(host, int(port))


def read_networks(raw: Any) -> tuple[IPv4Network, ...]:
    """One network, or several in the order in which they stand."""
    return tuple(read_cidr(one) for one in (raw if isinstance(raw, list) else [raw]))
