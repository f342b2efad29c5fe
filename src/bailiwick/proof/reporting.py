"""Whom a router that runs RouterOS tells its log, asks for the time, and lets know its address: those whom the home
file names and nobody else. A log that goes to a stranger tells him who is at home."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bailiwick.dataplane.model import Device
from bailiwick.network.model import Network
from bailiwick.proof.difference import Difference, Kind, Meaning

TOPICS = "critical,error,info,warning"
"""Every message but debug ones has one of these."""


def reported(network: Network, device: Device) -> Iterator[Difference]:
    """Nothing of a router that runs Linux, where none of it is written."""
    if device.platform != "routeros":
        return
    host, clock = network.log_host, network.clock
    log = {f"log.{host.address}": f"syslog udp/{host.port} {TOPICS}"} if host else {}
    about = (Meaning(host.span, "syslog"),) if host else ()
    yield from _held("its log is sent to", "log.", log, device.settings, about)
    times = _time_servers(network)
    asked = (Meaning(clock.span, "ntp"),) if clock else ()
    yield from _held("the time is asked of", "ntp.", {f"ntp.{one}": "" for one in times}, device.settings, asked)
    settings = {
        "/system/ntp/client enabled": ("no", {"yes"} if times else {"no"}),
        "/ip/cloud update-time": ("yes", {"no"} if times else {"yes"}),
        "/ip/cloud ddns-enabled": ("auto", {"yes"} if network.dynamic_names else {"no", "auto"}),
        "/ip/cloud/advanced use-local-address": ("no", {"no"}),
    }
    for key, (usual, good) in settings.items():
        value = device.settings.get(key, usual)
        if value not in good:
            yield Difference(Kind.SETTING, f"{key} is {value or 'empty'}, and not {' or '.join(sorted(good))}")


def _time_servers(network: Network) -> tuple[str, ...]:
    """Those that the file names, else the hosts in zones that serve NTP."""
    if network.clock is not None:
        return network.clock.servers
    return tuple(str(address) for place, address in network.ntp if place.startswith("zone:"))


def _held(
    what: str, prefix: str, wanted: Mapping[str, str], settings: Mapping[str, str], meant: tuple[Meaning, ...]
) -> Iterator[Difference]:
    written = {key: value for key, value in settings.items() if key.startswith(prefix)}
    for key, value in written.items():
        name = key.removeprefix(prefix)
        if key not in wanted:
            yield Difference(Kind.SETTING, f"{what} {name}, and nobody asks for it", meant=meant)
        elif value != wanted[key]:
            yield Difference(Kind.SETTING, f"{what} {name} as {value}, and not as {wanted[key]}", meant=meant)
    for key in wanted.keys() - written.keys():
        yield Difference(Kind.SETTING, f"nothing says that {what} {key.removeprefix(prefix)}", meant=meant)
