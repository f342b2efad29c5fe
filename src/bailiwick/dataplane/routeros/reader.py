"""A RouterOS export to a device."""

from __future__ import annotations

from bailiwick.dataplane.model import Device
from bailiwick.dataplane.routeros.address_lists import AddressLists
from bailiwick.dataplane.routeros.filtering import read_table
from bailiwick.dataplane.routeros.handouts import read_handouts
from bailiwick.dataplane.routeros.interface_sets import InterfaceSets
from bailiwick.dataplane.routeros.interfaces import read_interfaces
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.dataplane.routeros.marks import Marks
from bailiwick.dataplane.routeros.matchers import Surroundings
from bailiwick.dataplane.routeros.menus import SETTINGS
from bailiwick.dataplane.routeros.mirroring import mirrors
from bailiwick.dataplane.routeros.reporting import reports
from bailiwick.dataplane.routeros.routing import read_routing
from bailiwick.dataplane.routeros.scripts import scripts
from bailiwick.dataplane.routeros.services import read_services
from bailiwick.dataplane.routeros.source import Source, is_secret
from bailiwick.dataplane.rules import Table

_TABLES = ("raw", "mangle", "nat", "filter")
_BRIDGED = ("use-ip-firewall", "use-ip-firewall-for-vlan", "use-ip-firewall-for-pppoe")


def read_export(text: str, file: str, name: str = "router") -> Device:
    """The device that ``/export`` describes; ``file`` is what its lines are called by.

    Raises ExportError for a text that is no whole export. All else that cannot be read is in the tally, as unknown.
    """
    source = Source.of(file, text)
    configuration = Configuration(source)
    interfaces = read_interfaces(configuration)
    sets = InterfaceSets(configuration, interfaces)
    marks = Marks()
    ipsec = _ipsec(configuration)
    tables: list[Table] = []
    for version in (4, 6):
        around = Surroundings(version, AddressLists(configuration, version), sets, marks, ipsec)
        tables.extend(read_table(configuration, table, around) for table in _TABLES)
    routing = read_routing(configuration, interfaces, marks)
    listeners = read_services(configuration, interfaces, sets, ipsec)
    settings = _settings(configuration) | marks.settings() | mirrors(configuration) | reports(configuration)
    settings |= scripts(configuration)
    for item in configuration.of("ppp/profile"):
        configuration.understand(item)
    return Device(
        name,
        "routeros",
        interfaces,
        tuple(tables),
        routing,
        settings,
        listeners,
        configuration.ledger.tally(),
        read_handouts(configuration),
    )


def _ipsec(configuration: Configuration) -> bool:
    """Whether anything sets up IPsec: a peer, an identity, a policy of one's own, a tunnel that asks for it."""
    found = False
    for menu in ("ip/ipsec/peer", "ip/ipsec/identity", "ip/ipsec/policy"):
        for item in configuration.of(menu):
            configuration.understand(item)
            found = found or (not item.built_in and not item.yes("template"))
    for rows in (*configuration.items.values(), configuration.settings.values()):
        for item in rows:
            found = found or bool(item.get("ipsec-secret")) or item.get("use-ipsec", "no") != "no"
    return found


def _settings(configuration: Configuration) -> dict[str, str]:
    """Values that change what the tables see, as ``/menu name``; unusual ones are in the account as well."""
    found: dict[str, str] = {}
    for menu in sorted(SETTINGS):
        item = configuration.setting(menu)
        if item.lines:
            found.update({f"/{menu} {key}": value for key, value in item.values.items() if not is_secret(key)})
            configuration.understand(item)
    bridge = configuration.setting("interface/bridge/settings")
    for key in _BRIDGED:
        if bridge.yes(key):
            configuration.doubt(bridge, f"with `{key}` the firewall sees what passes within a bridge as well")
    if configuration.setting("ip/firewall/connection/tracking").get("enabled") == "no":
        tracking = configuration.setting("ip/firewall/connection/tracking")
        configuration.doubt(tracking, "without connection tracking every packet is untracked")
    if configuration.setting("interface/detect-internet").get("detect-interface-list", "none") != "none":
        configuration.doubt(configuration.setting("interface/detect-internet"), "detection changes lists and addresses")
    for item in configuration.items.get("interface/bridge", ()):
        found[f"/interface/bridge {item.get('name')} vlan-filtering"] = item.get("vlan-filtering", "no")
        later = [line for line in item.lines[1:] if "vlan-filtering=yes" in line.text]
        if later:
            found[f"/interface/bridge {item.get('name')} vlan-filtering line"] = str(later[0].number)
        rows = configuration.items.get("interface/bridge/vlan", ())
        mine = [row.get("vlan-ids") for row in rows if row.get("bridge") == item.get("name") and not row.disabled]
        if mine:
            found[f"/interface/bridge {item.get('name')} vlan-ids"] = ",".join(mine)
    usual = "no" if configuration.version is not None and configuration.version[0] < 7 else "yes"
    for item in configuration.items.get("interface/bridge/port", ()):
        key = f"/interface/bridge/port {item.get('interface')} ingress-filtering"
        found[key] = item.get("ingress-filtering", usual)
    return found
