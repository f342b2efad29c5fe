"""One home, written so that a Linux router and a MikroTik can both be its router."""

from __future__ import annotations

ROUTERS = {"linux": "router: linux, platform: debian-13", "routeros": "router: routeros, platform: routeros-7.20"}

UPLINKS = {
    "dhcp": "{interface: gate/ether1, address: dhcp, modem: 192.168.100.1}",
    "static": "{interface: gate/ether1, address: 203.0.113.2/29, gateway: 203.0.113.1, modem: 203.0.113.3}",
    "pppoe": "{interface: gate/ether1, pppoe: {user: me@isp, password: !secret pppoe}}",
    "two": "{interface: gate/ether1, address: dhcp, modem: 192.168.100.1}\n"
    "  lte: {interface: gate/ether7, address: 203.0.113.2/30, gateway: 203.0.113.1, modem: 192.168.8.1}",
    "tagged": "{interface: gate/ether1, vlan: 835, mtu: 1480, address: dhcp, modem: 192.168.100.1}",
}

RESOLVERS = {"router": "", "host": "serves: dns, "}

HOME = """\
name: both
domain: home.arpa
timezone: Europe/Paris

uplinks:
  wan: %(uplink)s

zones:
  mgmt: {vlan: 10, subnet: 192.168.10.0/24, dhcp: {range: .100-.199}}
  lan:  {vlan: 40, subnet: 192.168.40.0/24, dhcp: {range: .100-.199, lease: 12h}, refuse: reject}
  iot:  {vlan: 50, subnet: 192.168.50.0/24, dhcp: {range: .10-.250}, isolate: true, force-dns: true}
  farm:  {vlan: 60, subnet: 192.168.60.0/30}
  rescue: {subnet: 192.168.88.0/24}

hosts:
  gate:
    %(router)s
    ports: {ether2: lan, ether3: [mgmt, lan, iot, farm], ether4: iot, ether5: rescue, ether6: lan}
  nas:    {%(resolver)szone: lan, address: .5, mac: "52:54:00:aa:00:05", aliases: [files]}
  camera: {zone: iot, address: .20}
  clock:  {zone: mgmt, address: .7, serves: ntp}

groups:
  trusted: [198.51.100.0/28, 8.8.8.8, 8.8.4.4]
  desks: [192.168.40.10-192.168.40.20, nas]

policy:
  - lan -> internet: web, mail, icmp
  - lan -> modem: http
  - lan -> iot: any
  - desks -> farm: udp/1000-2000, proto/47, icmp/echo-request
  - iot except camera -> internet: any
  - mgmt, rescue -> router: ssh, tcp/8291, icmp
  - mgmt -> lan, internet: {services: any, log: true}
  - camera -> nas: tcp/1-9, tcp/11, tcp/13, tcp/15, tcp/17, tcp/19, tcp/21, tcp/23, tcp/25, tcp/27, tcp/29, tcp/31,
      tcp/33, tcp/35, tcp/37, tcp/39, tcp/41

forward:
  web: {service: https, to: nas, names: [api.example.com]}
  game: {service: udp/27000-27003, to: nas, port: 28000, from: trusted}
  moved: {service: tcp/8443, to: camera, port: 443}

dns:
  upstreams: [9.9.9.9, 192.168.10.53]
  rebind-protection: no

tests:
  deny:
    - iot -> mgmt: any except ntp
    - outside -> router: any
  accept:
    - lan -> iot: any
"""


def home(router: str, uplink: str = "dhcp", resolver: str = "router") -> str:
    """``router`` ``linux`` or ``routeros``, ``uplink`` one of ``UPLINKS``, ``resolver`` of ``RESOLVERS``."""
    text = HOME if "modem" in UPLINKS[uplink] else HOME.replace("  - lan -> modem: http\n", "")
    said = ROUTERS[router].replace(", ", "\n    ")
    return text % {"router": said, "uplink": UPLINKS[uplink], "resolver": RESOLVERS[resolver]}


SECOND = UPLINKS["two"].rpartition("{")[2].rstrip("}")
FURTHER = {
    "static": SECOND,
    "dhcp": "interface: gate/ether7, address: dhcp, modem: 192.168.8.1",
    "pppoe": "interface: gate/ether7, pppoe: {user: me@lte, password: !secret lte}",
}
"""A second uplink, beyond which a host and perhaps a modem are in no network of its port."""


def further(router: str, uplink: str) -> str:
    """``uplink`` is one of ``FURTHER``."""
    given = home(router, "two").replace(SECOND, FURTHER[uplink])
    given = given.replace("hosts:\n", "hosts:\n  far: {uplink: lte, address: 172.20.0.9}\n", 1)
    return given.replace("policy:\n", "policy:\n  - lan -> far: https\n  - far -> router: udp/5000\n", 1)
