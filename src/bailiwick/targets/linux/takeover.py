"""What else may hold the network, and how it is taken out of the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.plan.model import LinkKind, Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import BLANK, Line, artifact


@dataclass(frozen=True, slots=True)
class Rival:
    """Units that would fight over the network, and what must be known before they go."""

    units: tuple[str, ...]
    does: str


RIVALS = (
    Rival(
        ("NetworkManager.service", "NetworkManager-wait-online.service"),
        "NetworkManager gives interfaces addresses, routes and a resolver of its own; its connections stay on disk.",
    ),
    Rival(
        ("networking.service", "ifup@.service"),
        "ifupdown configures what /etc/network/interfaces lists, at boot and when a card appears; the file stays.",
    ),
    Rival(("dhcpcd.service",), "dhcpcd asks for leases on every interface."),
    Rival(("connman.service",), "ConnMan gives interfaces addresses and routes."),
    Rival(("firewalld.service",), "firewalld loads a rule set of its own and drops what it does not know."),
    Rival(("ufw.service",), "ufw loads a rule set of its own and drops what it does not know."),
    Rival(("netfilter-persistent.service",), "netfilter-persistent loads saved iptables rules at boot."),
    Rival(("nftables.service",), "Debian's nftables.service begins with `flush ruleset`, which takes our table away."),
    Rival(("dnsmasq.service",), "Debian's dnsmasq.service answers on port 53 of every address."),
    Rival(
        ("systemd-resolved.service",),
        "systemd-resolved listens on port 53 of 127.0.0.53 and rewrites /etc/resolv.conf.",
    ),
    Rival(("isc-dhcp-server.service", "kea-dhcp4-server.service"), "Another DHCP server answers on port 67."),
)

BY_HAND = (
    (
        "netplan",
        "It is no service: it writes networkd files to /run at boot from /etc/netplan/*.yaml. Move these files "
        "away, then run `netplan generate`; networkd would otherwise merge their interfaces with ours.",
    ),
    (
        "other files in /etc/systemd/network",
        "The first file that matches an interface wins, in the order of their names. Ours begin with "
        "`10-bailiwick-`: move away what sorts before and matches the same interface.",
    ),
    (
        "cloud-init",
        "It writes the network configuration anew at each boot: `network: {config: disabled}` in "
        "/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg.",
    ),
    (
        "the address by which you are logged in",
        "A machine that is managed over the network gets its new addresses when networkd starts: have the console "
        "at hand the first time.",
    ),
)

TUNNEL = (
    "its own program makes it and gives it its address. That program must set no default route and no rules "
    "(wg-quick: `Table = off`, no `DNS =`; OpenVPN: `route-nopull`): the way by it is already written."
)

PACKAGES = ("nftables", "iproute2", "dnsmasq-base")


def rivals() -> tuple[str, ...]:
    """Units to disable and mask."""
    return tuple(unit for rival in RIVALS for unit in rival.units)


def packages(plan: Plan) -> tuple[str, ...]:
    """Debian's packages that the files need."""
    dials = any(i.kind is LinkKind.PPP for i in plan.interfaces)
    return (*PACKAGES, "ppp") if dials else PACKAGES


def takeover(plan: Plan, enable: tuple[str, ...]) -> Artifact:
    """The page that a person reads before the files are installed; ``enable`` are our units."""
    return artifact("/etc/bailiwick/TAKE-OVER.md", (Line(text) if text else BLANK for text in _page(plan, enable)))


def _page(plan: Plan, enable: tuple[str, ...]) -> Iterator[str]:
    yield f"# Taking over the network of {plan.router}"
    yield ""
    yield f"Packages: {', '.join(packages(plan))}."
    yield ""
    yield "## Disabled and masked"
    yield ""
    yield "`systemctl disable --now UNIT; systemctl mask UNIT` for each one that is there:"
    yield ""
    for rival in RIVALS:
        yield f"- {', '.join(f'`{unit}`' for unit in rival.units)}: {rival.does}"
    yield ""
    yield "## By hand"
    yield ""
    for what, how in BY_HAND:
        yield f"- **{what}**: {how}"
    for interface in plan.interfaces:
        if interface.foreign:
            yield f"- **{interface.name}**: {TUNNEL}"
    yield ""
    yield "## Enabled, in this order"
    yield ""
    for unit in enable:
        yield f"- `{unit}`"
    yield ""
    yield "## Left alone"
    yield ""
    yield f"- The clock's zone: `timedatectl set-timezone {plan.timezone}` where it is another one."
    yield f"- The machine's name: `hostnamectl set-hostname {plan.router}` where it is another one."
    yield "- Docker's and anyone else's nftables tables, and what is in /etc/network and /etc/NetworkManager."
