"""Links as a whole: both ends agree, no zone goes in a circle, and every machine is reached by what it needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from bailiwick.language.span import Path, Span
from bailiwick.network.draft import Draft
from bailiwick.network.model import RouterPort
from bailiwick.network.wiring import Carried, End, Wiring


def check_links(draft: Draft, wiring: Wiring, router_ports: tuple[RouterPort, ...]) -> None:
    """``link-disagrees``, ``link-missing-zone``, ``link-loop``, ``zone-unreached``."""
    cables = _cables(wiring)
    for near, far in cables:
        _compare(draft, wiring, near, far)
    if not draft.findings.failed("link-loop"):
        _refuse_circles(draft, wiring, cables, _taps(draft, router_ports))
    taps = _taps(draft, router_ports)
    for name in [*draft.home.hosts, *draft.home.devices]:
        host = draft.home.hosts.get(name)
        if wiring.configured(name) and not (host and (host.router or host.guest_of)):
            _reach(draft, wiring, name, taps if draft.home.hosts[draft.router].guest_of == name else frozenset())


def _taps(draft: Draft, router_ports: tuple[RouterPort, ...]) -> frozenset[str]:
    """The zones that a router VM has on its hypervisor's bridge; nothing for a router that is no guest."""
    router = draft.home.hosts[draft.router]
    passed = router.vm.cards if router.vm else {}
    taps = [port for port in router_ports if router.guest_of and port.name not in passed]
    return frozenset(zone for tap in taps for zone in (tap.untagged, *tap.tagged) if zone)


def _cables(wiring: Wiring) -> list[tuple[End, End]]:
    """Each link that carries zones once, the end nearer to the router first; from the router outwards."""
    found = {
        (far, near) if wiring.inward(near) else (near, far)
        for near, far in wiring.peers.items()
        if near not in wiring.silent and (wiring.inward(near) or wiring.inward(far) or near < far)
    }
    far_away = len(wiring.depth)
    return sorted(found, key=lambda ends: (wiring.depth.get(ends[0][0], far_away), ends))


def _at(draft: Draft, wiring: Wiring, end: End) -> Path:
    """Where the port stands in the file; the other end's place where only that one names the cable."""
    section = "hosts" if end[0] in draft.home.hosts else "devices"
    return (section, end[0], "ports", end[1]) if end[1] in wiring.written(end[0]) else wiring.at[end]


def _compare(draft: Draft, wiring: Wiring, near: End, far: End) -> None:
    here, there = wiring.said(near), wiring.said(far)
    if here is None:
        return
    if there is not None and here != there:
        draft.findings.error(
            "link-disagrees",
            f"`{'/'.join(near)}` carries {_words(here)}, and `{'/'.join(far)}` at the other end {_words(there)}.",
            _at(draft, wiring, far),
            "say it at one end alone: the other follows",
            [(_at(draft, wiring, near), "the other end")],
        )
        return
    missing = sorted(wiring.beyond(far).zones() - here.zones())
    if missing:
        draft.findings.error(
            "link-missing-zone",
            f"Port `{near[1]}` does not carry {_listed(missing)}, which `{far[0]}` needs.",
            _at(draft, wiring, near),
            f"write the link alone, as `{near[1]}: {'/'.join(far)}`: its zones follow from what lies beyond",
        )


def _words(carried: Carried) -> str:
    said = [f"`{carried.untagged}` untagged"] if carried.untagged else []
    if carried.tagged:
        said.append(f"{_listed(sorted(carried.tagged))} tagged")
    return " and ".join(said) or "nothing"


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


@dataclass(slots=True)
class _Joined:
    """Machines that are one piece so far, by zone; zone None is the cables themselves."""

    leaders: dict[tuple[str | None, str], str] = field(default_factory=dict)

    def join(self, zone: str | None, a: str, b: str) -> bool:
        """False where the two were one piece already."""
        first, second = self._leader(zone, a), self._leader(zone, b)
        self.leaders[zone, first] = second
        return first != second

    def _leader(self, zone: str | None, name: str) -> str:
        while (above := self.leaders.get((zone, name), name)) != name:
            name = above
        return name


def _refuse_circles(draft: Draft, wiring: Wiring, cables: list[tuple[End, End]], taps: frozenset[str]) -> None:
    """No spanning tree runs anywhere: a circle would carry its first broadcast for ever.

    Two cables between the same machines are no circle where each says which zones it carries, and no zone is on both.
    """
    joined = _Joined()
    for zone in taps:
        joined.join(zone, draft.router, draft.home.hosts[draft.router].guest_of or "")
    for near, far in cables:
        said = wiring.said(near) or wiring.said(far)
        parts = sorted(wiring.carried(near).zones()) if said else [None]
        around = [zone for zone in parts if not joined.join(zone, near[0], far[0])]
        if around or (said is None and _again(wiring, joined, near, far)):
            what = f" for zone `{around[0]}`" if around and around[0] else ""
            draft.findings.error(
                "link-loop",
                f"The cable from `{'/'.join(near)}` to `{'/'.join(far)}` closes a circle{what}.",
                wiring.at[near],
                "links form a tree with the router at its root; of two cables between the same machines, say on each "
                "which zones it carries",
            )
            return


def _again(wiring: Wiring, joined: _Joined, near: End, far: End) -> bool:
    """Whether a cable that leaves its zones to us carries one that is there already by another way."""
    return any(not joined.join(zone, near[0], far[0]) for zone in sorted(wiring.carried(near).zones()))


def _reach(draft: Draft, wiring: Wiring, name: str, taps: frozenset[str]) -> None:
    """What a machine is to carry comes to it from the router."""
    arriving = set(taps)
    inwards = [port for port in wiring.ports(name) if wiring.inward((name, port))]
    for port in inwards:
        arriving |= wiring.carried((name, port)).zones()
    missed = {d.message for d in draft.findings.found if d.code == "link-missing-zone"}
    for zone, why in sorted(_needs(draft, wiring, name).items()):
        told = any(f"`{zone}`" in message and f"`{name}` needs" in message for message in missed)
        if zone in draft.zones and zone not in arriving and not told:
            to = (
                f"No cable leads from the router to `{name}`"
                if name not in wiring.depth
                else f"No port brings `{zone}`"
            )
            draft.findings.error(
                "zone-unreached",
                f"{to}{f' to `{name}`' if name in wiring.depth else ''}, and {why[1]} is to be in zone `{zone}` there.",
                why[0],
                f"link it, as `ports: {{eth1: {name}/ens1}}` on the router; what the cable carries then follows"
                if not inwards and not taps
                else f"add `{zone}` to the router's port that leads there, or leave a cable's zones out: they follow",
            )


def _needs(draft: Draft, wiring: Wiring, name: str) -> dict[str, tuple[Span, str]]:
    """Each zone that the machine or something behind it needs, the line that asks for it, and who asks."""
    spans, home = draft.findings.spans, draft.home
    section = "hosts" if name in home.hosts else "devices"
    found: dict[str, tuple[Span, str]] = {}
    for port in wiring.ports(name):
        if not wiring.inward((name, port)):
            for zone in wiring.carried((name, port)).zones():
                found[zone] = (spans.key(*_at(draft, wiring, (name, port))), f"port `{port}`")
    for zone in wiring.own(name):
        guest = next(
            (g for g, host in home.hosts.items() if host.guest_of == name and zone in (host.zone, *host.legs)), None
        )
        mine = home.hosts[name].zone if section == "hosts" else home.devices[name].zone
        if guest is not None and not home.hosts[guest].router:
            found[zone] = (spans.key("hosts", guest), f"guest `{guest}`")
        elif zone == mine:
            found[zone] = (spans.key(section, name), "its own address")
    return found
