"""Mirrors: which ports copy the frames of which others, and which host listens where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bailiwick.language import schema
from bailiwick.network.draft import Draft
from bailiwick.network.model import Host, Switch
from bailiwick.network.switch_chips import check_chips, check_models, uplink_ports
from bailiwick.network.wiring import End, Wiring


def resolve_listening(draft: Draft, wiring: Wiring, switches: Mapping[str, Switch]) -> dict[str, Switch]:
    """Fills ``listens_on`` of each host in the draft, for a guest the port of its own hypervisor, and ``hears``.

    Gives the switches back without those mirrors' ports that only guests listen at: a tap stands for each.
    """
    home = draft.home
    machines = [("hosts", draft.router), *(("hosts", name) for name, host in home.hosts.items() if host.hypervisor)]
    machines += [("devices", name) for name in home.devices]
    check_models(draft)
    for section, name in machines:
        check_chips(draft, wiring, section, name)
        for port in wiring.written(name):
            _check_mirror(draft, wiring, section, (name, port))
    for name, host in list(draft.hosts.items()):
        written = home.hosts[name]
        heard = _heard(draft, wiring, name, written) if written.listens_on else None
        if heard:
            draft.hosts[name] = replace(host, listens_on=heard, hears=_copied(host, heard, switches))
    guests = {host.listens_on for host in draft.hosts.values() if host.guest and host.hears}
    return {
        name: replace(
            switch,
            ports=tuple(
                port
                for port in switch.ports
                if not (port.mirrors and (name, port.name) in guests and (name, port.name) not in wiring.peers)
            ),
        )
        for name, switch in switches.items()
    }


def _copied(host: Host, heard: End, switches: Mapping[str, Switch]) -> tuple[str, ...]:
    """The ports that the one at which a guest listens copies, or that one itself; nothing of a card passed through."""
    name, port = heard
    if host.guest is None or port in host.guest.cards or name not in switches:
        return ()
    return next((one.mirrors for one in switches[name].ports if one.name == port), ()) or (port,)


def _check_mirror(draft: Draft, wiring: Wiring, section: str, end: End) -> None:
    name, port = end
    entry = wiring.written(name)[port]
    at = (section, name, "ports", port)
    if not entry.mirror:
        return
    if entry.zone or entry.trunk or entry.native:
        draft.findings.error(
            "mirror-mixed",
            f"Port `{port}` is a mirror and carries zones of its own: who listens there could speak there too.",
            at,
            "give the zones a port of their own",
        )
    if name == draft.router and port in uplink_ports(draft):
        draft.findings.error(
            "mirror-mixed",
            f"Port `{port}` is a mirror and an uplink's: what it copies would leave the home.",
            at,
            "copy to a port that leads to nobody else",
        )
    for source in entry.mirror:
        target = wiring.written(name).get(source)
        known = {*wiring.ports(name), *(uplink_ports(draft) if name == draft.router else ())}
        if source == port or source not in known or (target and target.mirror):
            draft.findings.error(
                "mirror-source",
                f"`{source}` is no port of `{name}` whose frames could be copied to `{port}`.",
                at,
                "name other ports of the same machine, as `{mirror: [ens1]}`",
            )


def _heard(draft: Draft, wiring: Wiring, name: str, written: schema.Host) -> End | None:
    findings, at = draft.findings, ("hosts", name, "listens-on")
    owner, _, port = (written.listens_on or "").rpartition("/")
    owner = draft.router if owner in {"", "router"} else owner
    if not draft.names.is_kind(owner, "host", "device"):
        findings.error(
            "unknown-name",
            f"`{owner}` is no host or device.",
            at,
            draft.names.suggest(owner, ["host", "device"]) or "write the mirror's machine and port, as `switch/8`",
        )
        return None
    end = (owner, port)
    machine = wiring.configured(owner) or owner == draft.router
    entry = wiring.written(owner).get(port)
    if written.guest_of is None or owner != written.guest_of:
        if machine and not (entry and entry.mirror):
            findings.error(
                "mirror-missing",
                f"Nothing is copied to `{'/'.join(end)}`, where `{name}` listens.",
                at,
                f"say which ports it copies, as `{port}: {{mirror: [{_example(wiring, owner, port)}]}}`",
            )
            return None
        if written.guest_of is None:
            return end
        cable = wiring.peers.get(end)
        if cable is None or cable[0] != written.guest_of:
            findings.error(
                "mirror-far",
                f"`{name}` is a guest of `{written.guest_of}` and listens at `{'/'.join(end)}`: no cable leads from "
                "there to its hypervisor.",
                at,
                f"a mirror copies to a port of its own machine: link that port, as `link: {written.guest_of}/ens4`",
            )
            return None
        return cable
    return end


def _example(wiring: Wiring, owner: str, port: str) -> str:
    return next((other for other in wiring.ports(owner) if other != port), "1")
