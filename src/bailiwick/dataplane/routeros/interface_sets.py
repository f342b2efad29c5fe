"""Interface lists and the names that stand for many interfaces."""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.dataplane.model import Interface
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.packets.names import EVERYWHERE, Names

NOWHERE = Names()
DIALLED = "<*"
"""Interfaces that come and go with who dials in: ``<pppoe-anna>``."""
_PSEUDO = {"all-ethernet": "ethernet", "all-ppp": "ppp", "all-vlan": "vlan", "all-wireless": "wireless"}


@dataclass(frozen=True, slots=True)
class InterfaceSet:
    """``certain`` are in it; those of ``possible`` may be, for the reason in ``why``."""

    certain: Names
    possible: Names = NOWHERE
    why: str = ""


class InterfaceSets:
    """Names of interfaces, lists and pseudo-interfaces to the interfaces they stand for."""

    def __init__(self, configuration: Configuration, interfaces: dict[str, Interface]) -> None:
        self._configuration = configuration
        self._interfaces = interfaces
        self._lists: dict[str, InterfaceSet] = {
            "all": InterfaceSet(EVERYWHERE),
            "none": InterfaceSet(Names()),
            "dynamic": InterfaceSet(Names.of(DIALLED), EVERYWHERE, "which interfaces are dynamic the router decides"),
            "static": InterfaceSet(
                Names.of(*(name for name in interfaces if not name.startswith("<"))),
                Names.but(DIALLED),
                "which interfaces are static the router decides",
            ),
        }
        self._read()

    def interface(self, name: str) -> InterfaceSet:
        """What ``in-interface=name`` names; a dangling ``*HEX`` is nothing."""
        if name in _PSEUDO:
            kind = _PSEUDO[name]
            named = [one.name for one in self._interfaces.values() if one.kind == kind]
            return InterfaceSet(Names.of(*named, *((DIALLED,) if kind == "ppp" else ())))
        return InterfaceSet(Names() if name.startswith("*") else Names.of(name))

    def named(self, name: str) -> InterfaceSet | None:
        """What a list holds; None where no line defines it."""
        if name.startswith("*"):
            return InterfaceSet(Names())
        return self._lists.get(name)

    def names(self, name: str) -> frozenset[str] | None:
        """A list's interfaces among those of the device; None is all of them, or not known."""
        found = self.named(name)
        if found is None or found.why or found.certain == EVERYWHERE:
            return None
        return frozenset(one for one in self._interfaces if one in found.certain)

    def _read(self) -> None:
        configuration = self._configuration
        members: dict[str, set[str]] = {}
        for item in configuration.of("interface/list/member"):
            name = item.get("interface")
            if name.startswith("*") or item.get("list").startswith("*"):
                configuration.ignore(item, "what it names is gone")
                continue
            configuration.understand(item)
            members.setdefault(item.get("list"), set()).add(name)
        defined: dict[str, tuple[list[str], list[str]]] = {}
        for item in configuration.of("interface/list"):
            configuration.understand(item)
            include, exclude = (item.get(key).split(",") if item.get(key) else [] for key in ("include", "exclude"))
            defined[item.get("name")] = include, exclude
        for name in [*members, *defined]:
            if name not in self._lists:
                self._lists[name] = self._evaluate(name, defined, members, ())
        self._dialled()

    def _evaluate(
        self,
        name: str,
        defined: dict[str, tuple[list[str], list[str]]],
        members: dict[str, set[str]],
        way: tuple[str, ...],
    ) -> InterfaceSet:
        """What is included, less what is excluded, with the members (manual, "Interface Lists")."""
        if name in self._lists:
            return self._lists[name]
        if name in way:
            return InterfaceSet(Names(), EVERYWHERE, f"the list `{name}` includes itself")
        include, exclude = defined.get(name, ([], []))
        certain, possible, why = Names(), Names(), ""
        for other in include:
            found = self._evaluate(other, defined, members, (*way, name))
            certain, possible, why = certain | found.certain, possible | found.possible, why or found.why
        for other in exclude:
            found = self._evaluate(other, defined, members, (*way, name))
            possible = (possible - found.certain) | (certain & found.possible)
            certain = certain - found.certain - found.possible
            why = why or found.why
        static = Names.of(*(one for member in members.get(name, ()) for one in self._member(member)))
        return InterfaceSet(certain | static, possible - static, why)

    def _member(self, name: str) -> frozenset[str]:
        return self.interface(name).certain.members

    def _dialled(self) -> None:
        """Profiles and detection that put interfaces into lists while the router runs."""
        for item in self._configuration.items.get("ppp/profile", ()):
            name = item.get("interface-list")
            if name and not item.disabled:
                self._extend(name, Names.of(DIALLED), f"the profile on line {item.line.number} adds to it")
                for menu, rows in self._configuration.items.items():
                    for session in rows:
                        if menu.endswith("-client") and session.get("profile", "default") == item.get("name"):
                            self._extend(name, Names.of(session.get("name")), "a profile adds to it")
        detect = self._configuration.setting("interface/detect-internet")
        for key in ("lan-interface-list", "wan-interface-list", "internet-interface-list"):
            if detect.get(key, "none") != "none":
                self._extend(detect.get(key), EVERYWHERE, "internet detection adds to it")

    def _extend(self, name: str, possible: Names, why: str) -> None:
        found = self._lists.get(name, InterfaceSet(Names()))
        self._lists[name] = InterfaceSet(found.certain, (found.possible | possible) - found.certain, why)
