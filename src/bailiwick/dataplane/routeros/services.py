"""What the router itself listens on, the services included that are on unless an export says otherwise.

Names, ports and defaults: MikroTik's manual, "Services" and "Securing your router", and its default configuration.
"""

from __future__ import annotations

from ipaddress import ip_network

from bailiwick.dataplane.model import Interface, Listener, Network
from bailiwick.dataplane.routeros.interface_sets import InterfaceSets
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.dataplane.service_ports import SERVICES
from bailiwick.dataplane.tally import Line

TCP, UDP = 6, 17
_OFF_AT_FIRST = frozenset({"www-ssl"})
_SWITCHED = {
    "ip/proxy": ("web proxy", ((TCP, 8080),)),
    "ip/socks": ("SOCKS proxy", ((TCP, 1080),)),
    "ip/upnp": ("UPnP", ((UDP, 1900), (TCP, 2828))),
    "ip/nat-pmp": ("NAT-PMP", ((UDP, 5351),)),
    "ip/smb": ("SMB", ((TCP, 445), (TCP, 139))),
    "snmp": ("SNMP", ((UDP, 161),)),
    "system/ntp/server": ("NTP", ((UDP, 123),)),
    "interface/l2tp-server/server": ("L2TP server", ((UDP, 1701),)),
    "interface/pptp-server/server": ("PPTP server", ((TCP, 1723),)),
    "interface/sstp-server/server": ("SSTP server", ((TCP, 443),)),
    "caps-man/manager": ("CAPsMAN", ((UDP, 5246), (UDP, 5247))),
    "interface/wifi/capsman": ("CAPsMAN", ((UDP, 5246), (UDP, 5247))),
    "interface/wifiwave2/capsman": ("CAPsMAN", ((UDP, 5246), (UDP, 5247))),
    "user-manager": ("RADIUS server", ((UDP, 1812), (UDP, 1813))),
    "radius/incoming": ("RADIUS requests", ((UDP, 3799),)),
}
"""Settings menus whose service is off until told: name, protocols and ports (the first takes the port said)."""
_ADDS_RULES = {"ip/upnp": "UPnP lets hosts open ports for themselves", "ip/nat-pmp": "NAT-PMP does so too"}


class _Services:
    def __init__(self, configuration: Configuration, interfaces: dict[str, Interface], sets: InterfaceSets) -> None:
        self.configuration, self.interfaces, self.sets = configuration, interfaces, sets
        self.found: list[Listener] = []

    def listen(
        self,
        name: str,
        ports: tuple[tuple[int, int], ...],
        item: Item,
        interfaces: frozenset[str] | None = None,
        sources: tuple[Network, ...] | None = None,
    ) -> None:
        line: Line | None = item.lines[0] if item.lines else None
        for protocol, port in ports:
            self.found.append(Listener(name, protocol, port, interfaces, line, sources))

    def port(self, item: Item, usual: int, name: str = "port") -> int:
        said = item.get(name)
        if not said:
            return usual
        if said.isascii() and said.isdigit() and 0 < len(said) < 6 and int(said) <= 65535:
            return int(said)
        self.configuration.doubt(item, f"`{said}` is no port")
        return usual


def read_services(
    configuration: Configuration, interfaces: dict[str, Interface], sets: InterfaceSets, ipsec: bool
) -> tuple[Listener, ...]:
    """Every service that the router offers, with the interfaces and sources that it serves."""
    them = _Services(configuration, interfaces, sets)
    _management(them)
    _by_menu(them)
    _discovery(them)
    _tunnels(them, ipsec)
    return tuple(them.found)


def _management(them: _Services) -> None:
    configuration = them.configuration
    said = {item.get("name"): item for item in configuration.items.get("ip/service", ())}
    for item in configuration.items.get("ip/service", ()):
        configuration.understand(item)
        if item.get("name") not in SERVICES:
            configuration.doubt(item, f"there is no service `{item.get('name')}`")
    for name, usual in SERVICES.items():
        item = said.get(name, Item("ip/service", Line("", 0)))
        if item.yes("disabled", name in _OFF_AT_FIRST):
            continue
        them.listen(name, ((TCP, them.port(item, usual)),), item, None, _sources(configuration, item))


def _sources(configuration: Configuration, item: Item) -> tuple[Network, ...] | None:
    """``address=``: who may connect; nothing said is everybody."""
    said = [one for one in item.get("address").split(",") if one]
    try:
        return tuple(ip_network(one, strict=False) for one in said) or None
    except ValueError as error:
        configuration.doubt(item, str(error))
        return None


def _by_menu(them: _Services) -> None:
    configuration = them.configuration
    for menu, (name, ports) in _SWITCHED.items():
        item = configuration.setting(menu)
        configuration.understand(item)
        if not item.yes("enabled"):
            continue
        (protocol, usual), *others = ports
        them.listen(name, ((protocol, them.port(item, usual)), *others), item)
        if menu in _ADDS_RULES:
            configuration.doubt(item, _ADDS_RULES[menu])
    dns = configuration.setting("ip/dns")
    configuration.understand(dns)
    if dns.yes("allow-remote-requests"):
        them.listen("DNS", ((UDP, 53), (TCP, 53)), dns)
    test = configuration.setting("tool/bandwidth-server")
    configuration.understand(test)
    if test.yes("enabled", True):
        them.listen("bandwidth test", ((TCP, 2000), (UDP, 2000)), test)
    for menu in ("ip/dhcp-server", "ip/dhcp-relay"):
        for item in configuration.of(menu):
            configuration.understand(item)
            them.listen("DHCP", ((UDP, 67),), item, frozenset({item.get("interface")}))
    for item in configuration.of("ip/tftp"):
        configuration.understand(item)
        them.listen("TFTP", ((UDP, 69),), item)


def _discovery(them: _Services) -> None:
    """MNDP and the services on hardware addresses, which take UDP too."""
    configuration = them.configuration
    for menu, name, port, key in (
        ("ip/neighbor/discovery-settings", "neighbour discovery", 5678, "discover-interface-list"),
        ("tool/mac-server", "MAC telnet", 20561, "allowed-interface-list"),
        ("tool/mac-server/mac-winbox", "MAC WinBox", 20561, "allowed-interface-list"),
    ):
        item = configuration.setting(menu)
        configuration.understand(item)
        wanted = item.get(key) or ("static" if port == 5678 else "all")
        negated, wanted = wanted.startswith("!"), wanted.removeprefix("!")
        names = them.sets.names(wanted)
        if names is None and wanted in ("all", "static", "dynamic", "none"):
            wanted = {"static": "all", "dynamic": "none"}.get(wanted, wanted)
            names = None if (wanted == "all") is not negated else frozenset()
        elif names is None:
            configuration.doubt(item, f"which interfaces `{wanted}` holds is not certain")
        elif negated:
            names = frozenset(them.interfaces) - names
        if names is None or names:
            them.listen(name, ((UDP, port),), item, names)


def _tunnels(them: _Services, ipsec: bool) -> None:
    configuration = them.configuration
    for item in configuration.of("interface/wireguard"):
        them.listen(f"WireGuard {item.get('name')}", ((UDP, them.port(item, 13231, "listen-port")),), item)
    for item in configuration.of("interface/ovpn-server/server"):
        configuration.understand(item)
        if item.yes("enabled", "name" in item.values):
            protocol = UDP if item.get("protocol") == "udp" else TCP
            them.listen("OpenVPN server", ((protocol, them.port(item, 1194)),), item)
    for item in configuration.of("interface/pppoe-server/server"):
        configuration.ignore(item, "takes dial-ins below IP")
    if ipsec:
        rows = configuration.items.get("ip/ipsec/peer") or [Item("ip/ipsec", Line("", 0))]
        them.listen("IPsec", ((UDP, 500), (UDP, 4500)), rows[0])
    cloud = configuration.setting("ip/cloud")
    configuration.understand(cloud)
    if cloud.get("back-to-home-vpn") == "enabled":
        configuration.doubt(cloud, "the vendor's VPN adds an interface and firewall rules of its own")
