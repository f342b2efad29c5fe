"""What the device is, held against what the home file says of it. What its own tools say is ``agent.preflight``'s."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface

from bailiwick.agent.model import ERROR, WARNING, Finding
from bailiwick.apply.facts import Facts, Link
from bailiwick.apply.generations import links
from bailiwick.plan.model import Interface, LinkKind, Plan
from bailiwick.targets.artifact import Tree

UNITS = "/etc/systemd/system/"


def judge(plan: Plan, tree: Tree, platform: str, facts: Facts) -> tuple[Finding, ...]:
    """Everything that speaks against installing ``tree`` on this device."""
    found = [*_platform(tree.device, platform, facts), *_units(tree, facts)]
    if tree.device == plan.router:
        found += [
            *_ports(plan, facts),
            *_tunnels(plan, tree, facts),
            *_provider(plan, facts),
            *_way_in(plan, tree, facts),
        ]
    return tuple(found)


def _platform(device: str, platform: str, facts: Facts) -> Iterator[Finding]:
    """That it is this device at all, and what it runs."""
    known = facts.generation.device if facts.generation else device
    if known != device:
        text = f"What --to leads to is {known} (generation {facts.confirmed} there), and not {device}."
        yield Finding(ERROR, "device", text)
    runs = f"{facts.system}-{facts.version.partition('.')[0]}"
    if runs != platform:
        text = f"The home file says that {device} runs {platform}, and it runs {runs}."
        yield Finding(ERROR, "platform", text)
    if not facts.systemd:
        yield Finding(ERROR, "systemd", f"{device} was not started by systemd, which all of its files are for.")


def _units(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Units that are neither there nor among the files."""
    brought = {artifact.path.removeprefix(UNITS) for artifact in tree.artifacts if artifact.path.startswith(UNITS)}
    for unit in tree.enable:
        name, at, _ = unit.partition("@")
        template = f"{name}@.service" if at else unit
        state = facts.units.get(unit, ("not-found", False))[0]
        if not {unit, template} & brought and state == "not-found":
            yield Finding(ERROR, unit, f"There is no unit {unit} on {tree.device}: a package is missing.")


def _ports(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Every port that the home file names is there, and is the card that it says."""
    cards = {link.mac.lower(): link for link in facts.links if link.mac and not link.kind}
    for interface in plan.interfaces:
        if interface.foreign and facts.link(interface.name) is None:
            text = f"{interface.name} is not there yet: its own program makes it; until then nothing leaves by it."
            yield Finding(WARNING, interface.name, text)
        if interface.kind is LinkKind.ETHERNET:
            yield from _port(interface, facts.link(interface.name), cards.get((interface.mac or "").lower()))


def _port(interface: Interface, named: Link | None, card: Link | None) -> Iterator[Finding]:
    name, mac = interface.name, (interface.mac or "").lower()
    if named is not None and mac and named.mac.lower() != mac:
        where = f", which is {card.name}" if card else ""
        text = f"The home file says that {name} is the card {mac}{where}; the {name} of the device is {named.mac}."
        yield Finding(ERROR, name, text)
    elif named is None and card is not None:
        text = (
            f"The card {mac} is called {card.name} there, and a name changes only when a machine starts: "
            f"call it {card.name} in the home file, or rename it to {name} first."
        )
        yield Finding(ERROR, name, text)
    elif named is None:
        yield Finding(ERROR, name, f"There is no port {name} on the device" + (f", and no card {mac}." if mac else "."))


def _tunnels(plan: Plan, tree: Tree, facts: Facts) -> Iterator[Finding]:
    """One that another program made would be made anew, and no way back makes it as it was."""
    files = {artifact.path for artifact in tree.artifacts}
    before = {file.path for file in facts.generation.files} if facts.generation else set()
    for interface in plan.interfaces:
        file = f"/etc/systemd/network/10-bailiwick-{interface.name}.netdev"
        if interface.wireguard and file in files - before and facts.link(interface.name) is not None:
            text = f"{interface.name} is there already, and no file of ours made it: end the program that does, first."
            yield Finding(ERROR, interface.name, text)


def _provider(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """What the provider's side is given now must not be what a zone is."""
    zones = [
        ((one.place or "").partition(":")[2], one.address.network)
        for one in plan.interfaces
        if one.address and _zone(one)
    ]
    for interface in plan.interfaces:
        link = facts.link(interface.name)
        if link is None or not (interface.place or "").startswith("uplink:"):
            continue
        for address in link.addresses:
            for zone, subnet in zones:
                if isinstance(address, IPv4Interface) and address.network.overlaps(subnet):
                    text = (
                        f"{interface.name} has the address {address} from the provider's side, which overlaps with "
                        f"the zone {zone} ({subnet}): one of the two must be another."
                    )
                    yield Finding(ERROR, interface.name, text)


def _way_in(plan: Plan, tree: Tree, facts: Facts) -> Iterator[Finding]:
    """The address by which we came is one that stays, or the owner knows where to go on."""
    if not facts.came_by or any(one.address and str(one.address.ip) == facts.came_by for one in plan.interfaces):
        return
    holder = next((link for link in facts.links if any(str(a.ip) == facts.came_by for a in link.addresses)), None)
    if holder is not None and holder.name not in links(tree):
        return
    if holder is not None and any(one.name == holder.name and one.dhcp for one in plan.interfaces):
        return
    others = ", ".join(str(one.address.ip) for one in plan.interfaces if one.address and _zone(one))
    text = f"You came by {facts.came_by}, which goes. Confirm at another address of the device (`--to`): {others}."
    yield Finding(WARNING, "address", text)


def _zone(interface: Interface) -> bool:
    return (interface.place or "").startswith("zone:")
