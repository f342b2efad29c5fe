"""Dumps of iptables, from the text to what is accepted and which rules are dead, with both engines of packet sets."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from itertools import pairwise

from bailiwick.dataplane.iptables import read
from bailiwick.dataplane.model import Device, Routing
from bailiwick.dataplane.symbolic.dead import dead_rules
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.packets import engine, header

STAGES = ("read", "accepted", "dead rules")


def audit_times(text: str, pure: bool) -> tuple[Mapping[str, float], int]:
    """Processor seconds of each of ``STAGES``, and how many rules no packet can match."""
    gc.collect()
    laps = [time.process_time()]
    device = Device("dump", tables=read(text).tables, routing=Routing(known=False))
    laps.append(time.process_time())
    pipeline = Pipeline(device, 4, space=engine.space(header.widths(4), pure))
    for hook in ("input", "forward", "output"):
        pipeline.filtered(hook)
    laps.append(time.process_time())
    dead = sum(1 for chains in pipeline.tables for _ in dead_rules(pipeline.reach(chains)))
    laps.append(time.process_time())
    return dict(zip(STAGES, (b - a for a, b in pairwise(laps)), strict=True)), dead
