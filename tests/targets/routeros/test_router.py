"""The script of a router: its order, whose its objects are, and what the schema of every version knows of it."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bailiwick.language import Problems
from bailiwick.proof.prove import prove
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.routeros.backup import SOURCE
from bailiwick.workflow import check
from bailiwick.workflow.machines import read_script
from tests.targets.routeros.homes import home
from tests.targets.routeros.test_switch import CHECKER

EXAMPLE = Path(__file__).parents[3] / "examples/public-apps-mikrotik.yaml"
MORE = "syslog: nas\nddns: [{provider: mikrotik, name: home.example.net}]\n"
MORE += "dhcp: {options: {mtu: 1400, domain-search: 'home.arpa, lan.home.arpa', '252': 'http://nas/wpad.dat'}}\n"
VERSIONS = ("7.16", "7.18", "7.20", "7.22", "7.24")


@pytest.fixture(scope="module")
def script() -> Artifact:
    [only] = check(EXAMPLE, date(2026, 1, 1)).trees[0].artifacts
    return only


@pytest.fixture(scope="module")
def commands(script: Artifact) -> list[str]:
    return [line for line in script.text.splitlines() if line and not line.startswith("#")]


def where(commands: list[str], words: str) -> int:
    """The only line that begins with the words."""
    [found] = [number for number, line in enumerate(commands) if line.startswith(words)]
    return found


def last(commands: list[str], words: str) -> int:
    return max(number for number, line in enumerate(commands) if line.startswith(words))


def test_nothing_is_forwarded_and_no_uplink_is_up_before_the_rules_stand(commands: list[str]) -> None:
    closed, opened = (where(commands, f"/ip settings set ip-forward={word}") for word in ("no", "yes"))
    assert closed == 0
    rules = [last(commands, f"/ip firewall {table} add") for table in ("filter", "nat", "mangle", "address-list")]
    services, tags = last(commands, "/ip service set"), where(commands, "/interface bridge set [ find name=bridge ]")
    dialled = where(commands, "/interface pppoe-client set [ find name=ppp-wan ] disabled=no")
    assert max(*rules, last(commands, "/ipv6 firewall filter add"), last(commands, "/routing rule add")) < services
    assert services < tags < opened < dialled
    assert " disabled=yes " in commands[where(commands, "/interface pppoe-client add")]
    assert "vlan-filtering=no" in commands[where(commands, "/interface bridge add")]
    assert where(commands, "/ip route add dst-address=0.0.0.0/0 blackhole=yes") < opened
    assert where(commands, "/ip route add dst-address=0.0.0.0/0 gateway=wg-ivpn") > opened


def test_every_object_is_ours_and_goes_before_it_comes_again(commands: list[str]) -> None:
    added = [(number, line.split(" add ")[0]) for number, line in enumerate(commands) if " add " in line]
    assert all(' comment="bailiwick:' in commands[n] or " comment=bailiwick:" in commands[n] for n, _ in added)
    assert len(added) > 100
    for menu in {menu for _, menu in added}:
        first = min(number for number, one in added if one == menu)
        assert where(commands, f'{menu} remove [ find comment~"^bailiwick:" ]') < first


def test_what_leads_in_from_outside_goes_before_the_filter_does(commands: list[str]) -> None:
    away = [line.split(" remove ")[0] for line in commands if " remove " in line]
    for menu in ("/ip dhcp-client", "/interface pppoe-client", "/ip address"):
        assert away.index(menu) < away.index("/ip firewall filter")


@pytest.mark.parametrize("chain", ["input", "forward", "output"])
def test_a_built_in_chain_ends_in_a_drop_of_whatever_is_left(commands: list[str], chain: str) -> None:
    for ip in ("ip", "ipv6"):
        end = commands[last(commands, f"/{ip} firewall filter add chain={chain} ")]
        assert re.fullmatch(rf"/{ip} firewall filter add chain={chain} action=drop comment=\S+", end)


def test_conntrack_decides_first_but_for_who_leaves_by_one_uplink_alone(commands: list[str]) -> None:
    rows = [line for line in commands if line.startswith("/ip firewall filter add chain=forward ")]
    assert " out-interface=ppp-wan src-address=192.168.20.66 " in rows[0]
    assert "action=accept connection-state=established,related" in rows[1]
    assert "action=drop connection-state=invalid" in rows[2]


def test_only_what_the_policy_opens_listens_and_only_for_those(commands: list[str]) -> None:
    services = dict(line.removeprefix("/ip service set ").split(" ", 1) for line in commands if "/ip service" in line)
    near = "address=192.168.10.0/24,192.168.88.0/24"
    assert services.pop("ssh") == f"disabled=no port=22 {near}"
    assert services.pop("winbox") == f"disabled=no port=8291 {near}"
    assert set(services.values()) == {"disabled=yes"}


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("7.16", "allow-none-crypto=no always-allow-password-login=no"),
        ("7.20", "ciphers=auto always-allow-password-login=no"),
        ("7.21", "ciphers=auto password-authentication=yes-if-no-key"),
    ],
)
def test_ssh_is_told_the_same_in_the_words_of_each_release(tmp_path: Path, version: str, words: str) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(home("routeros").replace("routeros-7.20", f"routeros-{version}"), encoding="utf-8")
    [only] = check(path, date(2026, 1, 1)).trees[0].artifacts
    assert f"/ip ssh set strong-crypto=yes forwarding-enabled=no {words}\n" in only.text


@pytest.mark.parametrize("version", ["7.17", "7.22"])
def test_rows_of_the_log_go_before_they_come_again(tmp_path: Path, version: str) -> None:
    """They bear no comment before 7.22: ours are known by where they lead."""
    path = tmp_path / "home.yaml"
    path.write_text(home("routeros").replace("routeros-7.20", f"routeros-{version}") + "syslog: nas\n", "utf-8")
    [only] = check(path, date(2026, 1, 1)).trees[0].artifacts
    lines = [line for line in only.text.splitlines() if line.startswith("/system logging")]
    assert lines[:2] == [
        "/system logging remove [ find action=bailiwick ]",
        '/system logging action remove [ find comment~"^bailiwick:" ]',
    ]
    assert lines[2].startswith("/system logging action add name=bailiwick ")
    assert [line.rpartition(" ")[2] for line in lines[3:]] == ["action=bailiwick"] * 4


@pytest.mark.slow
@pytest.mark.parametrize("left", ["", "/system logging remove", "/system ntp client servers remove"])
def test_what_the_device_does_for_itself_is_proven_and_comes_again(tmp_path: Path, left: str) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(home("routeros") + MORE + "ntp: {upstreams: [nas, time.example.net]}\n", encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    [only] = checked.trees[0].artifacts
    kept = [line for line in only.text.splitlines() if not (left and line.startswith(left))]
    found = prove(checked.intent, read_script("gate", {"/bailiwick.rsc": "\n".join(kept)})).differences
    assert bool(found) is bool(left)
    assert all(one.sentence.startswith("imported again, it leaves") for one in found)


def test_the_vendor_sets_the_clock_only_where_nobody_else_does(tmp_path: Path, commands: list[str]) -> None:
    assert "/system ntp client set enabled=no" in commands
    assert any(line.startswith("/ip cloud set ") and line.endswith("update-time=yes") for line in commands)
    path = tmp_path / "home.yaml"
    path.write_text(home("routeros"), encoding="utf-8")
    [only] = check(path, date(2026, 1, 1)).trees[0].artifacts
    assert "/system ntp client servers add address=192.168.10.7 comment=bailiwick:ntp:192.168.10.7\n" in only.text
    assert " update-time=no\n" in only.text


def test_a_rule_names_no_more_ports_than_one_can(tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(home("routeros"), encoding="utf-8")
    [only] = check(path, date(2026, 1, 1)).trees[0].artifacts
    ports = [m[1].split(",") for m in re.finditer(r" dst-port=(\S+)", only.text)]
    assert max(sum(1 + ("-" in one) for one in some) for some in ports) == 15


def test_no_secret_is_in_the_script(script: Artifact) -> None:
    assert script.secrets == {"@SECRET:pppoe@": "pppoe", "@SECRET:ivpn@": "ivpn"}
    assert script.text.count('password="@SECRET:pppoe@"') == 1
    assert script.text.count('private-key="@SECRET:ivpn@"') == 1
    assert script.mode == 0o600


REFUSED = {
    "routeros-cannot": ("  rebind-protection: no\n", ""),
    "routeros-not-yet": ("gate/ether1", "gate/ether3, vlan: 7"),
    "routeros-port": ("ether6: lan", "eth6: lan"),
    "platform-unfit": ("routeros-7.20", "debian-13"),
    "zone-without-vlan": ("ether6: lan", "ether6: [lan, rescue]"),
    "isolation-mixed": ("ether6: lan", "ether6: [lan, iot]"),
    "interface-clash": ("rescue", "ether7"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_not_written_is_refused(tmp_path: Path, code: str) -> None:
    path = tmp_path / "home.yaml"
    old, new = REFUSED[code]
    assert old in home("routeros")
    path.write_text(home("routeros").replace(old, new), encoding="utf-8")
    with pytest.raises(Problems) as raised:
        check(path, date(2026, 1, 1))
    assert code in {one.code for one in raised.value.diagnostics}


UPLINKS_REFUSED = {
    "on a port of the bridge": ("gate/ether1", "gate/ether3, vlan: 7", "routeros-not-yet"),
    "by lease, before 7.18": ("203.0.113.2/30, gateway: 203.0.113.1", "dhcp", "routeros-cannot"),
}


@pytest.mark.parametrize("how", UPLINKS_REFUSED)
def test_an_uplink_that_is_not_written_is_refused(tmp_path: Path, how: str) -> None:
    old, new, code = UPLINKS_REFUSED[how]
    path = tmp_path / "home.yaml"
    given = home("routeros", "two").replace("routeros-7.20", "routeros-7.17")
    assert old in given
    path.write_text(given.replace(old, new), encoding="utf-8")
    with pytest.raises(Problems) as raised:
        check(path, date(2026, 1, 1))
    assert code in {one.code for one in raised.value.diagnostics}


@pytest.mark.real
@pytest.mark.skipif(not CHECKER.is_file(), reason="RouterOS' schema is not beside this repository")
@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_knows_the_words_of_the_script_within(tmp_path: Path, version: str) -> None:
    path = tmp_path / "backup.rsc"
    for source, good in ((SOURCE, True), ([line.replace("/terminal/ask", "/terminal/bid") for line in SOURCE], False)):
        path.write_text("".join(f"{line}\n" for line in source), encoding="utf-8")
        asked = [sys.executable, str(CHECKER), "--strict", "--all-caps", "--ros", version, str(path)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert ("3 commands ok,  {}" in done.stdout) is good, done.stdout + done.stderr


@pytest.mark.real
@pytest.mark.skipif(not CHECKER.is_file(), reason="RouterOS' schema is not beside this repository")
@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_knows_every_word(tmp_path: Path, version: str) -> None:
    """Of the script that is written for that version: some words differ."""
    path = tmp_path / "router.rsc"
    texts = []
    for beside in EXAMPLE.parent.glob("*.txt"):
        (tmp_path / beside.name).write_text(beside.read_text(encoding="utf-8"), encoding="utf-8")
    for given in (EXAMPLE.read_text(encoding="utf-8"), home("routeros", "two") + MORE):
        (tmp_path / "home.yaml").write_text(given.replace("routeros-7.20", f"routeros-{version}"), encoding="utf-8")
        texts.append(check(tmp_path / "home.yaml", date(2026, 1, 1)).trees[0].artifacts[0].text)
    for content, good in ((texts[0], True), (texts[1], True), (texts[0].replace("new-mss", "new-ms"), False)):
        path.write_text(content, encoding="utf-8")
        asked = [sys.executable, str(CHECKER), "--strict", "--all-caps", "--ros", version, str(path)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert ("commands ok,  {}" in done.stdout) is good, done.stdout + done.stderr
