"""MikroTik's switch chips: which ports are on which, and whether and how it copies their frames.

Source: MikroTik's manual, "Switch Chip Features" (table of boards; port mirroring) and "Marvell Prestera switch chip
features" (models; mirroring since 7.15).
"""

from __future__ import annotations

from bailiwick.language.schema import Model
from bailiwick.network.draft import Draft
from bailiwick.network.model import Chip, Copying
from bailiwick.network.wiring import Wiring


def _ether(first: int, last: int, *more: str) -> tuple[str, ...]:
    return (*(f"ether{number}" for number in range(first, last + 1)), *more)


def _plus(last: int) -> tuple[str, ...]:
    return tuple(f"sfp-sfpplus{number}" for number in range(1, last + 1))


_CHIPS: dict[Model, tuple[tuple[str, Copying | None, tuple[str, ...]], ...]] = {
    Model.RB5009: (("88E6393X", Copying.EACH_WAY, _ether(1, 8, "sfp-sfpplus1")),),
    Model.L009: (("88E6190", Copying.EACH_WAY, _ether(2, 8, "sfp1")),),
    Model.CCR2004_16G: (("88E6191X", Copying.EACH_WAY, _ether(1, 8)), ("88E6191X", Copying.EACH_WAY, _ether(9, 16))),
    Model.RB4011: (("RTL8367", Copying.ONE_SOURCE, _ether(1, 5)), ("RTL8367", Copying.ONE_SOURCE, _ether(6, 10))),
    Model.RB3011: (("QCA8337", Copying.ONE_SOURCE, _ether(1, 5)), ("QCA8337", Copying.ONE_SOURCE, _ether(6, 10))),
    Model.HEX: (("MT7621", Copying.ONE_SOURCE, _ether(1, 5)),),
    Model.HEX_S: (("MT7621", Copying.ONE_SOURCE, _ether(1, 5)),),
    Model.HEX_REFRESH: (("EN7523", Copying.ONE_SOURCE, _ether(2, 5)),),
    Model.HAP_AC2: (("Atheros8327", Copying.ONE_SOURCE, _ether(1, 5)),),
    Model.HAP_AC3: (("Atheros8327", Copying.ONE_SOURCE, _ether(1, 5)),),
    Model.HAP_AX_LITE: (("MT7531", Copying.ONE_SOURCE, _ether(1, 4)),),
    Model.HAP_AX2: (("IPQ-PPE", None, _ether(1, 5)),),
    Model.HAP_AX3: (("IPQ-PPE", None, _ether(1, 5)),),
    Model.CCR2116: (("98DX3255", Copying.ONE_TARGET, _ether(1, 12, *_plus(4))),),
    Model.CRS310_8G: (("98DX226S", Copying.ONE_TARGET, _ether(1, 8, *_plus(2))),),
    Model.CRS326_24G: (("98DX3236", Copying.ONE_TARGET, _ether(1, 24, *_plus(2))),),
    Model.CRS328_24P: (("98DX3236", Copying.ONE_TARGET, _ether(1, 24, *_plus(4))),),
}


def chips_of(model: Model | None) -> tuple[Chip, ...]:
    """In RouterOS' order, which names them ``switch1`` and on."""
    found = _CHIPS[model] if model is not None else ()
    return tuple(Chip(f"switch{number}", *chip) for number, chip in enumerate(found, start=1))


def uplink_ports(draft: Draft) -> tuple[str, ...]:
    """The router's ports that are its uplinks'."""
    return tuple(uplink.port for uplink in draft.uplinks.values() if not uplink.tunnel)


def check_models(draft: Draft) -> None:
    """``model-unfit``: of what runs no RouterOS from here."""
    home = draft.home
    said = [("hosts", name, host.model, host.router == "routeros") for name, host in home.hosts.items()]
    said += [("devices", name, device.model, device.runs is not None) for name, device in home.devices.items()]
    for section, name, model, routeros in said:
        if model is not None and not routeros:
            draft.findings.error(
                "model-unfit",
                f"`{name}` runs no RouterOS that is set up from here, and `{model.value}` is a MikroTik.",
                draft.findings.spans.key(section, name, "model"),
                "remove the line",
            )


def check_chips(draft: Draft, wiring: Wiring, section: str, name: str) -> None:
    """``mirror-unsupported`` for each mirror that a MikroTik's switch chip cannot, or a Linux router."""
    host, device = draft.home.hosts.get(name), draft.home.devices.get(name)
    if name != draft.router and not (device and device.runs):
        return
    model = host.model if host else device.model if device else None
    linux = host is not None and host.router == "linux"
    mirrors = _Mirrors(model)
    for port, entry in wiring.written(name).items():
        if not entry.mirror:
            continue
        why, instead = _OF_LINUX if linux else mirrors.refused(port, tuple(entry.mirror))
        if why:
            draft.findings.error(
                "mirror-unsupported",
                f"Port `{port}` of `{name}` cannot be a mirror from here: {why}.",
                (section, name, "ports", port),
                instead,
            )


_ELSEWHERE = "mirror on the hypervisor that the frames pass, or on a switch that you configure yourself"
_OF_LINUX = "the router copies no frames", _ELSEWHERE


class _Mirrors:
    """The mirrors of one MikroTik, asked about one after the other."""

    def __init__(self, model: Model | None) -> None:
        self._model, self._chips = model, chips_of(model)
        self._taken: dict[str, str] = {}

    def refused(self, port: str, sources: tuple[str, ...]) -> tuple[str, str]:
        """Why not, and what instead; both empty where the chip can."""
        if self._model is None:
            return "how, depends on its switch chip", f"say its model, as `model: {Model.RB5009.value}`"
        chip = next((one for one in self._chips if port in one.ports), None)
        if chip is None:
            return f"the port is on no switch chip of the {self._model.value}", "choose a port that is"
        if chip.copies is None:
            return f"the switch chip of the {self._model.value} ({chip.name}) copies no frames", _ELSEWHERE
        away = [one for one in sources if one not in chip.ports]
        if away:
            return f"`{away[0]}` is not on its switch chip ({chip.switch}, {chip.name})", "name ports of the same chip"
        if chip.copies is Copying.ONE_SOURCE and len(sources) > 1:
            return f"the switch chip ({chip.name}) copies one port's frames, and these are {len(sources)}", "name one"
        if chip.switch in self._taken:
            return f"the switch chip has one mirror, which is `{self._taken[chip.switch]}`", "copy all to one port"
        self._taken[chip.switch] = port
        return "", ""
