"""Mirrors: the switch chip copies a port's frames, both ways, in the words that it has for that.

Source: MikroTik's manual, "Switch Chip Features" and "Marvell Prestera switch chip features" (port mirroring). They
stand last: where the device is of another model than the home file says, a line here fails when all else is done.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.network.model import Chip, Copying
from bailiwick.plan.switching import Mirror, VlanBridge
from bailiwick.targets.lines import Line, comments
from bailiwick.targets.routeros.syntax import command

SWITCH = "/interface ethernet switch"
PORT = "/interface ethernet switch port"


def mirrors(plan: VlanBridge) -> Iterator[Line]:
    """For each chip: no mirror, then the one that is asked for. Nothing for a chip that copies none.

    Raises ValueError for a mirror of a port that is on none of the chips.
    """
    chips = [chip for chip in plan.chips if chip.copies]
    astray = [one.id for one in plan.mirrors if not any(one.target in chip.ports for chip in chips)]
    if astray:
        raise ValueError(f"{astray[0]} is on no switch chip that copies")
    if chips:
        yield from comments("What the switch chip copies. A line here that fails: the device is of another model.")
    for chip in chips:
        yield from _none(chip)
        for mirror in plan.mirrors:
            if mirror.target in chip.ports:
                yield from _one(chip, mirror)


def _none(chip: Chip) -> Iterator[Line]:
    """What an earlier script or somebody else had copied."""
    said = {str(chip.copies): "none"}
    if chip.copies is Copying.ONE_SOURCE:
        said |= {"mirror-target": "none"}
    yield command(SWITCH, "set", said, of=chip.switch)
    if chip.copies is Copying.ONE_SOURCE:
        return
    off = {"mirror-ingress": "no", "mirror-egress": "no"}
    if chip.copies is Copying.EACH_WAY:
        off |= {"mirror-ingress-target": "none"}
    for port in chip.ports:
        yield command(PORT, "set", off, of=port)


def _one(chip: Chip, mirror: Mirror) -> Iterator[Line]:
    ids = (mirror.id,)
    if chip.copies is Copying.ONE_SOURCE:
        said = {"mirror-source": mirror.sources[0], "mirror-target": mirror.target}
        yield command(SWITCH, "set", said, ids, of=chip.switch)
        return
    both = {"mirror-ingress": "yes", "mirror-egress": "yes"}
    if chip.copies is Copying.EACH_WAY:
        both |= {"mirror-ingress-target": mirror.target}
    for source in mirror.sources:
        yield command(PORT, "set", both, ids, of=source)
    yield command(SWITCH, "set", {str(chip.copies): mirror.target}, ids, of=chip.switch)
