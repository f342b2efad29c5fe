"""The menus of RouterOS: which are read, which change no packet's fate, and which change it in ways not read here.

Names after MikroTik's CLI reference (v7) and manual (v6).
"""

from __future__ import annotations

from bailiwick.dataplane.routeros.words import words

FIREWALL = tuple(f"{ip}/firewall/{table}" for ip in ("ip", "ipv6") for table in ("raw", "mangle", "nat", "filter"))
ADDRESS_LISTS = ("ip/firewall/address-list", "ipv6/firewall/address-list")
TUNNELS = words("wireguard eoip eoipv6 gre gre6 ipip ipipv6 6to4 vxlan l2tp-ether vpls amt macsec")
SESSIONS = words("pppoe-client l2tp-client pptp-client sstp-client ovpn-client ppp-client lte")
BINDINGS = words("pppoe-server l2tp-server pptp-server sstp-server ovpn-server ppp-server")
RADIOS = words("wifi wifiwave2 wireless w60g")

KINDS = {
    "interface/ethernet": "ethernet",
    "interface/bridge": "bridge",
    "interface/vlan": "vlan",
    "interface/bonding": "bonding",
    "interface/vrrp": "vrrp",
    "interface/macvlan": "macvlan",
    "interface/veth": "ethernet",
    "interface/mesh": "bridge",
    "interface/loopback": "loopback",
    "zerotier/interface": "tunnel",
    "zerotier": "tunnel",
    **{f"interface/{name}": "tunnel" for name in TUNNELS},
    **{f"interface/{name}": "ppp" for name in (*SESSIONS, *BINDINGS)},
    **{f"interface/{name}": "wireless" for name in RADIOS},
}
"""Menus whose items are interfaces, and the kind of each."""

ITEMS = frozenset(
    words("""
    interface/bridge/port interface/bridge/vlan interface/list interface/list/member ip/address ipv6/address
    ip/dhcp-client ipv6/dhcp-client ip/route ipv6/route ip/route/rule routing/rule routing/table ip/service
    ip/dhcp-server ip/dhcp-relay ip/tftp ppp/profile ip/ipsec/peer ip/ipsec/policy ip/ipsec/identity
    interface/ovpn-server/server interface/pppoe-server/server interface/wireguard/peers
    """)
).union(FIREWALL, ADDRESS_LISTS, KINDS)
"""Menus that are lists of items."""

SWITCH_CHIPS = frozenset(words("interface/ethernet/switch interface/ethernet/switch/port"))
"""Lists of what is there by itself: chips and their ports."""

HANDED_OUT = frozenset(
    words("""
    ip/pool ip/dhcp-server/network ip/dhcp-server/lease ip/dhcp-server/option ip/dhcp-server/matcher ip/dns/static
    system/logging system/logging/action system/ntp/client/servers system/script""")
).union(SWITCH_CHIPS)
"""Lists of items that decide no packet's fate, and are kept for those who ask what clients are told, who hears copies
or the log, who is asked for the time, and what scripts say."""

SETTINGS = frozenset(
    words("""
    ip/settings ipv6/settings interface/bridge/settings ip/dns ip/ssh ip/cloud ip/cloud/advanced ip/proxy ip/socks
    ip/upnp ip/nat-pmp ip/smb ip/neighbor/discovery-settings ip/neighbor/discovery tool/mac-server
    tool/mac-server/mac-winbox tool/bandwidth-server snmp system/ntp/client system/ntp/server
    interface/l2tp-server/server interface/pptp-server/server interface/sstp-server/server
    ip/firewall/connection/tracking routing/settings caps-man/manager interface/wifi/capsman
    interface/wifiwave2/capsman user-manager radius/incoming interface/detect-internet
    """)
)
"""Menus that are one set of values."""

BUILT_IN = frozenset({"ip/service", "ppp/profile", "interface/list", "routing/table", "ip/ipsec/policy"}).union(
    KINDS, SWITCH_CHIPS
)
"""Menus with items that were there before: ``set`` on one that the text did not add brings it up."""

IDLE = {
    "app": "runs programs behind an interface of their own",
    "caps-man": "sets up access points",
    "certificate": "keeps certificates",
    "console": "is about the console",
    "container": "runs programs behind an interface of their own",
    "disk": "is about storage",
    "dude": "watches other devices",
    "file": "is about storage",
    "interface/bridge/host": "names hosts of a bridge by hardware address",
    "interface/bridge/mdb": "steers multicast within a bridge",
    "interface/bridge/mlag": "is about pairs of switches",
    "interface/bridge/msti": "is about spanning trees",
    "interface/bridge/port-controller": "is about port extenders",
    "interface/bridge/port-extender": "is about port extenders",
    "interface/ethernet/poe": "is about power",
    "interface/ethernet/switch": "names the switch chip and what it mirrors",
    "interface/ethernet/switch/port": "sets up the switch chip's ports",
    "interface/ethernet/switch/qos": "shapes traffic",
    "interface/lte/apn": "sets up a mobile line",
    "interface/lte/settings": "sets up a mobile line",
    "interface/wifi": "sets up radios",
    "interface/wifiwave2": "sets up radios",
    "interface/wireless": "sets up radios",
    "iot": "is about sensors",
    "ip/accounting": "counts traffic",
    "ip/arp": "names hosts by hardware address",
    "ip/dhcp-client/option": "is about DHCP's options",
    "ip/dhcp-server": "gives out addresses",
    "ip/dns": "answers names",
    "ip/firewall/layer7-protocol": "names patterns; a rule that asks for one counts as unknown",
    "ip/firewall/service-port": "sets up conntrack's helpers; what they open is called related",
    "ip/hotspot/profile": "describes hotspots",
    "ip/hotspot/user": "describes hotspots' users",
    "ip/ipsec": "sets up IPsec's keys",
    "ip/kid-control/device": "names devices",
    "ip/media": "shares files",
    "ip/packing": "packs packets between two such routers",
    "ip/pool": "names ranges of addresses to give out",
    "ip/proxy/access": "is about what the proxy serves",
    "ip/smb": "shares files",
    "ip/ssh": "is about the SSH service",
    "ip/tftp/settings": "is about the TFTP service",
    "ip/traffic-flow": "reports on traffic",
    "ip/upnp/interfaces": "names interfaces for UPnP",
    "ip/nat-pmp/interfaces": "names interfaces for NAT-PMP",
    "ipv6/dhcp-server": "gives out addresses",
    "ipv6/nd": "announces prefixes",
    "ipv6/pool": "names ranges of addresses to give out",
    "lcd": "is about the display",
    "log": "is about the log",
    "lora": "is about sensors",
    "partitions": "is about storage",
    "port": "is about serial ports",
    "ppp": "is about who may dial in",
    "ppp/aaa": "is about who may dial in",
    "ppp/secret": "is about who may dial in",
    "queue": "shapes traffic",
    "radius": "asks another server who may log in",
    "routing/bfd": "watches neighbours",
    "mpls/interface": "sets up MPLS, which does nothing alone",
    "mpls/settings": "sets up MPLS, which does nothing alone",
    "routing/bgp/instance": "sets up BGP, which does nothing without a peer",
    "routing/bgp/template": "sets up BGP, which does nothing without a peer",
    "routing/filter": "sorts learned routes",
    "routing/id": "names the router among routers",
    "routing/igmp-proxy": "steers multicast",
    "snmp": "is about SNMP",
    "special-login": "is about serial ports",
    "system": "is about the device itself",
    "tool": "is a tool for the operator",
    "tr069-client": "is about remote management",
    "user": "is about who may log in",
    "user-manager": "is about who may log in",
    "zerotier/controller": "is about who may join a tunnel",
}
"""Prefixes of menus that decide no packet's fate, each with what it does instead (longest prefix counts)."""

ACTIVE = {
    "interface/bridge/calea": "copies frames",
    "interface/bridge/filter": "filters frames within a bridge",
    "interface/bridge/nat": "rewrites frames within a bridge",
    "interface/dot1x": "opens ports to those who log in",
    "interface/ethernet/switch/acl": "filters frames in the switch chip",
    "interface/ethernet/switch/egress-vlan-tag": "sets VLANs in the switch chip",
    "interface/ethernet/switch/egress-vlan-translation": "sets VLANs in the switch chip",
    "interface/ethernet/switch/ingress-vlan-translation": "sets VLANs in the switch chip",
    "interface/ethernet/switch/port-isolation": "isolates ports in the switch chip",
    "interface/ethernet/switch/rule": "filters frames in the switch chip",
    "interface/ethernet/switch/vlan": "sets VLANs in the switch chip",
    "interface/virtual-ethernet": "is an interface of another system",
    "interface/wireless/nstreme-dual": "joins radios to one interface",
    "ip/firewall/calea": "copies packets",
    "ip/firewall/mangle-ext": "marks packets",
    "ip/hotspot": "adds firewall rules of its own",
    "ip/kid-control": "adds firewall rules of its own",
    "ip/reverse-proxy": "forwards web requests to hosts behind it",
    "ip/route/vrf": "gives interfaces a routing table of their own",
    "ip/socksify": "sends connections through a proxy",
    "ip/vrf": "gives interfaces a routing table of their own",
    "mpls": "switches packets by label",
    "openflow": "lets a controller steer packets",
    "routing/bgp": "learns routes",
    "routing/isis": "learns routes",
    "routing/ospf": "learns routes",
    "routing/ospf-v3": "learns routes",
    "routing/pimsm": "steers multicast",
    "routing/rip": "learns routes",
    "routing/ripng": "learns routes",
    "routing/rpki": "sorts learned routes",
}
"""Prefixes of menus that may decide a packet's fate in ways that are not read here."""


def _longest(menu: str, prefixes: dict[str, str]) -> str:
    while menu and menu not in prefixes:
        menu = menu.rpartition("/")[0]
    return menu


def duty(menu: str) -> tuple[str, str]:
    """What is done with a menu: ``items``, ``settings``, ``idle``, ``active`` or ``none``, and its phrase."""
    if menu in ITEMS:
        return "items", ""
    if menu in SETTINGS:
        return "settings", ""
    idle, active = _longest(menu, IDLE), _longest(menu, ACTIVE)
    if active and len(active) >= len(idle):
        return "active", ACTIVE[active]
    return ("idle", IDLE[idle]) if idle else ("none", "")


ONE_OR_MANY = frozenset({"interface/ovpn-server/server"})
"""Settings in v6 and items in later versions."""

SWITCHING = {
    "vlan-mode": ("disabled", "this sets VLANs in the switch chip"),
    "isolation-profile-override": ("", "this isolates ports in the switch chip"),
    "forwarding-override": ("", "this isolates ports in the switch chip"),
    "routes": ("", "this adds routes while a user is dialled in"),
}
"""Arguments of otherwise idle menus that do change where packets go: the value with which they do not, and a phrase."""

_STEPS = frozenset(
    path.rsplit("/", cut)[0] for path in (*ITEMS, *SETTINGS, *IDLE, *ACTIVE) for cut in range(path.count("/") + 1)
)


def is_menu(path: str) -> bool:
    """Whether a path leads anywhere: to a menu of these tables or to what lies within an idle one."""
    return path in _STEPS
