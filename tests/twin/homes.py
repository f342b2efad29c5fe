"""The example homes, taken through every stage before the twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from bailiwick.intent import Intent, mean
from bailiwick.language import Document, load, loads
from bailiwick.network.model import Network
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.plan.model import Plan
from bailiwick.targets import render
from bailiwick.targets.artifact import Artifact, Tree

EXAMPLES = Path(__file__).parents[2] / "examples"
FIREWALL = "/etc/bailiwick/firewall.nft"


SMALL = """\
name: small
domain: home.arpa
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, address: 81.2.69.10/29, gateway: 81.2.69.9}
  out: {interface: gate/wg-out, tunnel: {address: 172.24.18.6/32}}
zones:
  lan: {subnet: 192.168.40.0/24, dhcp: {range: .100-.199}, refuse: reject}
  dmz: {subnet: 192.168.30.0/24, force-dns: true}
hosts:
  gate: {router: linux, ports: {eth1: lan, eth2: dmz}}
  proxy: {zone: dmz, address: .5}
  mail: {zone: dmz, address: .6}
  seed: {zone: lan, address: .66}
groups:
  friends: [104.16.0.0/13, 198.41.128.0/17]
policy:
  - lan -> internet: web, icmp
  - lan -> router: ssh
  - outside -> router: tcp/2222
  - lan -> dmz: https
  - dmz -> internet: tcp/25
  - proxy -> seed: tcp/44311
forward:
  web: {service: https, to: proxy}
  smtp: {service: smtp, from: friends, to: mail}
route-out:
  seed: out
dns: {upstreams: [9.9.9.9]}
"""

PLAIN = """\
name: home
uplinks:
  wan: {interface: gate/eth0, address: dhcp}
zones:
  lan: {subnet: 192.168.40.0/24}
hosts:
  gate: {router: linux, ports: {eth1: lan}}
policy:
  - lan -> router: ssh
dns: {upstreams: [9.9.9.9]}
"""

TRUNKS = """\
name: trunks
domain: home.arpa
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, vlan: 7, address: dhcp, modem: 192.168.1.1}
zones:
  mgmt: {vlan: 10, subnet: 192.168.10.0/24, dhcp: {range: .100-.199}}
  lan: {vlan: 40, subnet: 192.168.40.0/24}
  iot: {vlan: 50, subnet: 192.168.50.0/24}
hosts:
  gate:
    router: linux
    ports:
      eth1: {native: lan, trunk: [mgmt]}
      eth2: lan
      eth3: [mgmt, iot]
policy:
  - lan -> internet: web, icmp
  - lan -> modem: any
  - lan -> mgmt: https
  - mgmt -> lan, iot: any
dns: {upstreams: [9.9.9.9]}
"""

NATIVE = """\
name: native
domain: home.arpa
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, address: 81.2.69.10/29, gateway: 81.2.69.9}
zones:
  mgmt: {vlan: 10, subnet: 192.168.10.0/24}
  lan: {vlan: 40, subnet: 192.168.40.0/24}
  iot: {vlan: 50, subnet: 192.168.50.0/24}
hosts:
  gate: {router: linux, ports: {eth1: {link: hv/ens1, native: lan, trunk: [mgmt, iot]}}}
  hv: {hypervisor: linux, zone: mgmt, address: .2, ports: {ens1: gate/eth1, ens2: iot}}
  nas: {zone: lan, address: .5, guest-of: hv}
policy:
  - lan -> internet: web
dns: {upstreams: [9.9.9.9]}
"""

UPLINKS = """\
name: uplinks
domain: home.arpa
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, address: dhcp}
  lte: {interface: gate/eth1, address: dhcp}
  vpn: {interface: gate/tun0, tunnel: {address: 10.8.0.2/24}}
zones:
  lan: {vlan: 40, subnet: 192.168.40.0/24}
  tiny: {subnet: 192.168.99.0/30}
hosts:
  gate: {router: linux, ports: {eth2: [lan], eth3: tiny}}
  web: {zone: lan, address: .5}
  backup: {zone: lan, address: .67}
  seed: {zone: lan, address: .66}
groups:
  work: [50.1.0.0/16]
policy:
  - lan, tiny -> internet: any
  - lan -> router: any
  - work -> router: ssh
forward:
  web: {service: https, to: web}
route-out:
  seed: vpn
  backup: lte
dns: {upstreams: [9.9.9.9]}
"""


SESSIONS = """\
name: sessions
domain: home.arpa
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, vlan: 7, pppoe: {user: me@isp.example, password: !secret pppoe}}
  out: {interface: gate/wg-out, tunnel: {address: 172.24.18.6/32, mtu: 1420}}
zones:
  lan: {subnet: 192.168.40.0/24, dhcp: {range: .100-.199}, refuse: reject}
  dmz: {subnet: 192.168.30.0/24}
hosts:
  gate: {router: linux, ports: {eth1: lan, eth2: dmz}}
  proxy: {zone: dmz, address: .5}
  seed: {zone: lan, address: .66}
policy:
  - lan -> internet: any
  - lan -> router: ssh
forward:
  web: {service: https, to: proxy}
route-out:
  seed: out
dns: {upstreams: [9.9.9.9]}
"""

HOSTED = """\
name: hosted
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, address: 81.2.69.10/29, gateway: 81.2.69.9}
zones:
  lan: {subnet: 192.168.40.0/24}
  iot: {subnet: 192.168.50.0/24}
  guest: {subnet: 192.168.60.0/24}
hosts:
  gate: {router: linux, ports: {eth1: lan, eth2: iot, eth3: guest}}
policy:
  - lan -> internet: any
  - iot -> lan: tcp/8080
dns: {upstreams: [9.9.9.9]}
"""


@dataclass(frozen=True, eq=False)
class Home:
    network: Network
    intent: Intent
    plan: Plan
    tree: Tree
    others: tuple[Tree, ...] = ()
    """Of hypervisors and switches, and the sheets."""

    def changed(self, change: Callable[[str], str], path: str = FIREWALL) -> Home:
        """The same home with one rendered file changed, of the router or of another machine: ``hv:/etc/…``."""
        device, _, path = path.rpartition(":")

        def edited(tree: Tree) -> Tree:
            if tree.device != (device or self.tree.device):
                return tree
            artifacts = (replace(a, text=change(a.text)) if a.path == path else a for a in tree.artifacts)
            return replace(tree, artifacts=tuple(artifacts))

        return replace(self, tree=edited(self.tree), others=tuple(map(edited, self.others)))

    def file(self, path: str) -> Artifact:
        """Raises KeyError."""
        device, _, path = path.rpartition(":")
        return next(one for one in (self.tree, *self.others) if device in ("", one.device)).file(path)


def _home(document: Document) -> Home:
    network = resolve(document, date(2026, 1, 1)).network
    plan = make_plan(network)
    router, *others = render(plan)
    return Home(network, mean(network), plan, router, tuple(others))


@cache
def home_of(text: str) -> Home:
    """Of the text of a home file."""
    return _home(loads({"home.yaml": text}))


@cache
def home(name: str) -> Home:
    """One of the examples."""
    return _home(load(EXAMPLES / f"{name}.yaml"))


@cache
def plain() -> Home:
    """One zone and one uplink that gives its address."""
    return _home(loads({"home.yaml": PLAIN}))


@cache
def small() -> Home:
    """A home with one of everything that a ruleset can hold, small enough to be tried many times."""
    return _home(loads({"home.yaml": SMALL}))


@cache
def trunks() -> Home:
    """A home of tags: a native VLAN beside a tagged one, bridges of ports and of VLANs, an uplink in a VLAN."""
    return _home(loads({"home.yaml": TRUNKS}))


@cache
def native() -> Home:
    """A hypervisor with a guest in the zone that its trunk carries untagged."""
    return _home(loads({"home.yaml": NATIVE}))


@cache
def uplinks() -> Home:
    """A home of two providers that give its addresses, a tunnel with a subnet, and a zone of one machine: someone
    leaves by the second provider alone, and the router answers the internet."""
    return _home(loads({"home.yaml": UPLINKS}))


@cache
def sessions() -> Home:
    """A PPPoE uplink in a VLAN, and a tunnel by which one machine leaves."""
    return _home(loads({"home.yaml": SESSIONS}))


@cache
def hosted() -> Home:
    """A zone that may go out, with a port that one other zone may ask for and a third may not."""
    return _home(loads({"home.yaml": HOSTED}))
