"""What else may hold a hypervisor's network, and the page that a person reads before the files are installed."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.switching import VlanBridge
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import BLANK, Line, artifact
from bailiwick.targets.linux.hypervisor.mirrors import unit_name
from bailiwick.targets.linux.hypervisor.preflight import SCRIPT
from bailiwick.targets.linux.hypervisor.tags import units
from bailiwick.targets.linux.nftables import LOADER
from bailiwick.targets.linux.nftables.tagging import FAMILY, NAME
from bailiwick.targets.linux.takeover import RIVALS, Rival

_NETWORK = (
    "NetworkManager.service",
    "networking.service",
    "dhcpcd.service",
    "connman.service",
    "systemd-resolved.service",
)
"""Of a router's rivals those that a hypervisor has too, by their first unit. Packet filters stay: they have nothing to
say about what a bridge passes on."""

_BY_HAND = (
    (
        "libvirt's own network",
        "`virsh net-destroy default; virsh net-autostart --disable default` where no guest uses it: it hands out "
        "addresses, translates, and makes this machine a router.",
    ),
    (
        "Docker",
        "It makes this machine a router, and its FORWARD chain drops. Bridged frames are kept from it "
        "(`bridge-nf-call-*` is 0, also after Docker has started); a Docker network that is made later with "
        "`icc: false` sets it to 1 again: `/lib/systemd/systemd-sysctl --prefix=/net/bridge` afterwards.",
    ),
    (
        "netplan",
        "It is no service: it writes networkd files to /run at boot from /etc/netplan/*.yaml. Move these files away.",
    ),
    (
        "the address by which you are logged in",
        "It moves from the card to the bridge's VLAN interface when networkd starts: have the console at hand the "
        "first time.",
    ),
)

_FILTERS = (
    "packet filters of your own",
    "They stay. `flush ruleset` takes the bridge's table away with the rest, and a guest may then write tags: after "
    f"Debian's nftables.service ours is loaded again by itself, after `nft flush ruleset` by hand with `{LOADER}`. "
    "networkd does not start before it is loaded.",
)

_STRANGERS = "A port that somebody else put into our bridge is taken out of it when the files are next taken up."


def rivals() -> tuple[Rival, ...]:
    """Units that would fight over the network."""
    return tuple(rival for rival in RIVALS if rival.units[0] in _NETWORK)


def packages(plan: VlanBridge, guests: bool) -> tuple[str, ...]:
    """Debian's packages that the files need."""
    filters = ("nftables",) if units(plan) else ()
    machines = ("libvirt-daemon-system", "libvirt-clients", "qemu-system-x86", "qemu-utils", "xorriso")
    return ("iproute2", *filters, "systemd", "udev", *(machines if guests else ()))


def takeover(plan: VlanBridge, enable: tuple[str, ...], guests: bool) -> Artifact:
    """``enable`` are the units to enable; ``guests``, whether it runs any."""
    lines = (Line(text) if text else BLANK for text in _page(plan, enable, guests))
    return artifact("/etc/bailiwick/TAKE-OVER.md", lines)


def _unmake(plan: VlanBridge) -> str:
    """What networkd made and does not unmake when its files are gone; an interface on a bridge goes with it. What the
    ports drop goes last."""
    made = (*(port.name for port in plan.ports if port.tap), plan.name)
    mirrors = [f"systemctl disable --now {unit_name(mirror)}" for mirror in plan.mirrors]
    tables = [f"systemctl disable {unit}; nft delete table {FAMILY} {NAME}" for unit in units(plan)]
    return "; ".join((*mirrors, *(f"ip link delete {name}" for name in made), *tables))


def _page(plan: VlanBridge, enable: tuple[str, ...], guests: bool) -> Iterator[str]:
    yield f"# Taking over the network of {plan.device}"
    yield ""
    yield f"Packages: {', '.join(packages(plan, guests))}. Then `{SCRIPT}` says what else is missing."
    yield ""
    yield "## Disabled and masked"
    yield ""
    yield "`systemctl disable --now UNIT; systemctl mask UNIT` for each one that is there:"
    yield ""
    for rival in rivals():
        yield f"- {', '.join(f'`{unit}`' for unit in rival.units)}: {rival.does}"
    yield ""
    yield "## By hand"
    yield ""
    for what, how in (*_BY_HAND, *((_FILTERS,) if units(plan) else ())):
        yield f"- **{what}**: {how}"
    for port in plan.ports:
        if not port.tap and not (port.mac or port.path):
            yield (
                f"- **{port.name}**: nothing ties the name to a card, so a card that comes to bear it joins this "
                "port's zones. Give its `mac` or `path` in the home file."
            )
    yield ""
    yield "## Enabled, in this order"
    yield ""
    for unit in enable:
        yield f"- `{unit}`"
    yield ""
    yield "## Put back as it was"
    yield ""
    yield (
        "Every file of ours is in the manifest and is ours alone: take them away, unmask what is named above, and "
        f"restart the machine; or, without a restart, `{_unmake(plan)}`. Guests stay defined at libvirt, and keep "
        "their disks: `virsh undefine NAME` where one is to go."
    )
    yield ""
    yield "## Left alone"
    yield ""
    yield f"- The clock's zone: `timedatectl set-timezone {plan.timezone}` where it is another one."
    yield f"- The machine's name: `hostnamectl set-hostname {plan.device}` where it is another one."
    yield f"- Guests, other bridges and networks that the home file does not name; packet filters. {_STRANGERS}"
