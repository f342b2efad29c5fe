"""Connections that began under other rules: those that the rules in force refuse end, the others live.

The kernel decides about the first packet of a connection alone; whatever was open when the rules changed stays open.
Here each of them is judged as if it began now. One that is refused, or would be translated otherwise, is forgotten by
the kernel, so that neither end's packets pass any more. One of which nobody here can tell is forgotten too, without
more: its next packet is judged by the kernel itself, as a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bailiwick.agent.connections import conntrack, ended
from bailiwick.agent.connections.conntrack import Connection, Ends
from bailiwick.agent.connections.judging import Judge, Verdict
from bailiwick.agent.connections.netlink import Damaged, Netfilter
from bailiwick.agent.look.listing import Unseen
from bailiwick.agent.look.running import Running, running
from bailiwick.agent.places import Places
from bailiwick.dataplane.unreadable import Unreadable

ROUNDS = 3
"""Lists of the kernel's table that are gone through: what one of them lacks, because the table changes, the next has.

What was forgotten in one of them and is there again with the same ends has begun under the rules in force."""
LEGACY = {"ip_tables_names", "ip6_tables_names"}


class NotReconciled(Exception):
    """Open connections could not be judged, or not be ended; one plain sentence."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """``ended`` are refused or would be translated otherwise; ``unknown`` the kernel judges again. ``kept`` is the
    number of those that go on."""

    ended: tuple[Connection, ...] = ()
    kept: int = 0
    unknown: tuple[Connection, ...] = ()

    def __str__(self) -> str:
        words = [f"{len(self.ended)} open connections ended, {self.kept} go on"]
        if self.unknown:
            words.append(f"{len(self.unknown)} are judged anew by their next packet")
        return ", ".join(words)


def reconcile(places: Places, tell: Callable[[str], None], device: Running | None = None) -> Reconciled:
    """Judge every open connection by the rules in force, and end those that they refuse; ``tell`` gets one sentence.

    ``device`` is how it runs now, None: it is looked at. What must not come back is in a table of its own before
    anything is forgotten, so that nothing slips in between. Raises NotReconciled.
    """
    try:
        found = _reconcile(device or running(), places)
    except (Unseen, Unreadable, Damaged, ValueError) as error:
        raise NotReconciled(f"open connections cannot be judged: {error}") from error
    except OSError as error:
        raise NotReconciled(f"open connections cannot be ended: {error}") from error
    tell(str(found))
    return found


def _reconcile(now: Running, places: Places) -> Reconciled:
    judge = Judge(now.device, _hidden(places))
    held = list(ended.standing(now.ruleset)) if judge.ours else []
    if ended.there(now.ruleset) and not held:
        ended.hold(())
    judged: set[tuple[Ends, int]] = set()
    refused: list[Connection] = []
    unknown: list[Connection] = []
    with Netfilter() as netfilter:
        for _ in range(ROUNDS):
            kept, going, back = set[bytes](), list[Connection](), list[Connection]()
            for one in conntrack.connections(netfilter):
                known = (one.original, one.zone)
                verdict = Verdict.KEEP if known in judged else judge.verdict(one)
                if verdict is Verdict.KEEP:
                    kept.add(one.key)
                    continue
                judged.add(known)
                going.append(one)
                (refused if verdict is Verdict.END else unknown).append(one)
                if judge.ours and verdict is Verdict.END and judge.revives(one):
                    back.append(one)
            if not going:
                break
            if back:
                held += ended.silenced(back)
                ended.hold(held)
            conntrack.delete(netfilter, going)
    return Reconciled(tuple(refused), len(kept), tuple(unknown))


def _hidden(places: Places) -> frozenset[str]:
    """Tables of iptables-legacy, in this network namespace."""
    found: set[str] = set()
    for name in LEGACY:
        path = places.on_device("/proc/thread-self/net") / name
        if path.exists():
            found |= set(path.read_text(encoding="ascii").split())
    return frozenset(found)
