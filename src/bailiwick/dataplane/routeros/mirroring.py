"""What switch chips copy, in the three ways that they have for it.

Source: MikroTik's manual, "Switch Chip Features" and "Marvell Prestera switch chip features" (port mirroring): without
a target nothing is copied.
"""

from __future__ import annotations

from collections import defaultdict

from bailiwick.dataplane.routeros.items import Configuration

_NOBODY = ("", "none")


def mirrors(configuration: Configuration) -> dict[str, str]:
    """``mirror.TARGET`` to the ports that are copied there, both ways; ``ether2/ingress`` where only what enters is.

    What enters goes where its port or its chip says (``mirror-ingress-target``, ``mirror-target``), what leaves where
    its chip says. A text does not say which port is on which chip: a chip's target is taken to be of all ports.
    """
    copied: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    leaving: list[str] = []
    entering: list[str] = []
    for item in configuration.items.get("interface/ethernet/switch", ()):
        target, source = item.get("mirror-target"), item.get("mirror-source")
        if target not in _NOBODY and source not in _NOBODY:
            copied[target][source] |= {"ingress", "egress"}
        entering += [one for one in (target,) if one not in _NOBODY]
        leaving += [one for one in (item.get("mirror-egress-target"), target) if one not in _NOBODY]
    for item in configuration.items.get("interface/ethernet/switch/port", ()):
        name, own = item.get("name"), item.get("mirror-ingress-target")
        for way, targets in (("ingress", entering if own in _NOBODY else [own]), ("egress", leaving)):
            if item.yes(f"mirror-{way}"):
                for target in targets:
                    copied[target][name].add(way)
    return {f"mirror.{target}": " ".join(_said(ports)) for target, ports in sorted(copied.items())}


def _said(ports: dict[str, set[str]]) -> list[str]:
    return [name if len(ways) == 2 else f"{name}/{next(iter(ways))}" for name, ways in sorted(ports.items())]
