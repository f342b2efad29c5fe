"""Faults of address translation: doors to the wrong place, and what leaves with the wrong address."""

from __future__ import annotations

from tests.twin.faults.fault import FIREWALL, Edit, Fault, in_block, in_line, instead, without

APPS, SMALL, UPLINKS = "public-apps", "small", "uplinks"
LAST_MASK = "masquerade:"


def _one(name: str, what: str, edit: Edit, sight: str, home: str = APPS, *, every: bool = False) -> Fault:
    return Fault(name, what, home, FIREWALL, edit, sight, every=every)


FAULTS = (
    _one(
        "masquerade-missing",
        "what leaves by the uplinks bears the home's own addresses",
        without("ip saddr @nat.masquerade.2 masquerade"),
        r"zone:.* \(uplink:wan\).*seen strayed.* not from ",
    ),
    _one(
        "masquerade-on-the-wrong-interface",
        "only what leaves by the tunnel is masked",
        instead('oifname { "ppp-wan", "wg-ivpn" } ip saddr', 'oifname { "wg-ivpn" } ip saddr'),
        r"zone:.* \(uplink:wan\).*seen strayed.* not from ",
    ),
    _one(
        "masquerade-of-one-zone-missing",
        "one zone's packets leave with its own addresses",
        in_block("set nat.masquerade.2", without("192.168.50.0/24")),
        r"zone:iot.* \(uplink:wan\).*seen strayed.* not from ",
    ),
    _one(
        "masquerade-between-zones",
        "a zone sees the router instead of who speaks",
        instead('oifname { "ppp-wan", "wg-ivpn" } ip saddr', 'oifname { "ppp-wan", "wg-ivpn", "services" } ip saddr'),
        r"\(zone:services\).*seen strayed.* not from ",
    ),
    _one(
        "door-to-the-wrong-host",
        "the public door leads to another host",
        in_block("map nat.doors.4", instead("192.168.30.5 . 443", "192.168.30.6 . 443")),
        r"uplink:wan.*192\.168\.30\.5:443 \(zone:dmz\).*meant arrived, seen",
    ),
    _one(
        "door-to-the-wrong-port",
        "the public door leads to another port",
        in_block("map nat.doors.4", instead("192.168.30.5 . 443", "192.168.30.5 . 8443")),
        r"uplink:wan.*192\.168\.30\.5:443 \(zone:dmz\).*meant arrived, seen",
    ),
    _one(
        "door-missing",
        "the public door is gone",
        without('comment "dnat:web"'),
        r"uplink:wan.*192\.168\.30\.5:443 \(zone:dmz\).*meant arrived, seen",
    ),
    _one(
        "door-for-everybody",
        "the public door no longer asks who comes, and the filter neither",
        lambda text: in_line("map @nat.doors.4", "ip saddr @nat.from.4 ", "")(
            in_line(
                "@forward.wan.dmz.1 accept",
                "ip saddr . ip daddr . meta l4proto . th dport @forward.wan.dmz.1",
                "tcp dport 443",
            )(text)
        ),
        r"\(uplink:wan\).*:443 \(router\): meant dropped, seen strayed: seen at zone:dmz",
    ),
    _one(
        "hairpin-missing",
        "the home's own hosts do not reach the public name",
        in_block("chain prerouting", without('comment "hairpin:web/lan"')),
        r"zone:lan.*192\.168\.30\.5:443 \(zone:dmz\).*meant arrived, seen",
        home=SMALL,
    ),
    _one(
        "hairpin-not-masked",
        "who reaches the public name from its own zone gets an answer from a stranger",
        without('comment "masquerade:hairpin:dmz"'),
        r"zone:dmz.*\(zone:dmz\).*seen strayed.* not from ",
        home=SMALL,
    ),
    _one(
        "forced-dns-missing",
        "questions of the guests go to whom they like",
        without('comment "dns:forced:guest'),
        r"zone:guest.*:53 .*meant arrived, seen",
    ),
    _one(
        "forced-dns-of-one-protocol",
        "questions over TCP go to whom they like",
        in_block("chain prerouting", without("dns:forced:dmz:tcp/53")),
        r"tcp from .*zone:dmz.*:53 .*meant arrived, seen",
        home=SMALL,
    ),
    _one(
        "exit-dns-to-the-wrong-resolver",
        "the questions of those who leave by the tunnel go to everybody's resolver",
        in_block("chain prerouting", instead("redirect to :22837", "redirect to :53")),
        r"zone:lan.*:22837 \(router\).*meant arrived, seen|DNS .*out-zone-lan",
        home=SMALL,
    ),
    _one(
        "reply-mark-missing",
        "what came in by the second uplink is answered by the first",
        in_block("chain marking", without("ct direction reply ct mark 28540 meta mark set")),
        r"answered by zone:lan",
        home=UPLINKS,
    ),
    _one(
        "own-reply-mark-missing",
        "the router answers by the first uplink what came in by the second",
        in_block("chain answering", without("ct direction reply ct mark")),
        r"answered by router",
        home=UPLINKS,
    ),
    _one(
        "segment-clamp-missing",
        "connections into the tunnel may send what does not fit",
        without('comment "clamp:wg-ivpn"'),
        r"segment|MSS|maxseg|clamp",
        every=True,
    ),
)
