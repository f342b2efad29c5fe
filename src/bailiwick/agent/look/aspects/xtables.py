"""Rules of iptables: what ``iptables-save`` prints of them, as nft's JSON has the mere names of its matches, and does
not know the older tables of the kernel at all (iptables-save(8), xtables-legacy(8))."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bailiwick.agent.look import foreign
from bailiwick.agent.look.aspects.fact import Fact, Side

Place = tuple[str, str, str]
"""Family, table, chain."""
_CHAIN = re.compile(r":(\S+) (\S+)")
_RULE = re.compile(r"-A (\S+) ?(.*)")


def rules(family: str, text: str) -> dict[Place, list[str]]:
    """The rules of each chain, in their order."""
    found: dict[Place, list[str]] = {}
    for table, line in _lines(text):
        if rule := _RULE.match(line):
            found.setdefault((family, table, rule[1]), []).append(rule[2])
    return found


def _lines(text: str) -> Iterator[tuple[str, str]]:
    table = ""
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith((":", "-A ")):
            yield table, line


def legacy(family: str, text: str | None, links: Mapping[str, str]) -> Side:
    """Facts of the kernel's older tables; ``text`` None: they are there, and no program here tells what is in them."""
    side = Side()
    if text is None:
        side.add(Fact(f"table legacy-{family} iptables", "not read: there is no iptables-legacy-save on this machine"))
        return side
    for table, line in _lines(text):
        place = f"legacy-{family} {table}"
        if chain := _CHAIN.match(line):
            if chain[2] not in ("ACCEPT", "-"):  # what lets everything pass is there as soon as somebody looks
                side.add(_fact(f"chain {place} {chain[1]}", f"policy {chain[2]}", chain[1], links))
        elif rule := _RULE.match(line):
            side.add(_fact(f"rule in {place} {rule[1]}", rule[2], rule[1], links))
    side.lasting.sort(key=lambda fact: fact.subject)
    return side


def _fact(subject: str, value: str, chain: str, links: Mapping[str, str]) -> Fact:
    owner = foreign.of_chain(chain) or foreign.of_rule(value, links)
    return Fact(subject, value, whose="" if owner in foreign.RIVALS else owner)
