"""The resolver killed, and a clock that jumps: what the packets notice of it.

Here no systemd runs: what a unit's ``Restart=`` says is read, and the stage does in its place what it says.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from bailiwick.packets.packet import UDP
from bailiwick.plan.model import ResolverInstance
from bailiwick.twin.acts.failures.streams import AWAITED, sample, streaming
from bailiwick.twin.acts.nat.talk import comparison
from bailiwick.twin.acts.questions import PUBLIC_ANSWER, askers
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.result import Check
from bailiwick.twin.scene.units import UNIT_DIRECTORY
from bailiwick.twin.wire.conversations import DNS_PORT, Call
from bailiwick.twin.wire.messages import A, question, read_reply

KILLED = "dnsmasq killed"
CLOCK = "a clock that jumps"
PREFIX = "bailiwick-dnsmasq@"
RESTART = re.compile(r"^Restart=(.*)$", re.MULTILINE)
BACK_WITHIN = 20.0  # seconds


def killed(stage: Stage) -> Iterator[Check]:
    """All instances at once; then each comes back as its unit says."""
    names = [name for name in stage.router.daemons if name.startswith(PREFIX)]
    serving = [instance for instance in stage.plan.resolvers if instance.serves]
    for station in stage.layout.stations:
        if station.everything:
            stage.exchange.listen(station.name, UDP, DNS_PORT)
    with streaming(stage, sample(stage), AWAITED) as streams:
        for name in names:
            stage.router.daemons[name].kill()
            stage.router.daemons[name].wait()
        for number, instance in enumerate(serving):
            yield from _asked(stage, instance, f"gone-{number}", "no answer", 3 * stage.patience)
    yield streams.nothing_forbidden(f"{KILLED}: what is denied")
    yield streams.all_open(f"{KILLED}: what is open")
    for name in names:
        yield _unit(stage, name)
        stage.router.again(name)
    for number, instance in enumerate(serving):
        yield from _asked(stage, instance, f"back-{number}", PUBLIC_ANSWER, BACK_WITHIN)
    yield Check(f"{KILLED}: systemd starts it again", "by its unit", "not tried, no systemd runs here", None)


def _unit(stage: Stage, name: str) -> Check:
    template = Path(UNIT_DIRECTORY) / f"{name.partition('@')[0]}@.service"
    found = RESTART.findall(stage.script.tree.file(str(template)).text)
    return comparison(f"{KILLED}: its unit", name, "Restart=always", "".join(f"Restart={word}" for word in found))


def _asked(stage: Stage, instance: ResolverInstance, name: str, expected: str, patience: float) -> Iterator[Check]:
    """One who asks this resolver asks it for a name of the internet, again and again until it answers."""
    for station, source in askers(instance, stage.plan, stage.layout):
        words = f"{name}-{station.name.replace('.', '-')}.example"
        end = time.monotonic() + patience
        seen = "no answer"
        while seen != expected or expected == "no answer":
            call = Call(station.name, source, station.gateway or source, UDP, DNS_PORT, question(7, words, A))
            (said,) = stage.exchange.call([call], stage.patience)
            seen = ", ".join(read_reply(said).values) if said and not said.startswith(b"error") else "no answer"
            if time.monotonic() > end or (expected == "no answer" and seen != expected):
                break
        asked = {by for by, what in stage.exchange.asked if what == words}
        if expected == "no answer" and asked:
            seen = f"{', '.join(sorted(asked))} was asked past it"
        yield comparison(f"{KILLED}: {instance.id}, asked by {source}", name.partition("-")[0], expected, seen)
        return


def clock(stage: Stage) -> Iterator[Check]:
    """Wall time has no namespace (time_namespaces(7)); conntrack counts ticks and never reads it (``nfct_time_stamp``,
    include/net/netfilter/nf_conntrack.h), dnsmasq writes it into its leases."""
    names = ", ".join(server.id for server in stage.plan.dhcp) or "no DHCP here"
    reason = "not tried, wall time has no namespace of its own"
    yield Check(f"{CLOCK}: leases of {names}", "kept", reason, None)
    yield Check(f"{CLOCK}: connections", "kept", f"{reason}, and conntrack does not read it", None)
