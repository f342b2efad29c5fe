"""DHCP options: what clients of a MikroTik are told is what those of dnsmasq hear, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from bailiwick.language import Problems
from bailiwick.network.dhcp_options import OPTIONS
from bailiwick.network.dhcp_values import encoded
from bailiwick.proof.handouts import handouts
from bailiwick.proof.places import find_places
from bailiwick.proof.scripted import scripted
from bailiwick.proof.told_options import heard_as
from bailiwick.workflow import check
from bailiwick.workflow.checking import Checked
from bailiwick.workflow.machines import read_script
from bailiwick.workflow.proving import prove_home
from tests.proof.mutations.script_trial import PATH, ScriptTrial
from tests.proof.mutations.trial import Verdict
from tests.targets.linux.private_stage import on_stage
from tests.targets.routeros import asking
from tests.targets.routeros.homes import home

VALUES: Mapping[str, str] = {
    "time-offset": "-3600",
    "log-server": "192.168.10.7",
    "lpr-server": "192.168.10.8, 192.168.10.9",
    "boot-file-size": "513",
    "swap-server": "192.168.10.10",
    "root-path": "192.168.10.7:/srv/root,rw",
    "extension-path": "2024",
    "default-ttl": "64",
    "mtu": "1400",
    "static-route": "198.51.100.7, 192.168.40.9",
    "arp-timeout": "4294967295",
    "tcp-ttl": "255",
    "tcp-keepalive": "7200",
    "nis-domain": "home arpa",
    "nis-server": "192.168.10.11",
    "netbios-ns": "192.168.10.12",
    "netbios-dd": "192.168.10.13",
    "netbios-nodetype": "8",
    "netbios-scope": "scope",
    "vendor-class": "01:02:Ab",
    "tftp-server": "192.168.10.7",
    "bootfile-name": "netboot.xyz.kpxe",
    "smtp-server": "192.168.10.14",
    "pop3-server": "192.168.10.15",
    "nntp-server": "192.168.10.16",
    "irc-server": "192.168.10.17",
    "user-class": "3000",
    "posix-timezone": "CET-1CEST,M3.5.0,M10.5.0/3",
    "tzdb-timezone": "Europe/Paris",
    "domain-search": "Home.Arpa, lan.home.arpa, arpa, mail.lan.home.arpa, x.arpa, lan.home.arpa.",
    "sip-server": "sip.home.arpa, b.home.arpa",
    "classless-static-route": "10.0.0.0/8, 192.168.40.9, 0.0.0.0/0, 192.168.40.1, 172.16.0.0/12, 0.0.0.0",
    "tftp-server-address": "192.168.10.18, 192.168.10.19",
    "ntp-server": "192.168.40.9, 192.168.40.3",
    "12": "client",
    "19": "1",
    "22": "577",
    "43": "01:04:c0:a8:28:01",
    "49": "192.168.10.20",
    "64": "nis.home.arpa",
    "108": "1800",
    "138": "192.168.10.21, 192.168.10.22",
    "160": "0",
    "161": "255",
    "162": "256",
    "163": "65536",
    "164": "a:b:1",
    "165": "1.2 3",
    "166": "a, b",
    "167": "-",
    "168": '"quoted" \\ # text',
    "169": "/24",
    "170": "10.0.0.5x",
    "171": "1a",
    "172": "1 2",
    "173": "0a:1b (text)",
    "249": "10.9.0.0/16, 192.168.40.9",
    "252": "http://192.168.40.5/wpad.dat",
}
"""One value of each option that has a name, and others that look like something."""
ADDRESSES_OF_SIP = {"sip-server": "192.168.10.5, 192.168.10.6"}
CODE = re.compile(r"/ip dhcp-server option add name=lan-(\d+) code=\1 value=0x([0-9a-f]+) force=no .*")


def checked(directory: Path, router: str, options: Mapping[str, str]) -> Checked:
    given = ", ".join(f"{name}: '{value}'" for name, value in options.items())
    path = directory / f"{router}.yaml"
    text = home(router).replace("lease: 12h}", f"lease: 12h, options: {{{given}}}}}")
    path.write_text(text, encoding="utf-8")
    return check(path, date(2026, 1, 1))


def script(directory: Path, options: Mapping[str, str]) -> str:
    return checked(directory, "routeros", options).trees[0].artifacts[0].text


def numbers(options: Mapping[str, str]) -> dict[int, str]:
    return {(int(name) if name.isdecimal() else OPTIONS[name][0]): value for name, value in options.items()}


def written(text: str) -> dict[int, bytes]:
    """What the script tells: options and NTP servers, which have a word of their own."""
    found = {int(line[1]): bytes.fromhex(line[2]) for line in map(CODE.fullmatch, text.splitlines()) if line}
    network = next(line for line in text.splitlines() if "network add address=192.168.40.0/24" in line)
    if found:
        named = re.search(r" dhcp-option=(\S+)", network)
        assert named is not None
        assert named[1].split(",") == [f"lan-{number}" for number in sorted(found)]
    if ntp := re.search(r" ntp-server=(\S+)", network):
        found[42] = b"".join(bytes(map(int, one.split("."))) for one in ntp[1].split(","))
    return found


SERVING = """
ip link add LAN type veth peer name client; ip netns add c; ip link set client netns c
ip address add 192.168.40.1/24 dev LAN; ip link set LAN up; ip -n c link set client up; ip -n c link set lo up
dnsmasq -k -C /etc/bailiwick/dnsmasq/main.conf --user=root 2>/run/log &
wait_for 10 grep -q 'started, version' /run/log || { cat /run/log >&2; exit 1; }
ip netns exec c python3 CLIENT client CODES
"""


def heard(directory: Path, options: Mapping[str, str], codes: set[int]) -> dict[int, bytes]:
    """What a client of the Linux router hears, in answer to a list of codes or, if it is empty, to none."""
    linux = checked(directory, "linux", options)
    [conf] = [one for one in linux.trees[0].artifacts if one.path.endswith("dnsmasq/main.conf")]
    [serving] = [one.interface for one in linux.plan.dhcp if one.place == "zone:lan"]
    client = Path(asking.__file__)
    words = {"LAN": serving, "CLIENT": str(client), "CODES": " ".join(map(str, sorted(codes)))}
    text = re.sub(r"\b(LAN|CLIENT|CODES)\b", lambda found: words[found[0]], SERVING)
    done = on_stage((conf,), directory / "stage", text)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = (line.split(" ") for line in done.stdout.splitlines())
    return {int(code): bytes.fromhex(value) for code, value in rows}


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("options", [VALUES, ADDRESSES_OF_SIP], ids=["each", "addresses of SIP"])
def test_clients_hear_the_same_of_both_routers(tmp_path: Path, options: Mapping[str, str]) -> None:
    codes = set(numbers(options))
    told = heard(tmp_path, options, codes)
    mine = written(script(tmp_path, options))
    assert mine.keys() >= codes
    different = {code: (told.get(code, b"").hex(), mine[code].hex()) for code in codes if told.get(code) != mine[code]}
    assert different == {}


@pytest.mark.real
@pytest.mark.slow
def test_who_asks_for_one_is_told_that_one_alone(tmp_path: Path) -> None:
    """As RouterOS does without ``force`` (MikroTik's manual, "DHCP", DHCP Options)."""
    told = heard(tmp_path, {"mtu": "1400", "arp-timeout": "30", "bootfile-name": "boot.kpxe", "252": "x"}, {26})
    assert told[26] == b"\x05\x78"
    assert not told.keys() & {35, 67, 252}


REFUSED: Mapping[str, tuple[str, ...]] = {
    "mtu": ("65536", "-1", "1e3", "1400, 1500"),
    "default-ttl": ("256",),
    "time-offset": ("2147483648", "-2147483649"),
    "ntp-server": ("192.168.40.300", "home.arpa"),
    "domain-search": ("a b", "s", "-", "."),
    "root-path": ("s", "10b", "a\u00e4"),
    "sip-server": ("192.168.40.5, home.arpa", "10.0", "10", "a b"),
    "classless-static-route": (
        "10.0.0.0/8",
        "192.168.40.9, 10.0.0.0/8",
        "10.0.0.1/8, 192.168.40.9",
        "10.0.0.0/33, 1.2.3.4",
        "10.0.0.0/255.0.0.0, 192.168.40.9",
        "text",
    ),
    "21": ("hello",),
    "27": ("256",),
    "43": ("5",),
    "61": ("x",),
    "118": ("x",),
    "224": ("10-20", "-5", "b", "10s", "4294967296", "abc:de", "01:02:", "::", "1.2.3", "1,2", "3/4", "10.0.0.0/8"),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values])
def test_what_is_no_value_is_an_error_on_every_router(tmp_path: Path, name: str, value: str) -> None:
    for router in ("linux", "routeros"):
        with pytest.raises(Problems) as raised:
            checked(tmp_path, router, {name: value})
        assert {one.code for one in raised.value.diagnostics} <= {"dhcp-option-value", "dhcp-option"}


@pytest.mark.parametrize(("size", "good"), [(255, True), (256, False)])
def test_no_option_is_longer_than_one_can_be(tmp_path: Path, size: int, good: bool) -> None:
    given = {"root-path": "x" * size}
    if good:
        assert written(script(tmp_path, given)) == {17: b"x" * 255, 42: bytes([192, 168, 10, 7])}
        return
    with pytest.raises(Problems) as raised:
        checked(tmp_path, "linux", given)
    assert "256 bytes long" in raised.value.diagnostics[0].message


VECTORS = {
    "RFC 3397, section 2": (
        119,
        "eng.apple.com, marketing.apple.com",
        "03656e67056170706c6503636f6d00 096d61726b6574696e67c004",
    ),
    "RFC 3442, a default route": (121, "0.0.0.0/0, 10.1.101.1", "000a016501"),
    "RFC 3442, a host": (121, "10.17.0.1/32, 10.1.101.1", "200a1100010a016501"),
    "RFC 3442, 25 bits": (121, "10.229.0.128/25, 10.1.101.1", "190ae500800a016501"),
    "the vendor's manual": (121, "160.0.0.0/24, 10.1.101.1, 0.0.0.0/0, 10.1.101.1", "18a000000a016501000a016501"),
    "RFC 3361, a name": (120, "example.com", "00 076578616d706c6503636f6d00"),
}


@pytest.mark.parametrize("source", VECTORS)
def test_bytes_are_those_of_the_documents(source: str) -> None:
    number, value, wanted = VECTORS[source]
    assert encoded(number, tuple(one.strip() for one in value.split(","))) == bytes.fromhex(wanted)


@pytest.mark.parametrize("number", sorted(numbers({**VALUES, **ADDRESSES_OF_SIP})))
def test_reading_undoes_writing_and_no_other_bytes_read_alike(number: int) -> None:
    """Every bit of the bytes turned, one byte fewer and one more: none is the value that was meant."""
    for value in (numbers(one).get(number) for one in (VALUES, ADDRESSES_OF_SIP)):
        if value is None:
            continue
        parts = tuple(
            one.strip().lower().removesuffix(".") if number in (119, 120) else one.strip() for one in value.split(",")
        )
        right = encoded(number, parts)
        meant = heard_as(number, parts, right)
        assert "no such value" not in meant
        others = [right[:-1], right + b"\0", right + right[-1:]]
        for at in range(8 * len(right)):
            turned = bytearray(right)
            turned[at // 8] ^= 1 << at % 8
            others.append(bytes(turned))
        alike = [one.hex() for one in others if heard_as(number, parts, one) == meant]
        assert alike == []


def test_an_address_that_dnsmasq_replaces_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problems) as raised:
        checked(tmp_path, "routeros", {"smtp-server": "192.168.10.5, 0.0.0.0"})
    assert {one.code for one in raised.value.diagnostics} == {"routeros-cannot"}
    checked(tmp_path, "linux", {"smtp-server": "192.168.10.5, 0.0.0.0"})


def test_options_go_before_what_they_name_and_come_after_it(tmp_path: Path) -> None:
    lines = script(tmp_path, VALUES).splitlines()
    options = [n for n, line in enumerate(lines) if line.startswith("/ip dhcp-server option add ")]
    [network] = [
        n for n, line in enumerate(lines) if line.startswith("/ip dhcp-server network add address=192.168.40.")
    ]
    [gone, away] = [n for n, line in enumerate(lines) if re.match(r"/ip dhcp-server (network|option) remove ", line)]
    assert max(options) < network
    assert "network" in lines[gone] and "option" in lines[away]


OF_OPTIONS = re.compile(r"/ip dhcp-server (option add name=lan|network add address=192\.168\.40\.)")
FEW = {
    "mtu": "1400",
    "domain-search": "home.arpa, lan.home.arpa",
    "ntp-server": "192.168.40.9, 192.168.40.3",
    "252": "x",
}
SHARE = 7


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> ScriptTrial:
    return ScriptTrial(checked(tmp_path_factory.mktemp("home"), "routeros", FEW))


def test_what_is_rendered_is_what_was_meant(tmp_path: Path) -> None:
    for options in (VALUES, ADDRESSES_OF_SIP, FEW):
        assert prove_home(checked(tmp_path, "routeros", options)).proof.differences == ()


def survivors(trial: ScriptTrial, share: int) -> list[str]:
    """Changes of the lines that say what clients of the zone are told, which nobody saw and which have no reason."""
    lines = trial.text.split("\n")
    mine = [one for one in trial.mutants() if OF_OPTIONS.match(lines[one.number - 1])]
    assert len(mine) > 100
    judged = [trial.judge(one) for one in mine[::share]]
    return [str(one) for one in judged if one.verdict not in (Verdict.SEEN, Verdict.REFUSED, Verdict.SAME)]


@pytest.mark.slow
def test_every_token_of_what_clients_are_told_counts(trial: ScriptTrial) -> None:
    assert survivors(trial, SHARE) == []


@pytest.mark.deep
def test_each_of_them_counts(trial: ScriptTrial) -> None:
    assert survivors(trial, 1) == []


TOLD = {
    "another digit": ("code=26 value=0x0578", "code=26 value=0x0579", "mtu (DHCP option 26) 1401 rather than 1400"),
    "one byte": ("value=0x0578", "value=0x78", "78, which is no such value"),
    "another code": ("lan-26 code=26", "lan-26 code=27", "DHCP option 27, which nothing asks for"),
    "no code": ("lan-26 code=26", "lan-26 code=vendor", "there is no DHCP option `vendor`"),
    "not named": ("dhcp-option=lan-26,", "dhcp-option=", "are not told mtu (DHCP option 26) 1400"),
    "named twice": ("dhcp-option=lan-26,", "dhcp-option=lan-26,lan-26,", "mtu (DHCP option 26) twice"),
    "named wrongly": ("dhcp-option=lan-26,", "dhcp-option=lan-25,", "there is no option `lan-25`"),
    "told to all": ("value=0x0578 force=no", "value=0x0578 force=yes", "though they do not ask for it"),
    "words of RouterOS": ("value=0x0578", "value=\"'1400'\"", "which bytes `'1400'` is cannot be told"),
    "two of one name": ("name=lan-252", "name=lan-26", "there are two options `lan-26`"),
    "a set": ("dhcp-option=lan-26,", "dhcp-option-set=x dhcp-option=lan-26,", "`dhcp-option-set` changes"),
    "clocks in another order": (
        "ntp-server=192.168.40.9,192.168.40.3",
        "ntp-server=192.168.40.3,192.168.40.9",
        "the time server",
    ),
}


@pytest.mark.parametrize("change", TOLD)
def test_a_change_is_told_in_words(trial: ScriptTrial, change: str) -> None:
    old, new, sentence = TOLD[change]
    assert trial.text.count(old) == 1, "the change changes something"
    network, device = trial.checked.read.network, read_script("gate", {PATH: trial.text.replace(old, new)})
    found = [one.sentence for one in handouts(network, device, find_places(network, device))]
    assert any(sentence in one for one in found), found


def test_a_client_that_is_told_otherwise_is_seen(trial: ScriptTrial) -> None:
    lines = (
        "/ip dhcp-server matcher add name=x server=all code=60 value=PXE matching-type=substring option-set=none",
        "/ip dhcp-server lease set [ find mac-address=52:54:00:AA:00:05 ] dhcp-option=lan-26",
        "/ip dhcp-server set [ find name=lan ] dhcp-option-set=x",
    )
    network = trial.checked.read.network
    for line in lines:
        device = read_script("gate", {PATH: f"{trial.text}\n{line}\n"})
        assert list(handouts(network, device, find_places(network, device))), line


@pytest.mark.slow
def test_an_import_over_an_earlier_one_leaves_no_option_behind(trial: ScriptTrial) -> None:
    device = trial.device
    assert list(scripted(trial.checked.read.network, device)) == []
    kept = "\n".join(line for line in trial.text.split("\n") if not line.startswith("/ip dhcp-server option remove"))
    found = [one.sentence for one in scripted(trial.checked.read.network, read_script("gate", {PATH: kept}))]
    assert any("/ip dhcp-server option" in one for one in found), found
