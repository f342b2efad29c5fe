"""A home with a hypervisor between its zones, for virtual machines."""

from __future__ import annotations

HOSTED = """
name: hosted
domain: home.arpa
dns: {{upstreams: [9.9.9.9, 149.112.112.112]}}
platform: {platform}
uplinks:
  wan: {{interface: gate/eth0, address: 81.2.69.10/29, gateway: 81.2.69.9}}
zones:
  mgmt:     {{vlan: 10, subnet: 192.168.10.0/24}}
  services: {{vlan: 20, subnet: 192.168.20.0/24}}
  lan:      {{vlan: 40, subnet: 192.168.40.0/24}}
hosts:
  gate:  {{router: linux, ports: {{eth1: hv/ens1}}}}
  hv:    {{hypervisor: linux, zone: mgmt, address: .2, ports: {{ens1: gate/eth1, ens2: lan}}}}
  cloud: {{zone: services, address: .5, guest-of: hv}}
policy:
  - lan -> services: https
"""


def hosted(platform: str, *policy: str) -> str:
    """The home file, with these sentences too."""
    return HOSTED.format(platform=platform) + "".join(f"  - {sentence}\n" for sentence in policy)
