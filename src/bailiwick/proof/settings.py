"""What else has to be so: every line could be read, IPv6 off means that none of it passes, and the kernel forwards."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, NONE, Interfaces
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.packets import engine, header
from bailiwick.packets.header import State
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.likely import likely
from bailiwick.packets.possible import possible
from bailiwick.packets.region import Region
from bailiwick.proof.difference import Difference, Kind

OFF = "net.ipv6.conf.{}.disable_ipv6"
ROUTEROS_OFF = "/ipv6/settings disable-ipv6"


def ipv6_is_off(device: Device, interfaces: Interfaces, pure: bool = False) -> Iterator[Difference]:
    """Not forwarded, not taken in, not sent, but for the loopback; and switched off on every interface."""
    pipeline = Pipeline(device, 6, interfaces, engine.space(header.widths(6), pure))
    space = pipeline.space
    for hook in ("input", "forward", "output"):
        passing = pipeline.filtered(hook).may & _here(pipeline, hook)
        if passing:
            fields = likely(space, passing)
            number = fields[header.IIF if hook != "output" else header.OIF]
            where = interfaces.label(number) or "the router"
            yield Difference(Kind.SETTING, f"IPv6 is off, and packets of it pass at {hook} on {where}")
    if device.platform == "routeros":
        value = device.settings.get(ROUTEROS_OFF, "no")
        if value != "yes":
            yield Difference(Kind.SETTING, f"IPv6 is off, and {ROUTEROS_OFF} is {value}")
        return
    for name in ("all", "default", *sorted(device.interfaces)):
        key = OFF.format(name)
        value = device.settings.get(key, device.settings.get(OFF.format("default"), "0"))
        if value != "1" and name != LOOPBACK:
            yield Difference(Kind.SETTING, f"IPv6 is off, and {key} is {value}")


def _here(pipeline: Pipeline, hook: str) -> Region:
    space, interfaces = pipeline.space, pipeline.interfaces
    every = interfaces.every - IntervalSet.single(interfaces.number(LOOPBACK))
    nobody = IntervalSet.single(NONE)
    sides = {
        "input": {header.IIF: every, header.OIF: nobody},
        "forward": {header.IIF: every, header.OIF: every},
        "output": {header.IIF: nobody, header.OIF: every},
    }[hook]
    # Where no first packet passes there is no connection that others belong to.
    first = IntervalSet.of((state, state) for state in (State.NEW, State.INVALID, State.UNTRACKED))
    return possible(space) & space.box({**sides, header.STATE: first})


def forwards(device: Device) -> Iterator[Difference]:
    """A router that forwards nothing is no router."""
    if not device.routing.forwarding:
        wanted = "/ip settings ip-forward is no" if device.platform == "routeros" else "net.ipv4.ip_forward is not 1"
        yield Difference(Kind.SETTING, f"the kernel forwards nothing: {wanted}")


def unread(device: Device) -> Iterator[Difference]:
    """What cannot be read may do anything: of files that we wrote every line is known."""
    for line, why in device.tally.unknown:
        yield Difference(Kind.SETTING, f"a line that cannot be read: {why}", line=line)
