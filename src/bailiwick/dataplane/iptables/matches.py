"""Every match of iptables-extensions(8) as tests. What no field of a packet shows is unknown, and said to be."""

from __future__ import annotations

from collections.abc import Callable

from bailiwick.dataplane.iptables import grammar
from bailiwick.dataplane.iptables.address_types import address_types6
from bailiwick.dataplane.iptables.arguments import Module, NotUnderstood, Option
from bailiwick.dataplane.iptables.conntrack import connmark, conntrack, helper
from bailiwick.dataplane.iptables.membership import set_match
from bailiwick.dataplane.iptables.transport import icmp, multiport, transport
from bailiwick.dataplane.iptables.values import NEVER, Scene, address, any_of, inverted, marked, steady
from bailiwick.dataplane.rules import (
    AddressType,
    Among,
    Note,
    OnInterface,
    ReturnPath,
    Step,
    Unknown,
)
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

_KINDS = {
    kind.upper(): kind
    for kind in (
        "unspec", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit",
    )
}  # fmt: skip
_OWN = OnInterface(header.IIF, ("*",), negated=True)
"""A packet that the device itself sends came by no interface."""


def match_steps(module: Module, scene: Scene) -> tuple[Step, ...]:
    """The steps of one match. What it does not understand is an unknown test; raises nothing."""
    if module.name == "set":
        return _match_steps(module, scene)
    key = (str(module), scene.protocol)
    if key not in scene.seen:
        scene.seen[key] = _match_steps(module, scene)
    return scene.seen[key]


def _match_steps(module: Module, scene: Scene) -> tuple[Step, ...]:
    reader = _READERS.get(module.name)
    module = _sorted(module)
    try:
        if module.known and not module.options and module.name not in _BARE:
            raise NotUnderstood("an option is missing")
        if reader is not None:
            return reader(module, scene)
        if module.name in _STEADY:
            return tuple(_steady_option(module, option) for option in module.options)
    except NotUnderstood as error:
        return (Unknown(f"{module}: {error}"),)
    return (Unknown(str(module)),)


_BARE = frozenset({
    "ah", "dccp", "dst", "esp", "eui64", "frag", "hbh", "icmp", "icmp6", "ipcomp", "ipvs", "limit", "mh", "recent",
    "rpfilter", "rt", "sctp", "socket", "srh", "tcp", "time", "udp", "udplite",
})  # fmt: skip
"""What iptables takes without an option."""


def _sorted(module: Module) -> Module:
    """Options in the order in which iptables-save prints them; only those of ``policy`` mean more by their order."""
    if not module.known or module.name == "policy" or len(module.options) < 2:
        return module
    order = list(grammar.MATCHES[module.name])
    return Module(module.name, True, sorted(module.options, key=lambda option: order.index(option.name)))


def _steady_option(module: Module, option: Option) -> Step:
    values = " ".join(option.values)
    return inverted(steady(f"{module.name} --{option.name} {values.lower()}".rstrip()), option.negated)


_STEADY = frozenset({"cgroup", "cluster", "devgroup", "length", "mac", "physdev", "pkttype", "policy", "tcpmss"})
"""Each option is a property of the packet that no rule changes."""


def _comment(module: Module, _: Scene) -> tuple[Step, ...]:
    module.get("comment")
    return ()


def _iprange(module: Module, scene: Scene) -> tuple[Step, ...]:
    steps = []
    for option in module.options:
        first, ranged, last = option.value.partition("-")
        low = address(first, scene.family)
        high = address(last, scene.family) if ranged else low
        field = header.SOURCE if option.name == "src-range" else header.DESTINATION
        # A range that runs backwards holds nothing (xt_iprange.c).
        values = IntervalSet.of([(low, high)]) if low <= high else IntervalSet()
        steps.append(inverted(Among(field, values), option.negated))
    return tuple(steps)


def _mark(module: Module, _: Scene) -> tuple[Step, ...]:
    option = module.get("mark")
    if option is None:
        raise NotUnderstood("mark without --mark")
    value, mask = marked(option.value)
    return (inverted(Among(header.MARK, IntervalSet.single(value), mask), option.negated),)


def _addrtype(module: Module, scene: Scene) -> tuple[Step, ...]:
    steps: list[Step] = []
    for option in module.options:
        if option.name.startswith("limit"):
            continue
        kinds = option.value.upper().split(",")
        key = header.SOURCE if option.name == "src-type" else header.DESTINATION
        strange = [kind for kind in kinds if kind not in _KINDS]
        if strange or module.has("limit-iface-out"):
            why = "limited to the egress interface" if not strange else f"type {strange[0]}"
            steps.append(inverted(steady(f"addrtype {key} {option.value}, {why}"), option.negated))
            continue
        named = frozenset(_KINDS[kind] for kind in kinds)
        limited = module.has("limit-iface-in")
        if scene.family == 6:
            steps.append(address_types6(key, named, negated=option.negated, limit_iif=limited))
        else:
            steps.append(AddressType(key, named, option.negated, limited))
    return tuple(steps)


def _owner(module: Module, _: Scene) -> tuple[Step, ...]:
    """A forwarded packet has no owner: it passes what is negated alone (xt_owner.c)."""
    steps: list[Step] = []
    groups = " with supplementary groups" if module.has("suppl-groups") else ""
    for option in module.options:
        if option.name != "suppl-groups":
            text = f"owner --{option.name} {option.value}".rstrip() + groups
            steps.extend(any_of([(_OWN, steady(text))], option.negated))
    return tuple(steps)


def _recent(module: Module, _: Scene) -> tuple[Step, ...]:
    """``--set`` only writes, and always matches (xt_recent.c)."""
    option = module.get("set")
    if option is None:
        return (Unknown(str(module)),)
    return (Note(str(module)), *(NEVER,) * option.negated)


def _rpfilter(module: Module, _: Scene) -> tuple[Step, ...]:
    """Matches where there is a way back; ``--invert`` where there is none (xt_rpfilter.c)."""
    loose, failed = module.has("loose"), module.has("invert")
    if not module.has("accept-local"):
        return (ReturnPath(missing=failed, any_interface=loose, marked=module.has("validmark")),)
    local = AddressType(header.SOURCE, frozenset({"local"}), limit_iif=not loose)
    way_back = ReturnPath(missing=False, any_interface=loose, marked=module.has("validmark"))
    return any_of([(way_back,), (local,)], failed)


def _eui64(_: Module, __: Scene) -> tuple[Step, ...]:
    return (steady("eui64"),)


_READERS: dict[str, Callable[[Module, Scene], tuple[Step, ...]]] = {
    "addrtype": _addrtype,
    "comment": _comment,
    "connmark": connmark,
    "conntrack": conntrack,
    "dccp": transport,
    "eui64": _eui64,
    "helper": helper,
    "icmp": icmp,
    "icmp6": icmp,
    "iprange": _iprange,
    "mark": _mark,
    "multiport": multiport,
    "owner": _owner,
    "recent": _recent,
    "rpfilter": _rpfilter,
    "sctp": transport,
    "set": set_match,
    "state": conntrack,
    "tcp": transport,
    "udp": transport,
    "udplite": transport,
}
