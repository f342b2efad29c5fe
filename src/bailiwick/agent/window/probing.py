"""What must be so for a generation to be any good, asked by the device itself: each over a connection of its own."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Callable, Iterable
from contextlib import closing
from ipaddress import ip_address, ip_interface
from typing import Any, Protocol

from bailiwick.agent.commands import CommandFailed, run
from bailiwick.agent.model import Probe

STEADY = 10.0
"""Seconds for which a unit has to stay active; and in which everything else may come to hold."""
AGAIN = 1.0
"""Seconds between two questions."""
ANSWER = 2.0
"""Seconds for an answer."""
NAME_A, CLASS_IN = 1, 1  # RFC 1035 section 3.2

Told = Callable[[Probe, bool, str], None]


class CannotAsk(Exception):
    """The probe says something that is no question."""


class Clock(Protocol):
    """Seconds, and their passing."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


def ask(machine: Clock, probes: Iterable[Probe], told: Told) -> tuple[str, ...]:
    """What must hold and does not, in sentences. ``told`` hears of every probe, once.

    Units are looked at twice, STEADY apart, and may neither fail nor be started anew in between; a probe that does not
    hold is asked again until then. Raises CannotAsk.
    """
    end = machine.now() + STEADY
    left = list(probes)
    units = {probe.what: _unit(probe.what) for probe in left if probe.kind == "unit"}
    failed: list[str] = []

    def close(probe: Probe, why: str) -> None:
        told(probe, not why, why or sentence(probe))
        if why and probe.must:
            failed.append(why)

    while others := [probe for probe in left if probe.kind != "unit"]:
        answers = {probe: holds(probe) for probe in others}
        over = machine.now() >= end
        for probe, why in answers.items():
            if not why or over:
                close(probe, why)
                left.remove(probe)
        if over or all(not why for why in answers.values()):
            break
        machine.sleep(AGAIN)
    if units:
        machine.sleep(max(0.0, end - machine.now()))
    for probe in left:
        close(probe, _steady(probe.what, units[probe.what], _unit(probe.what)))
    return tuple(failed)


def units_hold(probes: Iterable[Probe]) -> tuple[str, ...]:
    """Units that must be active and are not, at this moment, in sentences."""
    units = [probe.what for probe in probes if probe.kind == "unit" and probe.must]
    try:
        said = run("systemctl", "is-active", "--", *units, may=range(1, 256)).split() if units else []
    except CommandFailed as failure:
        return (str(failure),)
    states = zip(units, said, strict=True) if len(units) == len(said) else [(unit, "unknown") for unit in units]
    return tuple(f"{unit} is {state}" for unit, state in states if state != "active")


def sentence(probe: Probe) -> str:
    """What the probe says is so."""
    match probe.kind:
        case "unit":
            return f"{probe.what} is active"
        case "resolves":
            return f"{probe.at} knows {probe.what}"
        case "address":
            return f"{probe.what} has {probe.at or 'an address'}"
        case "answers":
            return f"{probe.at} answers on {probe.what}"
        case "silent":
            return f"{probe.at} is silent on {probe.what}"
        case "uplink":
            return f"the default route leaves by {probe.what}"
        case kind:
            raise CannotAsk(f"there is no probe of the kind {kind!r}")


def holds(probe: Probe) -> str:
    """Why it does not, "" when it does. Raises CannotAsk."""
    what = sentence(probe)
    try:
        match probe.kind:
            case "resolves":
                return "" if _resolves(probe.what, probe.at) else f"{what}: it does not"
            case "address":
                return "" if _has_address(probe.what, probe.at) else f"{what}: it has none such"
            case "answers":
                return "" if _answers(probe) else f"{what}: it does not"
            case "silent":
                return f"{what}: it answers" if _answers(probe) else ""
            case "uplink":
                ways = json.loads(run("ip", "-j", "route", "show", "default") or "[]")
                return "" if any(way.get("dev") == probe.what for way in ways) else f"{what}: it does not"
            case _:
                return "" if _unit(probe.what)[0] == "active" else f"{what}: it is not"
    except CommandFailed as failure:
        return f"{what}: {failure}"


def _unit(name: str) -> tuple[str, str, str]:
    """Its state, and what changes with every start of it. Of systemctl(1) a failure is a state, too."""
    try:
        said = run("systemctl", "show", "--property=ActiveState,NRestarts,InvocationID", name)
    except CommandFailed as failure:
        return str(failure), "", ""
    values = dict(line.partition("=")[::2] for line in said.splitlines())
    return values.get("ActiveState", ""), values.get("NRestarts", ""), values.get("InvocationID", "")


def _steady(unit: str, before: tuple[str, str, str], after: tuple[str, str, str]) -> str:
    if after[0] != "active":
        return f"{unit} is {after[0]}"
    if before[0] != "active":
        return f"{unit} was {before[0]}, and came up late"
    return "" if before == after else f"{unit} did not stay up: it was started anew within {STEADY:.0f} seconds"


def _has_address(interface: str, wanted: str) -> bool:
    """``wanted`` with its prefix length, or without one, or any ("")."""
    links: list[dict[str, Any]] = json.loads(run("ip", "-j", "address", "show", "dev", interface))
    has = [ip_interface(f"{one['local']}/{one['prefixlen']}") for link in links for one in link.get("addr_info", ())]
    if not wanted:
        return any(not one.is_link_local for one in has)
    return ip_interface(wanted) in has if "/" in wanted else ip_address(wanted) in {one.ip for one in has}


def _resolves(name: str, resolver: str) -> bool:
    """Asked for its addresses, the resolver gives at least one (RFC 1035 section 4)."""
    number = os.urandom(2)
    labels = b"".join(struct.pack("B", len(part)) + part for part in name.rstrip(".").encode("idna").split(b"."))
    question = number + struct.pack("!5H", 0x0100, 1, 0, 0, 0) + labels + struct.pack("!B2H", 0, NAME_A, CLASS_IN)
    with closing(_socket(resolver, socket.SOCK_DGRAM)) as channel:
        try:
            channel.connect((resolver, 53))
            channel.send(question)
            answer = channel.recv(4096)
        except OSError:
            return False
    if len(answer) < 12 or answer[:2] != number:
        return False
    flags, answers = int.from_bytes(answer[2:4], "big"), int.from_bytes(answer[6:8], "big")
    return flags & 0x800F == 0x8000 and answers > 0


def _answers(probe: Probe) -> bool:
    """TCP: a connection is made. UDP: anything comes back for an empty datagram. A refusal is no answer."""
    protocol, _, port = probe.what.replace(" ", "/").partition("/")
    if protocol not in ("tcp", "udp") or not port.isdecimal():
        raise CannotAsk(f"{probe.what!r} is no protocol and port, as tcp/443")
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with closing(_socket(probe.at, kind)) as channel:
        try:
            channel.connect((probe.at, int(port)))
            if protocol == "udp":
                channel.send(b"")
                channel.recv(1)
        except OSError:
            return False
    return True


def _socket(address: str, kind: socket.SocketKind) -> socket.socket:
    """Raises CannotAsk."""
    try:
        family = socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6
    except ValueError as error:
        raise CannotAsk(f"{address!r} is no address") from error
    made = socket.socket(family, kind)
    made.settimeout(ANSWER)
    return made
