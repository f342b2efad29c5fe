"""Text to commands: how exports, terse exports and mangled ones are taken apart."""

from __future__ import annotations

import pytest

from bailiwick.dataplane.routeros.commands import Command, commands
from bailiwick.dataplane.routeros.fault import ExportError
from bailiwick.dataplane.routeros.source import Source, hide


def parse(text: str) -> list[Command]:
    return [one for one in commands(Source.of("x.rsc", text)) if one.note is None]


def one(text: str) -> tuple[str, str, dict[str, str | None]]:
    """The last command: its menu, its verb and its arguments."""
    last = parse(text)[-1]
    assert not last.fault
    return last.menu, last.verb, {argument.name: argument.value for argument in last.arguments}


@pytest.mark.parametrize(
    "text",
    [
        "/ip firewall filter\nadd chain=input\n",
        "/ip/firewall/filter\nadd chain=input\n",
        "/ip firewall filter add chain=input\n",
        "/ip/firewall/filter/add chain=input\n",
        "/ip firewall\nfilter add chain=input\n",
        "/ip firewall { filter add chain=input }\n",
        "/ip firewall {\n  filter\n  add chain=input\n}\n",
        "{ /ip firewall filter add chain=input }\n",
        "/ip firewall nat\n/ip firewall filter\r\nadd chain=input\r\n",
        "/ip firewall filter; add chain=input",
        "\ufeff/ip firewall filter\nadd \\\n    chain=\\\n    input\n",
        "/ip firewall nat\n.. filter add chain=input\n",
    ],
)
def test_every_way_to_a_menu(text: str) -> None:
    assert one(text) == ("ip/firewall/filter", "add", {"chain": "input"})


def test_a_block_leaves_the_menu_as_it_was() -> None:
    assert one("/ip address\n/ip firewall { nat add chain=srcnat }\nadd address=1.2.3.4")[0] == "ip/address"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("wan", "wan"),
        ('"wan A"', "wan A"),
        ('"wa\\\n    n"', "wan"),
        ('"wan\\\n    \\_A"', "wan A"),
        ("\\\n    wan", "wan"),
        (r'"a\"b\\c\$d\?e"', 'a"b\\c$d?e'),
        (r'"one\r\ntwo"', "one\r\ntwo"),
        (r'"\D0\9F\D1\80"', "Пр"),
        (r'"\F3\E4"', "уд"),
        ('""', ""),
        ("", ""),
        ("a=b=", "a=b="),
        ("!LAN", "!LAN"),
        ("*2000012", "*2000012"),
        (r'''"'8''10'\$(NETWORK_GATEWAY)"''', "'8''10'$(NETWORK_GATEWAY)"),
        ("/0", "/0"),
    ],
)
def test_values(written: str, value: str) -> None:
    assert one(f"/ip firewall nat\nadd comment={written} chain=srcnat")[2] == {"comment": value, "chain": "srcnat"}


def test_what_is_taken_away_and_what_repeats_a_prefix() -> None:
    assert one("/interface wifi\nadd configuration.mode=ap .ssid=x !keepalive")[2] == {
        "configuration.mode": "ap",
        "configuration.ssid": "x",
        "keepalive": None,
    }


def test_a_glued_terse_line_is_two() -> None:
    glued = '/ip firewall nat add chain=srcnat out-interface="wan A"/ip firewall raw'
    text = f"{glued}\n# pppoe not ready\nadd chain=prerouting\n"
    assert [(each.menu, each.verb) for each in parse(text)] == [
        ("ip/firewall/nat", "add"),
        ("ip/firewall/raw", ""),
        ("ip/firewall/raw", "add"),
    ]
    assert [each.line.number for each in parse(text)] == [1, 1, 3]


def test_a_note_between_a_menu_and_its_item() -> None:
    assert one("/ip firewall nat\n# pppoe-out1 not ready\nadd chain=srcnat")[0] == "ip/firewall/nat"


def test_targets() -> None:
    (_, found, numbered) = parse("/interface ethernet\nset [ find default-name=ether1 ] name=wan\nset 0 name=x")
    assert [part.kind for part in found.targets] == ["command"]
    assert [part.value for part in numbered.targets] == ["0"]


@pytest.mark.parametrize(
    "line",
    [
        'add comment="never closed',
        "add chain=(input",
        "add chain=input]",
        "-----------------------1234--",
        "chain=input action=drop",
        'add comment="a"chain=input',
        "add chain=input chain=forward",
        "nonsense add chain=input",
    ],
)
def test_a_broken_line_says_so_and_leaves_the_next_alone(line: str) -> None:
    _, broken, menu, fine = parse(f"/ip firewall filter\n{line}\n/ip address\nadd address=10.0.0.1/8\n")
    assert broken.fault
    assert (menu.menu, fine.fault, fine.line.number) == ("ip/address", "", 4)


def test_an_unknown_menu_takes_its_items_with_it() -> None:
    assert one("/ip firewall filter\n/interface wirelss\nadd chain=input")[0] == "interface/wirelss"


@pytest.mark.parametrize(
    "text",
    ["/ip address\n\0", "/ip address\n#error exporting /ip firewall filter (timeout)\n", "# a\n#interrupted\n"],
)
def test_what_is_no_whole_export_is_refused(text: str) -> None:
    with pytest.raises(ExportError) as refused:
        Source.of("x.rsc", text)
    assert refused.value.line.number == 2


def test_secrets_are_not_shown() -> None:
    line = (
        '/ppp secret add name=a password="b \\" c" service=l2tp ipsec-secret=d security.passphrase=e private-key="f="'
    )
    shown = hide(line)
    assert shown == "/ppp secret add name=a password=… service=l2tp ipsec-secret=… security.passphrase=… private-key=…"
    assert hide('/system script add source=":put $x" name=a') == "/system script add source=… name=a"
    assert hide('add user=me comment="password=x y"') == 'add user=me comment="password=… y"'
