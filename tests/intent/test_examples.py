"""Who reaches what in the two example homes, row by row, as read from the files by eye."""

from __future__ import annotations

from functools import cache

import pytest

from bailiwick.intent import Intent, Kind, Meant
from tests.intent.flows import example, packet

intent_of = cache(example)

ONE_ROUTER = """
lan 192.168.11.20    -> wan 93.184.216.34    tcp/443   | policy:lan->internet
lan 192.168.11.20    -> wan 93.184.216.34    udp/123   | policy:lan->internet
lan 192.168.11.20    -> wan 93.184.216.34    gre       | policy:lan->internet
lan 192.168.11.20    -> wan 192.168.1.1      tcp/80    | policy:lan->modem
lan 192.168.11.20    -> wan 192.168.1.2      tcp/80    | - a neighbour of the modem that nobody named
lan 192.168.11.20    -> wan 10.0.0.1         tcp/80    | - a private address is not the internet
lan 192.168.11.20    -> wan 224.0.0.251      udp/5353  | - nor is multicast
lan 192.168.11.20    -> router 192.168.11.254 tcp/22   | policy:lan->router
lan 192.168.11.20    -> router 192.168.11.254 icmp/8   | policy:lan->router
lan 192.168.11.20    -> router 192.168.1.57  tcp/22    | policy:lan->router
lan 192.168.11.20    -> router 192.168.11.254 tcp/80   | - no line opens the web on the router
lan 192.168.11.20    -> router 192.168.11.254 udp/53   | derived:dns:lan
lan 192.168.11.20    -> router 192.168.11.254 tcp/53   | derived:dns:lan
lan 192.168.11.20    -> router 192.168.1.57  udp/53    | - the resolver answers on the gateway's address alone
lan 192.168.11.20    -> router 192.168.11.254 udp/67   | derived:dhcp:lan
lan 0.0.0.0          -> router 255.255.255.255 udp/67 from 68 | derived:dhcp:lan
lan 0.0.0.0          -> router 192.168.11.254 tcp/22   | - no address yet: nothing but a lease
lan 0.0.0.0          -> wan 93.184.216.34    udp/67    | - nor by the uplink
lan 192.168.12.20    -> wan 93.184.216.34    tcp/443   | - a source of no zone
lan 192.168.11.254   -> wan 93.184.216.34    tcp/443   | - the router's own address, forged
lan 192.168.11.255   -> wan 93.184.216.34    udp/123   | - the broadcast address, forged
lan 8.8.8.8          -> router 192.168.11.254 tcp/22   | - a public source, forged
lan 192.168.11.20    -> lan 192.168.11.210   tcp/445   | - stays in the zone, and is no matter of the router
wan 93.184.216.34    -> router 192.168.1.57  tcp/22    | - closed to the outside
wan 93.184.216.34    -> router 192.168.1.57  icmp/8    | - the prose: ping from the home alone
wan 192.168.1.1      -> router 192.168.1.57  icmp/8    | - the modem as well
wan 192.168.1.1      -> router 255.255.255.255 udp/68  | - an answer to the DHCP client is a reply or raw
wan 93.184.216.34    -> lan 192.168.11.210   tcp/445   | - a neighbour that routes straight at the LAN
wan 192.168.11.20    -> lan 192.168.11.210   tcp/445   | - the same, with a source of the LAN
unknown 93.184.216.34 -> router 192.168.1.57 tcp/22    | - an interface that nobody named
unknown 192.168.11.20 -> wan 93.184.216.34   tcp/443   | - the same
router 192.168.1.57  -> wan 93.184.216.34    tcp/443   | derived:router
router 192.168.11.254 -> lan 192.168.11.20   icmp/8    | derived:router
router 192.168.1.57  -> wan 8.8.8.8          udp/53    | derived:router
router 0.0.0.0       -> wan 255.255.255.255  udp/67 from 68 | derived:router
router 192.168.1.57  -> wan 192.168.1.1      udp/67 from 68 | derived:router
router 192.168.1.57  -> wan 255.255.255.255  udp/67 from 50000 | - a client sends from 68
router 192.168.1.57  -> wan 192.168.11.20    tcp/443   | - a home's own address never leaves by the uplink
"""

PUBLIC_APPS = """
lan 192.168.40.10    -> wan 93.184.216.34    tcp/443   | policy:lan->internet
lan 192.168.40.10    -> wan 93.184.216.34    tcp/80    | policy:lan->internet
lan 192.168.40.10    -> wan 93.184.216.34    udp/50000 | policy:lan->internet
lan 192.168.40.10    -> wan 93.184.216.34    udp/49999 | - just below Discord's range
lan 192.168.40.10    -> wan 93.184.216.34    tcp/22    | - the LAN's way out is restricted
lan 192.168.40.10    -> wan 93.184.216.34    udp/53    | - it asks the home's resolver
lan 192.168.40.10    -> ivpn 93.184.216.34   tcp/443   | - the tunnel is torrent's alone
lan 192.168.40.10    -> services 192.168.20.5 tcp/443  | policy:lan->iot,mgmt,services
lan 192.168.40.10    -> mgmt 192.168.10.2    tcp/22    | policy:lan->iot,mgmt,services
lan 192.168.40.10    -> iot 192.168.50.20    icmp/8    | policy:lan->iot,mgmt,services
lan 192.168.40.10    -> dmz 192.168.30.5     tcp/443   | - never directly to the DMZ
lan 192.168.40.10    -> dmz 192.168.30.5     tcp/443 translated | - nor by the uplink's address
lan 192.168.40.10    -> guest 192.168.60.10  tcp/443   | - no line
lan 192.168.40.10    -> services 192.168.20.53 udp/53  | policy:lan->iot,mgmt,services derived:dns:lan
lan 192.168.40.10    -> router 192.168.40.1  tcp/22    | - managing is for mgmt
lan 192.168.40.10    -> router 192.168.40.1  udp/53    | - the router is not the resolver here
lan 192.168.40.10    -> router 192.168.40.1  udp/67    | derived:dhcp:lan
lan 192.168.50.20    -> services 192.168.20.5 tcp/443  | - a source of another zone
iot 192.168.50.20    -> wan 93.184.216.34    tcp/8883  | policy:iot->internet
iot 192.168.50.20    -> wan 93.184.216.34    udp/53    | - forced to the home's resolver
iot 192.168.50.20    -> services 192.168.20.53 udp/53  | derived:dns:iot
iot 192.168.50.20    -> services 192.168.20.53 udp/53 translated | derived:dns:iot derived:redirect:iot
iot 192.168.50.20    -> services 192.168.20.53 tcp/853 | - only DNS itself opens
iot 192.168.50.20    -> services 192.168.20.5 tcp/443  | - no line
iot 192.168.50.20    -> lan 192.168.40.10    tcp/443   | - no line
iot 192.168.50.20    -> mgmt 192.168.10.2    tcp/22    | - no line
iot 192.168.50.20    -> router 192.168.10.1  tcp/22    | - another zone's gateway is the router too
services 192.168.20.5 -> wan 93.184.216.34   tcp/443   | policy:services->internet
services 192.168.20.5 -> ivpn 93.184.216.34  tcp/443   | - not routed there
services 192.168.20.66 -> ivpn 93.184.216.34 tcp/443   | policy:services->internet
services 192.168.20.66 -> wan 93.184.216.34  tcp/443   | - torrent leaves by ivpn or not at all
services 192.168.20.66 -> ivpn 9.9.9.9       udp/53    | - its queries are redirected
services 192.168.20.66 -> router 192.168.20.1 udp/53 translated | derived:exit-dns:torrent
services 192.168.20.66 -> router 192.168.20.1 udp/53   | - only when redirected
services 192.168.20.5 -> router 192.168.20.1 udp/53 translated | - not for others
services 192.168.20.5 -> lan 192.168.40.10   tcp/443   | - no line
services 192.168.20.53 -> wan 9.9.9.9        udp/53    | policy:dns->internet policy:services->internet
mgmt 192.168.10.2    -> wan 93.184.216.34    udp/123   | policy:mgmt->internet
mgmt 192.168.10.2    -> router 192.168.10.1  tcp/22    | policy:mgmt->router
mgmt 192.168.10.2    -> router 192.168.10.1  tcp/443   | - no line
mgmt 192.168.10.2    -> dmz 192.168.30.5     tcp/22    | policy:mgmt->dmz,services
mgmt 192.168.10.2    -> dmz 192.168.30.5     tcp/443   | - no line
mgmt 192.168.10.2    -> lan 192.168.40.10    tcp/22    | - no line
dmz 192.168.30.5     -> services 192.168.20.5 tcp/44311 | policy:proxy->dmz-allowed
dmz 192.168.30.5     -> services 192.168.20.5 tcp/443  | - the proxy needs one port
dmz 192.168.30.6     -> services 192.168.20.5 tcp/44311 | - only the proxy
dmz 192.168.30.5     -> services 192.168.20.66 tcp/44311 | - only the allowed
dmz 192.168.30.5     -> wan 93.184.216.34    tcp/443   | - no line lets the DMZ out
dmz 192.168.30.6     -> dmz 192.168.30.5     tcp/443 translated | derived:hairpin:web:dmz
dmz 192.168.30.6     -> router 192.168.30.1  udp/67    | - no DHCP there
guest 192.168.60.10  -> wan 93.184.216.34    tcp/443   | preset:guest->internet
guest 192.168.60.10  -> services 192.168.20.53 udp/53  | derived:dns:guest
guest 192.168.60.10  -> services 192.168.20.5 tcp/443  | - no line
guest 192.168.60.10  -> dmz 192.168.30.5     tcp/443 translated | - no line leads there, so no hairpin does
wan 104.16.1.1       -> dmz 192.168.30.5     tcp/443 translated | forward:web
wan 104.16.1.1       -> dmz 192.168.30.5     tcp/443   | - not through the door: a neighbour that routes at the DMZ
wan 104.16.1.1       -> dmz 192.168.30.5     tcp/80 translated | - another port
wan 104.16.1.1       -> dmz 192.168.30.6     tcp/443 translated | - another host
wan 93.184.216.34    -> dmz 192.168.30.5     tcp/443 translated | - not Cloudflare
ivpn 104.16.1.1      -> dmz 192.168.30.5     tcp/443 translated | - a tunnel is a way out alone
unknown 104.16.1.1   -> dmz 192.168.30.5     tcp/443 translated | - the Ethernet under PPPoE
wan 93.184.216.34    -> router 81.2.69.142   icmp/8    | - closed to the outside
wan 93.184.216.34    -> router 81.2.69.142   tcp/22    | - the same
ivpn 93.184.216.34   -> router 172.24.18.6   tcp/22    | - a new connection from the tunnel's far end
ivpn 93.184.216.34   -> services 192.168.20.66 tcp/6881 | - the same
wan 192.168.40.10    -> services 192.168.20.5 tcp/443  | - a forged inside source
router 192.168.20.1  -> services 192.168.20.53 udp/53  | derived:router
router 81.2.69.142   -> wan 93.184.216.34    tcp/443   | derived:router
router 172.24.18.6   -> ivpn 9.9.9.9         udp/53    | derived:router
router 81.2.69.142   -> wan 192.168.40.10    tcp/443   | - a home's own address never leaves by the uplink
router 0.0.0.0       -> wan 255.255.255.255  udp/67 from 68 | - no DHCP client speaks over PPPoE
router 81.2.69.142   -> unknown 9.9.9.9      tcp/443   | - an interface that nobody named
"""


def rows(name: str, table: str) -> list[tuple[str, str, str]]:
    return [(name, *map(str.strip, row.split("|"))) for row in table.strip().splitlines()]  # type: ignore[misc]


def without_services(one: Meant) -> str:
    return one.id.rsplit(":", 1)[0] if one.kind is Kind.POLICY else one.id


@pytest.mark.parametrize(("name", "flow", "why"), rows("one-router", ONE_ROUTER) + rows("public-apps", PUBLIC_APPS))
def test_verdict(name: str, flow: str, why: str) -> None:
    meant = {without_services(one) for one in intent_of(name).accepts(packet(flow))}
    assert meant == (set() if why.startswith("-") else set(why.split()))


@pytest.mark.parametrize("name", ["one-router", "public-apps"])
def test_the_examples_keep_their_own_tests(name: str) -> None:
    assert list(intent_of(name).contradictions()) == []


def test_the_way_out_is_known() -> None:
    ways = {one.id: one.way for one in intent_of("public-apps").meant}
    assert ways["policy:iot->internet:any"] == "uplink:wan"
    assert ways["policy:services->internet:any"] is None
    assert ways["policy:lan->iot,mgmt,services:any"] is None


def reach(intent: Intent) -> dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]:
    found = {}
    for (row, column), cell in intent.matrix().cells.items():
        if cell.services or cell.derived:
            found[row.removeprefix("zone:"), column.removeprefix("zone:")] = (cell.services, cell.derived)
    return found


def test_the_matrix_of_one_router() -> None:
    assert reach(intent_of("one-router")) == {
        ("lan", "router"): (("icmp, ssh",), ("dhcp", "dns")),
        ("lan", "uplink:wan"): (("any",), ()),
        ("lan", "internet"): (("any",), ()),
        ("router", "lan"): ((), ("any",)),
        ("router", "uplink:wan"): ((), ("any",)),
        ("router", "internet"): ((), ("any",)),
    }


def test_the_matrix_of_public_apps() -> None:
    found = reach(intent_of("public-apps"))
    assert found["lan", "services"] == (("any",), ("dns",))
    assert found["dmz", "services"] == (("cloud-app from proxy to cloud",), ("dns",))
    assert found["dmz", "dmz"] == ((), ("https to proxy",))
    assert found["services", "internet"] == (("dns, dns-over-tls, https, udp/443 from dns", "any"), ())
    assert found["iot", "services"] == ((), ("dns",))
    assert found["outside", "dmz"] == (("https from cloudflare to proxy",), ())
    assert ("lan", "dmz") not in found
    assert ("outside", "router") not in found
