"""Mutations of exports: what a bad paste, a slip of the hand or a broken disk makes of a good one. Seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.dataplane.routeros.exports import ARTICLE
from tests.dataplane.routeros.oddity import ODDITIES, text_of

ODD = """/interface bridge settings
set use-ip-firewall=yes
/ip firewall nat add action=masquerade chain=srcnat out-interface="wan A"/ip firewall nat
# pppoe-out2 not ready
add action=masquerade chain=srcnat out-interface=*2000012 !keepalive matcher=""
/interface wifi set [ find default-name=wifi1 ] configuration.mode=ap .ssid="a\\_\\D0\\9F" disabled=no
/system script add name=a source=":foreach i in=[/ip route find] do={ :put \\"\\$i\\" }\\r\\
    \\n/ip firewall filter disable 0"
/ipv6 firewall filter
add action=drop chain=input in-interface-list=!*2000011 hop-limit=equal:1
:if ([:len [/ip firewall filter find]] = 0) do={ /ip firewall filter add chain=input action=drop }
/routing rule
add action=lookup-only-in-table routing-mark=vpn table=vpn
"""
TOKENS = [
    *('"', "\\", "\\\n    ", "[", "{", "}", "]", "(", ")", "$x", ";", "#", "\n", "\r\n", "\r", "!", "*2000012", "="),
    *(" ", "/", ",", "-", "", "\0", "\u2028", "\ufeff", "é", "\ud800", "²", "65536", "0.0.0.0/0", "::/0", "999.1.1.1"),
    *("9" * 40, "/ip firewall nat ", "add ", "set ", "..", "disabled=yes ", "chain=", "[ find ]", "set 0 "),
    *("remove [find] ", "place-before=0 ", "src-address-list=", "jump-target=forward ", "include=LAN ", ":if "),
    *("vlan-ids=1-4094 ", "src-port=1 ", "gateway=a%b@c ", "\\\\", "\x85"),
]


def mutants(seed: int, count: int) -> Iterator[str]:
    """Texts that are nearly exports; most are a stretch of one, so that many fit into a second."""
    chance = random.Random(seed)
    originals = [ARTICLE.read_text(), ODD, *(text_of(path) for path in sorted(ODDITIES.glob("*.md")))]
    for _ in range(count):
        lines = chance.choice(originals).splitlines(keepends=True)
        if chance.random() < 0.95:
            start = chance.randrange(len(lines))
            lines = lines[start : start + chance.randrange(3, 40)]
        text = "".join(lines)
        for _ in range(chance.randrange(1, 6)):
            text = _mutated(text, chance)
        yield text


def _mutated(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    match chance.randrange(4):
        case 0:
            return text[:at] + chance.choice(TOKENS) + text[at:]
        case 1:
            return text[:at] + text[at + chance.randrange(1, 12) :]
        case 2:
            other = chance.randrange(len(text) + 1)
            return text[:at] + text[other : other + chance.randrange(30)] + text[at:]
        case _:
            words = text.split(" ")
            one, other = chance.randrange(len(words)), chance.randrange(len(words))
            words[one], words[other] = words[other], words[one]
            return " ".join(words)
