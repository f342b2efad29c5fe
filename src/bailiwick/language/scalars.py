"""The leaves of a home file: each type reads the raw text that stands in its place, or says why it cannot.

YAML's own guesses never happen: ``no`` is a flag only where a flag stands, ``0755`` is never octal, ``.10`` is
an address. What YAML quotes and what it does not is the same text here.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated

from bailiwick.language.addresses import read_address, read_cidr, read_mac, read_range
from bailiwick.language.names import (
    read_bridge,
    read_card,
    read_domain,
    read_hypervisor,
    read_interface,
    read_label,
    read_names,
    read_option,
    read_port,
    read_port_name,
    read_secret,
    read_timezone,
)
from bailiwick.language.quantities import Duration, read_count, read_disk, read_flag, read_memory, read_vlan
from bailiwick.language.reading import Reading, Secret, Unreadable, read_text
from bailiwick.language.wireguard import Endpoint, read_endpoint, read_key, read_networks

_NAME_PATTERN = "^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$"

Text = Annotated[str, Reading(read_text, "text", "reading room")]
Label = Annotated[str, Reading(read_label, "a name", "lan", _NAME_PATTERN)]
OptionName = Annotated[str, Reading(read_option, "the name or number of a DHCP option", "ntp-server")]
Count = Annotated[int, Reading(read_count, "a whole number", "1000", "^(0|[1-9][0-9]{0,8})$")]
Memory = Annotated[int, Reading(read_memory, "an amount of memory", "2G", "^[1-9][0-9]{0,8}([MGT]?i?B?)$")]
Disk = Annotated[int, Reading(read_disk, "a disk's size", "20G", "^[1-9][0-9]{0,8}([MGT]?i?B?)$")]
CardText = Annotated[str, Reading(read_card, "a card of the hypervisor", "pci 0000:03:00.0", "^ *(pci|usb) .*$")]
HypervisorText = Annotated[str, Reading(read_hypervisor, "`linux`", "linux")]
BridgeName = Annotated[str, Reading(read_bridge, "a bridge's name", "br0", "^[A-Za-z0-9._@-]{1,15}$")]
VlanId = Annotated[int, Reading(read_vlan, "a VLAN id", "40", "^[1-9][0-9]{0,3}$")]
Flag = Annotated[
    bool, Reading(read_flag, "`yes` or `no`", "yes", "^([Yy]es|YES|[Nn]o|NO|[Tt]rue|[Ff]alse|[Oo]n|[Oo]ff)$")
]
Mac = Annotated[
    str, Reading(read_mac, "a hardware address", "52:54:00:aa:00:05", "^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$")
]
InterfaceName = Annotated[str, Reading(read_interface, "an interface's name", "eth0", "^[A-Za-z0-9._@-]{1,15}$")]
PortName = Annotated[str, Reading(read_port_name, "a port's name", "1")]
PortText = Annotated[str, Reading(read_port, "a port", "router/eth1", "^([a-z0-9-]+/)?[A-Za-z0-9._@:-]+$")]
AddressText = Annotated[str, Reading(read_address, "an address", ".5", "^[a-z0-9._-]+(/[0-9]+)?$")]
ServerText = Annotated[str, Reading(read_address, "an address or a name", "time.example.net", "^[A-Za-z0-9._-]+$")]
RangeText = Annotated[str, Reading(read_range, "a range of addresses", ".100-.199", "^[0-9.]+ *- *[0-9.]+$")]
Cidr = Annotated[IPv4Network, Reading(read_cidr, "an IPv4 network", "192.168.40.0/24", "^[0-9.]+/[0-9]+$")]
CidrList = Annotated[
    tuple[IPv4Network, ...],
    Reading(
        read_networks, "one IPv4 network or several", "0.0.0.0/0", "^[0-9.]+/[0-9]+( *, *[0-9.]+/[0-9]+)*$", many=True
    ),
]
PublicKey = Annotated[
    str,
    Reading(read_key, "a WireGuard key", "Uml6ImUUDG5rz0W1TJiaMrKKo/zFcC6EqHkfXjyXG+E=", "^[A-Za-z0-9+/]{43}=$"),
]
EndpointText = Annotated[
    Endpoint, Reading(read_endpoint, "where the peer is met", "de1.vpn.example:51820", "^[A-Za-z0-9._-]+:[0-9]+$")
]
DomainName = Annotated[str, Reading(read_domain, "a domain name", "home.arpa")]
Timezone = Annotated[str, Reading(read_timezone, "a time zone", "Europe/Paris")]
SecretText = Annotated[Secret, Reading(read_secret, "a secret", "!secret pppoe")]
NameList = Annotated[tuple[str, ...], Reading(read_names, "one name or several", "lan, iot", many=True)]

__all__ = [
    "AddressText",
    "BridgeName",
    "CardText",
    "Cidr",
    "CidrList",
    "Count",
    "Disk",
    "DomainName",
    "Duration",
    "Endpoint",
    "EndpointText",
    "Flag",
    "HypervisorText",
    "InterfaceName",
    "Label",
    "Mac",
    "Memory",
    "NameList",
    "OptionName",
    "PortName",
    "PortText",
    "PublicKey",
    "RangeText",
    "Reading",
    "Secret",
    "SecretText",
    "ServerText",
    "Text",
    "Timezone",
    "Unreadable",
    "VlanId",
    "read_domain",
]
