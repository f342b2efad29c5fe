"""systemd-networkd takes up its files; and the addresses that still answer while nobody has confirmed the new ones.

An owner who is connected by an address that the new generation changes keeps it until the commit, as one more address
of the same link: in a drop-in of the link's own file, which the commit or the way back takes away. Only an address of
the subnet that the new one lies in is kept, as the filter would refuse whoever comes from another.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable
from ipaddress import ip_interface
from typing import Any

from bailiwick.agent.commands import run
from bailiwick.agent.disk import durable
from bailiwick.agent.look.scope import NETWORK
from bailiwick.agent.places import Places
from bailiwick.agent.switch import links
from bailiwick.agent.switch.installing import Target
from bailiwick.agent.switch.services import NETWORKD
from bailiwick.agent.switch.unit_states import states
from bailiwick.dataplane.linux.ini import assigned

UNTIL_CONFIRMED = "50-bailiwick-until-confirmed.conf"
DAEMON = "/etc/systemd/networkd.conf"
LOOKED_AT = 5.0
"""Seconds that networkd has to look at its links, once it was started again."""
_HEAD = "# This address answers until the new one is confirmed (Bailiwick).\n[Network]\n"


def old_addresses(target: Target) -> dict[str, str]:
    """Drop-ins by path: for each link that gets another static address, those of the same subnet that it has now.
    Raises CommandFailed."""
    found: dict[str, str] = {}
    there = links.present()
    for path, text in target.texts(NETWORK, ".network").items():
        for name, parts in links.networks({path: text}).items():
            new = [ip_interface(one) for one in assigned(parts, "Network", "Address")]
            old = [address for address in _addresses(there.get(name, {})) if address not in map(str, new)]
            kept = [one for one in old if any(ip_interface(one).ip in other.network for other in new)]
            if kept:
                lines = "".join(f"Address={address}\n" for address in kept)
                found[f"{path}.d/{UNTIL_CONFIRMED}"] = _HEAD + lines
    return found


def _addresses(link: dict[str, Any]) -> list[str]:
    """Lasting or leased: IPv4, of global scope, as address and length."""
    return [
        f"{one['local']}/{one['prefixlen']}"
        for one in link.get("addr_info", ())
        if one.get("family") == "inet" and one.get("scope") == "global" and "local" in one and "address" not in one
    ]


def going(places: Places) -> frozenset[str]:
    """The addresses that answer until the new ones are confirmed, and no longer."""
    files = places.on_device(NETWORK).glob(f"*.network.d/{UNTIL_CONFIRMED}")
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    found = (line.removeprefix("Address=") for line in lines if line.startswith("Address="))
    return frozenset(str(ip_interface(one).ip) for one in found)


def keep_old(places: Places, dropins: dict[str, str]) -> bool:
    """Write these, take away all others; whether anything changed. Raises NotWritten."""
    folder = places.on_device(NETWORK)
    here = {f"{NETWORK}{one.parent.name}/{one.name}": one for one in folder.glob(f"*.network.d/{UNTIL_CONFIRMED}")}
    changed = False
    for path, file in here.items():
        if path not in dropins:
            durable.remove(file)
            if not any(file.parent.iterdir()):
                file.parent.rmdir()
            changed = True
    for path, text in dropins.items():
        if path not in here or here[path].read_text(encoding="utf-8") != text:
            durable.directory(places.on_device(path).parent, 0o755)
            durable.write(places.on_device(path), text.encode(), 0o644)
            changed = True
    return changed


def take_up(target: Target, changed: Collection[str], relinked: bool) -> str:
    """networkd has read what there is to read; what was done, in a sentence, or "". ``relinked``: links were deleted,
    or have other names. Raises CommandFailed."""
    if not states((NETWORKD,))[NETWORKD].runs:
        if NETWORKD not in target.generation.enable:
            return ""
        run("systemctl", "reset-failed", NETWORKD, may=(1,))
        run("systemctl", "start", NETWORKD)
        said = "networkd is started"
        if target.generation.file(links.LOAD_BRIDGE) is None:
            return said
    elif any(path.startswith(DAEMON) for path in changed):
        run("systemctl", "restart", NETWORKD)
        said = "networkd is restarted, as its own configuration has changed"
    elif relinked or any(path.startswith(NETWORK) for path in changed):
        said = "networkd has read its files again"
    else:
        return ""
    run(*((links.LOAD_BRIDGE,) if target.generation.file(links.LOAD_BRIDGE) else ("networkctl", "reload")))
    return said


def lacking(target: Target, exact: bool = False) -> tuple[str, ...]:
    """Links without one of their static addresses, though they have a carrier or need none; ``exact``: with another one
    too. Raises CommandFailed."""
    there = links.present()
    found: list[str] = []
    for name, parts in links.networks(target.texts(NETWORK, ".network")).items():
        link = there.get(name)
        if link is None or not (_carrier(link) or "yes" in assigned(parts, "Network", "ConfigureWithoutCarrier")):
            continue
        wanted = set(assigned(parts, "Network", "Address"))
        lasting = {**link, "addr_info": [one for one in link.get("addr_info", ()) if not one.get("dynamic")]}
        has = set(_addresses(lasting))
        if wanted - has or (exact and has - wanted):
            found.append(name)
    return tuple(found)


def _carrier(link: dict[str, Any]) -> bool:
    return "NO-CARRIER" not in link.get("flags", ()) and "UP" in link.get("flags", ())


def again(names: Iterable[str]) -> None:
    """Links are configured anew, foreign addresses gone. Raises CommandFailed."""
    for name in names:
        run("networkctl", "reconfigure", name)


def administrative() -> dict[str, str]:
    """networkd's own word for each link (networkctl(1)). Raises CommandFailed."""
    listed = json.loads(run("networkctl", "list", "--all", "--json=short"))["Interfaces"]
    return {one["Name"]: str(one.get("AdministrativeState", "")) for one in listed}


def unmanaged(names: Collection[str]) -> tuple[str, ...]:
    """Of these, the links that networkd leaves alone, once it has looked at them; what it gave them earlier stays
    there. Raises CommandFailed."""
    end = time.monotonic() + LOOKED_AT
    while names:
        told = administrative()
        if not any(told.get(name) in ("pending", "initialized") for name in names) or time.monotonic() > end:
            return tuple(name for name in names if told.get(name) == "unmanaged")
        time.sleep(0.1)
    return ()


def unsettled(names: Collection[str]) -> dict[str, str]:
    """Of the links that have a carrier, and of those that are not there: what networkd says of them. Raises
    CommandFailed."""
    told = administrative()
    there = links.present()
    waits = {name: "missing" for name in names if name not in there}
    waits |= {
        name: told.get(name, "unmanaged")
        for name in names
        if name in there and _carrier(there[name]) and told.get(name) != "configured"
    }
    return waits
