"""Faults of DHCP and DNS: dnsmasq answers whom it should not, or says something else."""

from __future__ import annotations

from tests.twin.faults.fault import Edit, Fault, in_line, instead, without

APPS, SMALL, UPLINKS = "public-apps", "small", "uplinks"
MAIN, IVPN, OUT = (f"/etc/bailiwick/dnsmasq/{name}.conf" for name in ("main", "ivpn", "out"))


def _main(name: str, what: str, edit: Edit, sight: str, home: str = APPS) -> Fault:
    return Fault(name, what, home, MAIN, edit, sight)


FAULTS = (
    Fault(
        "upstream-bound-to-the-wrong-uplink",
        "the tunnel's resolver asks by the usual uplink",
        APPS,
        IVPN,
        instead("@wg-ivpn", "@ppp-wan"),
        r"DNS .*ivpn",
    ),
    Fault(
        "upstream-bound-to-none",
        "the tunnel's resolver asks by whatever way there is",
        APPS,
        IVPN,
        instead("@wg-ivpn", ""),
        r"DNS .*ivpn",
    ),
    _main(
        "resolver-on-the-uplink",
        "dnsmasq listens on the uplink too",
        instead("interface=eth1\n", "interface=eth1\ninterface=eth0\n"),
        r"sockets of the router that listen .*:53",
        home=SMALL,
    ),
    _main(
        "pool-outside",
        "a pool reaches beyond what was declared",
        instead("192.168.40.100,192.168.40.199", "192.168.40.200,192.168.40.210"),
        r"lease .*lan",
    ),
    _main("pool-missing", "one zone has no pool", without("dhcp-range=set:zone-guest"), r"lease .*guest"),
    _main(
        "wrong-router-option",
        "clients are told of another gateway",
        in_line("tag:zone-lan,option:router", "192.168.40.1", "192.168.40.2"),
        r"lease .*lan",
    ),
    _main(
        "wrong-dns-option",
        "clients are told of another resolver",
        in_line("tag:zone-lan,option:dns-server", "192.168.20.53", "9.9.9.9"),
        r"lease .*lan",
    ),
    _main(
        "wrong-domain-option",
        "clients are told of another domain",
        in_line("tag:zone-lan,option:domain-name", "home.arpa", "example.com"),
        r"lease .*lan",
    ),
    _main(
        "wrong-netmask-option",
        "clients are told of another netmask",
        in_line("dhcp-range=set:zone-lan", "255.255.255.0", "255.255.0.0"),
        r"lease ",
    ),
    _main(
        "wrong-lease-time",
        "clients may keep an address for a minute",
        in_line("dhcp-range=set:zone-lan", "43200", "120"),
        r"lease .*lan",
    ),
    _main(
        "reservation-changed",
        "one card is given another address",
        instead("52:54:00:aa:00:20,192.168.50.20", "52:54:00:aa:00:20,192.168.50.21"),
        r"lease .*iot",
    ),
    _main(
        "reservation-missing",
        "one card is given any address",
        without("dhcp-host=52:54:00:aa:00:05"),
        r"lease .*services",
    ),
    _main(
        "record-wrong",
        "a name leads to another host",
        instead("host-record=proxy.home.arpa,192.168.30.5", "host-record=proxy.home.arpa,192.168.30.6"),
        r"DNS address of proxy\.home\.arpa",
        home=SMALL,
    ),
    _main(
        "record-missing",
        "a name is not known",
        without("host-record=mail.home.arpa"),
        r"DNS address of mail\.home\.arpa",
        home=SMALL,
    ),
    _main(
        "rebinding-protection-off",
        "an answer from the world may point into the home",
        without("stop-dns-rebind"),
        r"DNS .*rebind",
        home=SMALL,
    ),
    _main(
        "upstream-missing",
        "the resolver asks nobody",
        without("server=9.9.9.9"),
        r"DNS address of main-",
        home=SMALL,
    ),
    _main(
        "zone-not-answered",
        "the resolver does not listen in one zone",
        instead("interface=eth2\n", "", 1),
        r"DNS |zone:dmz",
        home=SMALL,
    ),
)
