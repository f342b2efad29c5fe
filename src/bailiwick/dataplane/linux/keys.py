"""Which keys of networkd's files are read, and which change no packet's fate; every other is an unknown."""

from __future__ import annotations

from collections.abc import Mapping

from bailiwick.dataplane.linux.draft import Draft
from bailiwick.dataplane.linux.ini import Section, yes

Keys = frozenset[str]

KNOWN: Mapping[str, Mapping[str, Keys]] = {
    "netdev": {
        "NetDev": frozenset({"Name", "Kind"}),
        "VLAN": frozenset({"Id"}),
        "Bridge": frozenset({"VLANFiltering", "DefaultPVID"}),
        "WireGuard": frozenset({"ListenPort", "FirewallMark", "RouteTable", "RouteMetric"}),
        "WireGuardPeer": frozenset({"PublicKey", "Endpoint", "AllowedIPs", "RouteTable", "RouteMetric"}),
    },
    "link": {
        "Link": frozenset({"Name"}),
        "Match": frozenset({"PermanentMACAddress", "MACAddress", "Path", "OriginalName"}),
    },
    "network": {
        "Link": frozenset({"ActivationPolicy", "Unmanaged"}),
        "Network": frozenset(
            {"DHCP", "Address", "Gateway", "VLAN", "Bridge", "Bond", "IPv6AcceptRA", "KeepConfiguration", "DHCPServer"}
            | {"IPForward", "IPv4Forwarding", "IPv6Forwarding", "DefaultRouteOnDevice", "IPv4ReversePathFilter"}
        ),
        "Address": frozenset({"Address", "Peer", "AddPrefixRoute"}),
        "Route": frozenset(
            {"Destination", "Gateway", "Metric", "Table", "Type", "Scope", "GatewayOnLink", "Source", "TypeOfService"}
        ),
        "RoutingPolicyRule": frozenset(
            {"From", "To", "FirewallMark", "Table", "Priority", "IncomingInterface", "OutgoingInterface", "InvertRule"}
            | {"Family", "SuppressPrefixLength", "Type", "SourcePort", "DestinationPort", "IPProtocol", "User"}
            | {"TypeOfService", "SuppressInterfaceGroup", "L3MasterDevice", "GoTo"}
        ),
        "DHCPv4": frozenset({"UseRoutes", "UseGateway", "RouteMetric", "RouteTable"}),
        "Bridge": frozenset({"Isolated"}),
        "BridgeVLAN": frozenset({"VLAN", "EgressUntagged", "PVID"}),
    },
}

_LOOKS = frozenset({"Description", "MTUBytes", "MACAddress", "RequiredForOnline", "RequiredFamilyForOnline", "Alias"})
IGNORED: Mapping[str, Mapping[str, Keys]] = {
    "netdev": {
        "NetDev": _LOOKS,
        "Bridge": frozenset(
            {"STP", "HelloTimeSec", "MaxAgeSec", "ForwardDelaySec", "AgeingTimeSec", "Priority", "MulticastSnooping"}
            | {"MulticastQuerier"}
        ),
        "Tap": frozenset({"MultiQueue", "PacketInfo", "VNetHeader", "User", "Group", "KeepCarrier"}),
        "WireGuard": frozenset({"PrivateKey", "PrivateKeyFile"}),
        "WireGuardPeer": frozenset({"PresharedKey", "PresharedKeyFile", "PersistentKeepalive"}),
    },
    "link": {
        "Link": _LOOKS | {"NamePolicy", "AlternativeName", "AlternativeNamesPolicy", "MACAddressPolicy", "WakeOnLan"},
    },
    "network": {
        "Link": _LOOKS | {"ARP", "Multicast", "AllMulticast", "Group"},
        "Network": frozenset(
            {
                "Description",
                "LLDP",
                "EmitLLDP",
                "DNS",
                "Domains",
                "NTP",
                "LinkLocalAddressing",
                "ConfigureWithoutCarrier",
            }
            | {"IgnoreCarrierLoss", "MulticastDNS", "LLMNR", "DNSSEC", "DNSOverTLS", "DNSDefaultRoute", "BindCarrier"}
            | {"IPv6PrivacyExtensions", "IPv6DuplicateAddressDetection", "IPv6LinkLocalAddressGenerationMode"}
            | {"ActiveSlave", "PrimarySlave", "UseDomains", "IPv6MTUBytes"}
        ),
        "Address": frozenset(
            {"Broadcast", "Label", "PreferredLifetime", "Scope", "RouteMetric", "DuplicateAddressDetection"}
        ),
        "Route": frozenset(
            {"PreferredSource", "MTUBytes", "InitialCongestionWindow", "InitialAdvertisedReceiveWindow", "Protocol"}
            | {"QuickAck", "TCPAdvertisedMaximumSegmentSize", "IPv6Preference", "HopLimit"}
        ),
        "DHCPv4": frozenset(
            {
                "ClientIdentifier",
                "SendHostname",
                "SendRelease",
                "UseDNS",
                "UseNTP",
                "UseHostname",
                "UseDomains",
                "UseMTU",
            }
            | {
                "UseTimezone",
                "UseSIP",
                "Hostname",
                "VendorClassIdentifier",
                "UserClass",
                "DUIDType",
                "DUIDRawData",
                "IAID",
            }
            | {
                "RequestOptions",
                "SendOption",
                "ListenPort",
                "DenyList",
                "AllowList",
                "RequestBroadcast",
                "FallbackLeaseLifetimeSec",
            }
            | {"RoutesToDNS", "RoutesToNTP", "UseCaptivePortal", "UseDNR", "Anonymize", "SendDecline"}
        ),
        "DHCPServer": frozenset(
            {
                "PoolOffset",
                "PoolSize",
                "DefaultLeaseTimeSec",
                "MaxLeaseTimeSec",
                "EmitDNS",
                "DNS",
                "EmitNTP",
                "NTP",
                "Router",
            }
            | {"EmitRouter", "Timezone", "EmitTimezone", "PersistLeases"}
        ),
        "DHCPServerStaticLease": frozenset({"MACAddress", "Address", "Hostname"}),
        "Bridge": frozenset({"Cost", "Priority", "FastLeave", "UseBPDU", "AllowPortToBeRoot", "MulticastToUnicast"}),
        "LLDP": frozenset({"MUDURL"}),
        "IPv6AcceptRA": frozenset({"UseDNS", "UseDomains", "UseMTU", "UseHopLimit"}),
    },
}

HARMLESS_OFF = frozenset(
    {"IPMasquerade", "IPv6SendRA", "ProxyARP", "IPv4ProxyARP", "IPv4ProxyARPPrivateVLAN", "IPv6ProxyNDP", "MPLSRouting"}
    | {"IPv4RouteLocalnet", "IPv4AcceptLocal", "DHCPPrefixDelegation", "HairPin", "MultiPathRoute"}
)
"""Read where they are off; on, they change where packets go."""


def account(draft: Draft, section: Section, known: Keys | None, ignored: Keys | None) -> None:
    """Every entry of a section that is not read elsewhere."""
    for entry in section.entries:
        off = not entry.value or yes(entry.value) is False
        if (known and entry.key in known) or (entry.key in HARMLESS_OFF and off):
            draft.ledger.understood()
        elif ignored and entry.key in ignored:
            draft.ledger.ignored(entry.line, "changes no packet's way")
        else:
            draft.ledger.unknown(entry.line, f"`{entry.key}` of [{section.name}] is not known here")
