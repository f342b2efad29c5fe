"""What the owner has: a home, and others that it is to become."""

from __future__ import annotations

from tests.agent.guest.guest import platform

HOME = """\
name: guesthouse
domain: home.arpa
platform: {platform}
uplinks:
  wan: {{interface: gate/eth0, address: 81.2.69.10/29, gateway: 81.2.69.9}}
zones:
  mgmt: {{vlan: 10, subnet: 192.168.10.0/24}}
  lan: {{vlan: 40, subnet: 192.168.40.0/24, dhcp: {{range: .100-.199}}}}
hosts:
  gate: {{router: linux, ports: {{eth1: [mgmt, lan]}}}}
  admin: {{zone: mgmt, address: .5}}
policy:
  - mgmt -> router: ssh, icmp
  - mgmt -> internet: any
  - lan -> internet: any
dns: {{upstreams: [9.9.9.9]}}
"""
CHANGES = {
    "home": ("", ""),
    "closed": ("  - mgmt -> router: ssh, icmp\n", ""),
    "vlan": ("vlan: 10", "vlan: 11"),
    "subnet": ("192.168.10.0/24", "192.168.11.0/24"),
    "route": ("gateway: 81.2.69.9", "gateway: 81.2.69.11"),
    "lease": ("address: 81.2.69.10/29, gateway: 81.2.69.9", "address: dhcp"),
    "wider": (
        "hosts:\n  gate: {router: linux, ports: {eth1: [mgmt, lan]}}\n",
        "  iot: {vlan: 50, subnet: 192.168.50.0/24, dhcp: {range: .100-.199}}\n"
        "hosts:\n  gate: {router: linux, ports: {eth1: [mgmt, lan, iot]}}\n",
    ),
    "other": ("  - lan -> internet: any\n", "  - lan -> internet: web\n"),
}


def homes() -> dict[str, str]:
    """By name."""
    text = HOME.format(platform=platform())
    return {name: text.replace(old, new) if old else text for name, (old, new) in CHANGES.items()}
