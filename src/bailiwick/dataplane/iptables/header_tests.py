"""What iptables asks of a packet's header before any match: addresses, interfaces, protocol, fragments.

Order and meaning are the kernel's (``ip_packet_match`` and ``ip6_packet_match``), whatever order the text has.
"""

from __future__ import annotations

from collections.abc import Callable

from bailiwick.dataplane.iptables.arguments import Arguments, NotUnderstood, Option
from bailiwick.dataplane.iptables.names import protocol_number
from bailiwick.dataplane.iptables.values import NEVER, Scene, inverted, networks_test, steady
from bailiwick.dataplane.rules import Among, Family, OnInterface, Step, Test, Unknown
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

_LONGEST_NAME = 15  # IFNAMSIZ less its closing zero


def header_steps(words: Arguments, scene: Scene) -> tuple[Step, ...]:
    """The steps of a rule's own options; a value that is not understood becomes an unknown test."""
    steps: list[Step] = []
    for name, read in _READERS.items():
        option = words.core.get(name)
        if option is None:
            continue
        try:
            tests = read(option, scene)
        except NotUnderstood as error:
            steps.append(Unknown(f"{option}: {error}"))
            continue
        if not option.negated:
            steps.extend(tests)
        else:
            steps.append(inverted(tests[0], True) if tests else NEVER)
    return tuple(steps)


def _networks(field: str) -> Callable[[Option, Scene], tuple[Test, ...]]:
    def read(option: Option, scene: Scene) -> tuple[Test, ...]:
        if option.negated and "," in option.value:
            raise NotUnderstood("a list cannot be negated (iptables refuses it)")
        tests = networks_test(field, option.value, scene.family)
        whole = ((0, (1 << (32 if scene.family == 4 else 128)) - 1),)
        return tuple(test for test in tests if not (isinstance(test, Among) and test.values.spans == whole))

    return read


def interface_test(side: str, name: str) -> tuple[Test, ...]:
    """``+`` ends a beginning of names, and alone it asks nothing. Raises NotUnderstood."""
    if not name or len(name) > _LONGEST_NAME or name.endswith("*"):
        raise NotUnderstood(f"`{name}` is no name of an interface")
    if name == "+":
        return ()
    return (OnInterface(side, (f"{name[:-1]}*" if name.endswith("+") else name,)),)


def _interface(side: str) -> Callable[[Option, Scene], tuple[Test, ...]]:
    return lambda option, _: interface_test(side, option.value)


def _protocol(option: Option, _: Scene) -> tuple[Test, ...]:
    number = protocol_number(option.value)
    if number is None:
        raise NotUnderstood(f"`{option.value}` is no protocol")
    return (Among(header.PROTOCOL, IntervalSet.single(number)),) if number else ()


def _fragment(_: Option, scene: Scene) -> tuple[Test, ...]:
    return (steady(f"IPv{scene.family} fragment other than the first"),)


def _only(version: int) -> Callable[[Option, Scene], tuple[Test, ...]]:
    # A rule of the other family is left out when it is loaded (iptables(8), --ipv4).
    return lambda _, scene: () if scene.family == version else (Family(version),)


_READERS: dict[str, Callable[[Option, Scene], tuple[Test, ...]]] = {
    "only4": _only(4),
    "only6": _only(6),
    "source": _networks(header.SOURCE),
    "destination": _networks(header.DESTINATION),
    "in": _interface(header.IIF),
    "out": _interface(header.OIF),
    "protocol": _protocol,
    "fragment": _fragment,
}
