"""Small exports, and what was read from them."""

from __future__ import annotations

from pathlib import Path

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.routeros import read_export
from bailiwick.dataplane.rules import Chain, Rule, Step

ARTICLE = Path(__file__).with_name("article.rsc")


def read(text: str) -> Device:
    device = read_export(text, "router.rsc")
    assert device.tally.adds_up
    return device


def chain(device: Device, name: str, table: str = "filter", family: str = "ip") -> Chain:
    (found,) = (one for one in device.tables if one.family == family and one.name == table)
    return found.chains[name]


def rule(arguments: str, before: str = "", menu: str = "/ip firewall filter", where: str = "forward") -> Rule:
    """The one rule that a line makes."""
    device = read(f"{before}\n{menu}\nadd chain={where} {arguments}\n")
    family, table = menu.strip("/").split()[0].replace("ipv6", "ip6"), menu.rsplit(maxsplit=1)[-1]
    (found,) = chain(device, where, table, family).rules
    return found


def steps(
    arguments: str, before: str = "", menu: str = "/ip firewall filter", where: str = "forward"
) -> tuple[Step, ...]:
    return rule(arguments, before, menu, where).steps


def unknown(device: Device) -> dict[int, str]:
    """Line number to what was not understood."""
    return {line.number: what for line, what in device.tally.unknown}


def ignored(device: Device) -> dict[int, str]:
    return {line.number: why for line, why in device.tally.ignored}
