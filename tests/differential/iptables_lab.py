"""Load a random iptables rule set, read what was written by the reader, and hold the interpreter against the kernel."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

from bailiwick.dataplane.interpreter import Interpreter
from bailiwick.dataplane.iptables import read
from tests.differential.comparison import Comparison, Tally
from tests.differential.constants import Constants, packet
from tests.differential.iptables_rules import ruleset
from tests.differential.lab import ZONES, Lab
from tests.differential.nft_lab import handles, route, unroute
from tests.differential.routes import Way, device, ways
from tests.differential.traces import switch


def compare(lab: Lab, seed: int, packets: int) -> Tally:
    """One rule set and its packets; raises CommandFailed with the text when iptables-restore refuses it."""
    random = Random(seed)
    constants = Constants.random(random, random.choice((4, 4, 6)))
    text, way = ruleset(random, constants), (ways(random, constants) if lab.policy else Way((), (), ()))
    route(lab, way)
    try:
        lab.inside("nft", "flush", "ruleset")
        lab.inside("iptables-nft-restore" if constants.family == 4 else "ip6tables-nft-restore", stdin=text)
        lab.inside("nft", "-f", "-", stdin=switch(list(ZONES)))
        listing = json.loads(lab.inside("nft", "-j", "list", "ruleset"))
        reading = read(text, family=constants.family)
        assert not reading.tally.unknown, reading.tally.unknown
        assert reading.tally.adds_up
        interpreter = Interpreter(replace(device(way), tables=reading.tables))
        names = handles(listing)
        silent = frozenset(
            names[table.name, chain.name, at]
            for table in reading.tables
            for chain in table.chains.values()
            for at, rule in enumerate(chain.rules)
            if " CONNMARK " in rule.line.text
        )
        comparison = Comparison(lab, interpreter, names, random, silent)
        return comparison.run([packet(random, constants) for _ in range(packets)])
    finally:
        unroute(lab, way)
