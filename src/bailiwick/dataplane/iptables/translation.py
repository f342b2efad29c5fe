"""``DNAT``, ``SNAT``, ``MASQUERADE``, ``REDIRECT`` and ``NETMAP``: what addresses and ports become."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from bailiwick.dataplane.iptables.arguments import Module, NotUnderstood
from bailiwick.dataplane.iptables.values import Scene, address, network, ports, width
from bailiwick.dataplane.rules import Target, Translate

_DESTINATION_HOOKS = frozenset({"prerouting", "output"})


def translate(module: Module, scene: Scene) -> Translate:
    """The translation of a NAT target. Raises NotUnderstood."""
    if module.name in ("DNAT", "SNAT"):
        option = module.get("to-destination", "to-source")
        if option is None:
            raise NotUnderstood(f"{module.name} to nothing")
        return Translate(module.name.lower(), _target(option.value, scene.family))
    if module.name == "NETMAP":
        return _netmap(module, scene)
    option = module.get("to-ports")
    target = Target() if option is None else Target(ports=ports(option.value, "-"))
    return Translate(module.name.lower(), target)


def _target(text: str, family: int) -> Target:
    """``[address[-address]][:port[-port[/base]]]``; an IPv6 address before a port stands in brackets."""
    addresses, tail = text, ""
    if family == 6 and text.startswith("["):
        # Both ends of a range may be in brackets of their own: [a]-[b]:port.
        end = text.rindex("]") if "]" in text else -1
        if end < 0:
            raise NotUnderstood(f"`{text}`: a bracket is not closed")
        addresses, tail = text[: end + 1].replace("[", "").replace("]", ""), text[end + 1 :]
        if tail and not tail.startswith(":"):
            raise NotUnderstood(f"`{text}` is no target of a translation")
        tail = tail[1:]
    elif family == 4 or (text.startswith(":") and not text.startswith("::")):
        addresses, _, tail = text.partition(":")
    first, ranged, last = addresses.partition("-")
    low = address(first, family) if first else None
    high = address(last, family) if ranged else low
    if low is None and (ranged or not tail):
        raise NotUnderstood(f"`{text}` is no target of a translation")
    if low is not None and high is not None and low > high:
        raise NotUnderstood(f"`{text}` runs backwards")
    # After a slash stands the port that the range is counted from: still a port of the range.
    return Target(_address(low, family), _address(high, family), ports(tail.partition("/")[0], "-") if tail else None)


def _address(number: int | None, family: int) -> IPv4Address | IPv6Address | None:
    if number is None:
        return None
    return IPv4Address(number) if family == 4 else IPv6Address(number)


def _netmap(module: Module, scene: Scene) -> Translate:
    """The network's bits become others; said as "some address of that network", which holds more than is true."""
    option = module.get("to")
    if option is None:
        raise NotUnderstood("NETMAP to nothing")
    kinds = {"dnat" if hook in _DESTINATION_HOOKS else "snat" for hook in scene.hooks}
    if len(kinds) != 1:
        raise NotUnderstood("NETMAP in a chain that is reached both before and after routing")
    first, mask = network(option.value, scene.family)
    last = first | mask ^ ((1 << width(scene.family)) - 1)
    if (last - first) & (last - first + 1):
        raise NotUnderstood(f"`{option.value}`: a mask with holes")
    if first != last:
        scene.remarks.append(f"which address of {option.value} a packet gets")
    return Translate(kinds.pop(), Target(_address(first, scene.family), _address(last, scene.family)))
