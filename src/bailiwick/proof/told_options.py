"""DHCP options that clients hear, read back from their bytes and held against the home file's words.

Reading is not writing turned round: lengths, flags and pointers are looked at here alone (RFC 1035 §4.1.4, 2132, 3361,
3397, 3442). Bytes that are none of the option's are shown as they are, and so equal no value.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from bailiwick.dataplane.handouts import DhcpNetwork, DhcpOption
from bailiwick.dataplane.tally import Line
from bailiwick.network.dhcp_options import OPTIONS
from bailiwick.network.dhcp_values import WIDTHS, Form, form
from bailiwick.network.model import Network, Zone

CLOCKS = 42
"""NTP servers: RouterOS has a word of its own for them, and so has what was read."""
_NAMES = {number: name for name, (number, _) in OPTIONS.items()}


def misheard(network: Network, zone: Zone, told: DhcpNetwork) -> Iterator[tuple[str, Line]]:
    """What clients of the zone hear otherwise than it is meant, with the line that says so."""
    meant = {number: parts for number, parts in network.options(zone).items() if number != CLOCKS}
    seen: dict[int, DhcpOption] = {}
    for one in told.options:
        what = _called(one.number)
        if one.number in seen:
            yield f"clients of {zone.name} are told {what} twice", one.line
            continue
        seen[one.number] = one
        if one.forced:
            yield f"clients of {zone.name} are told {what} though they do not ask for it", one.line
        if one.number not in meant:
            yield f"clients of {zone.name} are told {what}, which nothing asks for", one.line
            continue
        parts = meant[one.number]
        heard, wanted = heard_as(one.number, parts, one.value), _worded(one.number, parts)
        if heard != wanted:
            yield f"clients of {zone.name} are told {what} {heard} rather than {wanted}", one.line
    for number, parts in meant.items():
        if number not in seen:
            sentence = f"clients of {zone.name} are not told {_called(number)} {_worded(number, parts)}"
            yield sentence, told.line


def clocks(network: Network, zone: Zone) -> tuple[IPv4Address, ...] | None:
    """The option's own, in their order; None where the home's NTP servers follow."""
    parts = network.options(zone).get(CLOCKS)
    return None if parts is None else tuple(map(IPv4Address, parts))


def _called(number: int) -> str:
    return f"{_NAMES[number]} (DHCP option {number})" if number in _NAMES else f"DHCP option {number}"


def _worded(number: int, parts: tuple[str, ...]) -> str:
    """The home file's value, in the words of ``heard_as``."""
    match form(number, parts):
        case Form.NUMBER:
            return str(int(parts[0]))
        case Form.ADDRESSES | Form.SERVER_ADDRESSES:
            return _list(IPv4Address(part) for part in parts)
        case Form.ROUTES:
            pairs = zip(parts[::2], parts[1::2], strict=True)
            return _list(f"{IPv4Network(net)} by {IPv4Address(by)}" for net, by in pairs)
        case Form.BYTES:
            return ":".join(one.zfill(2).lower() for one in parts[0].split(":"))
        case Form.NAMES | Form.SERVER_NAMES:
            return _list(parts)
        case Form.TEXT | Form.TERMINATED:
            return repr(",".join(parts))


def heard_as(number: int, parts: tuple[str, ...], value: bytes) -> str:
    """What a client makes of the bytes, where ``parts`` say which form it expects."""
    raw = value.hex(":")
    try:
        match form(number, parts):
            case Form.NUMBER:
                return _number(number, parts, value)
            case Form.ADDRESSES:
                return _addresses(value)
            case Form.SERVER_ADDRESSES:
                return _addresses(value[1:]) if value[:1] == b"\x01" else raw
            case Form.SERVER_NAMES:
                return _list(_names(value[1:])) if value[:1] == b"\x00" else raw
            case Form.NAMES:
                return _list(_names(value))
            case Form.ROUTES:
                return _list(_routes(value))
            case Form.BYTES:
                return raw
            case Form.TERMINATED:
                return repr((value if len(value) == 255 else _unterminated(value)).decode("ascii"))
            case Form.TEXT:
                return repr(value.decode("ascii"))
    except ValueError:
        return f"{raw}, which is no such value"


def _number(number: int, parts: tuple[str, ...], value: bytes) -> str:
    """As wide as the option has it; a number of an option that says nothing of it is as short as it can be."""
    if number in WIDTHS:
        width, signed = WIDTHS[number]
    else:
        width, signed = next(size for size in (1, 2, 4) if int(parts[0]) < 1 << 8 * size), False
    if len(value) != width:
        raise ValueError
    return str(int.from_bytes(value, "big", signed=signed))


def _addresses(value: bytes) -> str:
    if not value or len(value) % 4:
        raise ValueError
    return _list(IPv4Address(value[at : at + 4]) for at in range(0, len(value), 4))


def _routes(value: bytes) -> Iterator[str]:
    at = 0
    while at < len(value):
        prefix, reached = value[at], -(-value[at] // 8)
        network, router = value[at + 1 : at + 1 + reached], value[at + 1 + reached : at + 5 + reached]
        if prefix > 32 or len(router) != 4:
            raise ValueError
        yield f"{IPv4Network((network.ljust(4, bytes(1)), prefix))} by {IPv4Address(router)}"
        at += 5 + reached


def _names(value: bytes) -> list[str]:
    found, at = [], 0
    while at < len(value):
        labels, at = _labels(value, at, at)
        found.append(".".join(labels))
    return found


def _labels(value: bytes, at: int, begun: int) -> tuple[list[str], int]:
    """A name and where the next one begins. A pointer leads to before where this one has begun."""
    if at >= len(value):
        raise ValueError
    size = value[at]
    if size == 0:
        return [], at + 1
    if size >= 0xC0:
        if at + 1 >= len(value) or (back := int.from_bytes(value[at : at + 2], "big") & 0x3FFF) >= begun:
            raise ValueError
        return _labels(value, back, back)[0], at + 2
    label = value[at + 1 : at + 1 + size]
    if size > 63 or len(label) != size or b"." in label:
        raise ValueError
    rest, end = _labels(value, at + 1 + size, begun)
    return [label.decode("ascii"), *rest], end


def _unterminated(value: bytes) -> bytes:
    if value[-1:] != b"\0":
        raise ValueError
    return value[:-1]


def _list(some: Iterator[object] | tuple[str, ...] | list[str]) -> str:
    return ", ".join(map(str, some))
