"""Packets at the edges of what a RouterOS script's rules name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from random import Random

from bailiwick.dataplane.interpreter import Header
from bailiwick.dataplane.model import Device
from tests.proof.mutations.boundary import Boundary
from tests.proof.mutations.wishes import Wish

_PAIR = re.compile(r'(?<= )([a-z0-9-]+)=("(?:\\.|[^"\\])*"|\S*)')
_RULE = re.compile(r"/ip firewall (?:filter|nat|mangle) add ")
_HOOKS = {
    "input": "input", "forward": "forward", "output": "output", "dstnat": "prerouting", "prerouting": "prerouting",
    "srcnat": "forward", "postrouting": "forward",
}  # fmt: skip
_KEYS = {
    "in-interface": "iifname", "out-interface": "oifname", "src-address": "ip saddr", "dst-address": "ip daddr",
    "protocol": "meta l4proto", "dst-port": "th dport", "src-address-list": "ip saddr", "dst-address-list": "ip daddr",
}  # fmt: skip


class ScriptBoundary(Boundary):
    """``size`` packets, half of them asked for by rules. What a rule asks for is read from its words alone."""

    def __init__(self, device: Device, text: str, seed: int, size: int) -> None:
        super().__init__(device, "", seed, size // 2)
        self._chance = Random(seed)
        self._lists: dict[str, list[str]] = defaultdict(list)
        self._callers: dict[str, list[dict[str, str]]] = defaultdict(list)
        lines = text.split("\n")
        for line in lines:
            said = pairs(line)
            if line.startswith("/ip firewall address-list add "):
                self._lists[said["list"]].append(said["address"])
            elif "jump-target" in said:
                self._callers[said["jump-target"]].append(said)
        asked = [line for line in lines if _RULE.match(line)]
        for line in asked:
            for packet in self.for_line(line, max(1, size // 4 // len(asked))):
                self._add(packet)

    def for_line(self, line: str, count: int) -> Iterator[Header]:
        """``count`` packets that the rule asks for, and as many that differ from one of them in one thing."""
        for _ in range(count):
            packet = self._wished(self._wish(pairs(line)))
            yield packet
            yield self._beside(packet)

    def for_list(self, text: str, line: str, count: int) -> Iterator[Header]:
        """For an entry of an address list: packets for the rules that look there, with what the entry names."""
        said = pairs(line)
        rules = [one for one in text.split("\n") if _RULE.match(one) and said.get("list") in _listed(pairs(one))]
        for rule in rules:
            for _ in range(count):
                yield self._wished(self._wish(pairs(rule), said.get("address", "")))

    def _wish(self, said: dict[str, str], entry: str = "") -> Wish:
        asked, hook = dict(said), _HOOKS.get(said.get("chain", ""), "")
        for _ in range(4):
            if hook:
                break
            callers = self._callers.get(asked.get("chain", ""))
            if not callers:
                break
            caller = self._chance.choice(callers)
            asked = {**caller, **asked, "chain": caller["chain"]}
            hook = _HOOKS.get(caller["chain"], "")
        values: dict[str, str] = {}
        for key, text in asked.items():
            value = text
            if key.endswith("-list") and key in _KEYS:
                value = entry or self._chance.choice(self._lists.get(text.removeprefix("!")) or [""])
            if key in _KEYS and value:
                values[_KEYS[key]] = value.removeprefix("!")
        if values.get("meta l4proto") in ("tcp", "udp") and "th dport" in values:
            values[f"{values['meta l4proto']} dport"] = values.pop("th dport")
        return Wish(values, hook, said.get("connection-nat-state") == "dstnat")


def pairs(line: str) -> dict[str, str]:
    """The arguments of a line, without their quotes."""
    return {key: value.strip('"') for key, value in _PAIR.findall(line)}


def _listed(said: dict[str, str]) -> set[str]:
    return {said[key].removeprefix("!") for key in ("src-address-list", "dst-address-list") if key in said}
