"""Load a random nft rule set, read it back by the readers, and hold the interpreter against the kernel."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from random import Random

from bailiwick.dataplane.interpreter import Interpreter
from bailiwick.dataplane.nft import read
from tests.differential.comparison import Comparison, Handles, Tally
from tests.differential.constants import Constants, packet
from tests.differential.lab import ZONES, Lab
from tests.differential.nft_rules import ruleset
from tests.differential.routes import Way, device, ways
from tests.differential.traces import OURS, switch


def compare(lab: Lab, seed: int, packets: int) -> Tally:
    """One rule set and its packets; raises CommandFailed with the text when nft refuses it."""
    random = Random(seed)
    constants = Constants.random(random, random.choice((4, 4, 6)))
    text, way = ruleset(random, constants), (ways(random, constants) if lab.policy else Way((), (), ()))
    route(lab, way)
    try:
        lab.inside("nft", "-f", "-", stdin=f"flush ruleset\n{text}\n{switch(list(ZONES))}")
        listing = json.loads(lab.inside("nft", "-j", "list", "ruleset"))
        tables, tally = read(_completed(listing, text))
        assert not tally.unknown, tally.unknown
        tables = tuple(table for table in tables if table.name != OURS)
        interpreter = Interpreter(replace(device(way), tables=tables))
        comparison = Comparison(lab, interpreter, handles(listing), random)
        return comparison.run([packet(random, constants) for _ in range(packets)])
    finally:
        unroute(lab, way)


def _completed(listing: dict[str, list[dict[str, dict[str, object]]]], text: str) -> object:
    """With the interface that an ingress chain stands at, which nft 1.0.6 leaves out of its JSON."""
    devices = re.findall(r"hook ingress device (\S+)", text)
    for one in listing["nftables"]:
        chain = one.get("chain", {})
        if chain.get("hook") == "ingress" and "dev" not in chain:
            chain["dev"] = list(ZONES) if chain["table"] == OURS else devices[0]
    return listing


def handles(listing: dict[str, list[dict[str, dict[str, object]]]]) -> Handles:
    found: Handles = {}
    count: dict[tuple[str, str], int] = {}
    for one in listing["nftables"]:
        if "chain" in one:
            chain = (str(one["chain"]["table"]), str(one["chain"]["name"]))
            found[(*chain, -1)] = (*chain, 0)
        if "rule" in one:
            chain = (str(one["rule"]["table"]), str(one["rule"]["chain"]))
            at = count.get(chain, 0)
            count[chain] = at + 1
            found[(*chain, at)] = (*chain, int(str(one["rule"]["handle"])))
    return found


def route(lab: Lab, way: Way) -> None:
    for family in ("-4 ", "-6 "):
        lines = [line.removeprefix(family) for line in way.commands if line.startswith(family)]
        if lines:
            lab.inside("ip", family.strip(), "-batch", "-", stdin="\n".join(lines) + "\n")


def unroute(lab: Lab, way: Way) -> None:
    for family in ("-4 ", "-6 "):
        lines = [
            line.removeprefix(family).replace(" add ", " del ", 1) for line in way.commands if line.startswith(family)
        ]
        if lines:
            lab.inside("ip", family.strip(), "-batch", "-", stdin="\n".join(lines) + "\n")
