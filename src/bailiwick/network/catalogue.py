"""The services that have a name of their own, and what each is on the wire.

Ports are those of the IANA service name and port number registry where it has the service; the others are
their programs' defaults. ICMP types: IANA ICMP parameters (RFC 792); protocols: IANA protocol numbers.
"""

from __future__ import annotations

ANY = "any"

CATALOGUE: dict[str, tuple[str, ...]] = {
    # The web. HTTP/3 is `quic`, apart from `web`: browsers fall back to TCP, and filters that read SNI need them to.
    "http": ("tcp/80",),
    "https": ("tcp/443",),
    "quic": ("udp/443",),
    "web": ("http", "https"),
    # Mail, as a client needs it. Port 25 is how servers (and spam bots) speak to servers: `smtp`, asked for by name.
    "mail": ("submission", "submissions", "imap", "imaps", "pop3s"),
    "smtp": ("tcp/25",),
    "submission": ("tcp/587",),
    "submissions": ("tcp/465",),
    "imap": ("tcp/143",),
    "imaps": ("tcp/993",),
    "pop3": ("tcp/110",),
    "pop3s": ("tcp/995",),
    # Names, time, addresses.
    "dns": ("udp/53", "tcp/53"),
    "dns-over-tls": ("tcp/853", "udp/853"),
    "mdns": ("udp/5353",),
    "ssdp": ("udp/1900",),
    "ntp": ("udp/123",),
    "dhcp": ("udp/67",),
    # Administration.
    "ssh": ("tcp/22",),
    "telnet": ("tcp/23",),
    "rdp": ("tcp/3389", "udp/3389"),
    "vnc": ("tcp/5900",),
    "snmp": ("udp/161",),
    "syslog": ("udp/514",),
    "syslog-tls": ("tcp/6514",),
    "kerberos": ("tcp/88", "udp/88"),
    "ldap": ("tcp/389",),
    "ldaps": ("tcp/636",),
    "radius": ("udp/1812", "udp/1813"),
    # Files and printing. FTP and TFTP open further ports that a filter without a helper does not see.
    "ftp": ("tcp/21",),
    "ftps": ("tcp/990",),
    "tftp": ("udp/69",),
    "smb": ("tcp/445",),
    "nfs": ("tcp/2049",),
    "rsync": ("tcp/873",),
    "git": ("tcp/9418",),
    "ipp": ("tcp/631",),
    "jetdirect": ("tcp/9100",),
    # Sound, pictures, calls.
    "rtsp": ("tcp/554", "udp/554"),
    "sip": ("udp/5060", "tcp/5060"),
    "sips": ("tcp/5061",),
    "stun": ("udp/3478", "tcp/3478"),
    "plex": ("tcp/32400",),
    "jellyfin": ("tcp/8096",),
    "airplay": ("tcp/7000",),
    "google-cast": ("tcp/8008", "tcp/8009"),
    # The home.
    "home-assistant": ("tcp/8123",),
    "mqtt": ("tcp/1883",),
    "mqtts": ("tcp/8883",),
    "unifi-inform": ("tcp/8080",),
    "unifi-stun": ("udp/3478",),
    "proxmox": ("tcp/8006",),
    # Talk and play.
    "xmpp": ("tcp/5222",),
    "xmpp-server": ("tcp/5269",),
    "matrix": ("tcp/8448",),
    "irc": ("tcp/6667",),
    "ircs": ("tcp/6697",),
    "minecraft": ("tcp/25565",),
    # Data.
    "postgres": ("tcp/5432",),
    "mysql": ("tcp/3306",),
    "redis": ("tcp/6379",),
    "mongodb": ("tcp/27017",),
    "prometheus": ("tcp/9090",),
    "grafana": ("tcp/3000",),
    # Tunnels.
    "wireguard": ("udp/51820",),
    "openvpn": ("udp/1194", "tcp/1194"),
    "ipsec": ("udp/500", "udp/4500", "esp"),
    # Control messages.
    "ping": ("icmp/echo-request",),
}

PROTOCOLS = {
    "icmp": 1,
    "igmp": 2,
    "tcp": 6,
    "udp": 17,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "ospf": 89,
    "vrrp": 112,
    "sctp": 132,
}

ICMP_TYPES = {
    "echo-reply": 0,
    "destination-unreachable": 3,
    "redirect": 5,
    "echo-request": 8,
    "router-advertisement": 9,
    "router-solicitation": 10,
    "time-exceeded": 11,
    "parameter-problem": 12,
    "timestamp-request": 13,
    "timestamp-reply": 14,
}
