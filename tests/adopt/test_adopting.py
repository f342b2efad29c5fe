"""What an adoption promises beside its text: no secret in it, no sentence too many, and the way back from a build."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bailiwick.report.adoption_text import adoption_record, adoption_text
from bailiwick.workflow.adopting import Adoption, adopt_files, compared, entered
from bailiwick.workflow.building import build
from bailiwick.workflow.checking import check_read
from bailiwick.workflow.proving import prove_home
from bailiwick.workflow.reading import read_text
from tests.adopt.golden import TODAY, Case

pytestmark = pytest.mark.real

CASES = Path(__file__).parents[1] / "cases" / "adopt"

HOME = """\
name: round
uplinks:
  wan: {interface: router/eth0, address: 198.51.100.2/30, gateway: 198.51.100.1}
zones:
  lan: {vlan: 40, subnet: 192.168.40.0/24}
  iot: {vlan: 50, subnet: 192.168.50.0/24, gateway: .254, force-dns: yes}
  dmz: {subnet: 192.168.30.0/25}
hosts:
  router: {router: linux, ports: {eth1: [lan, iot], eth2: dmz}}
  desk: {zone: lan, address: .7}
  dns: {zone: lan, address: .53, serves: dns}
  tv: {zone: iot, address: .9}
  proxy: {zone: dmz, address: 192.168.30.5}
groups:
  cdn: [173.245.48.0/20, 103.21.244.0/22]
policy:
  - lan -> iot, internet: any
  - iot except tv -> internet: web, ntp, udp/5000-5010
  - tv -> internet: any except smtp, icmp/redirect
  - proxy -> desk: tcp/8443, ping
  - desk -> router: ssh, icmp except icmp/redirect
  - dns -> internet: dns
forward:
  web: {service: https, from: cdn, to: proxy}
  games: {service: udp/27000-27015, to: desk, port: "28000"}
"""


@pytest.fixture(scope="module")
def vlans(tmp_path_factory: pytest.TempPathFactory) -> Adoption:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("vlans"))
        return Case.read(CASES / "vlan-home.md").adoption


def test_a_build_is_adopted_as_what_it_was_built_from(tmp_path: Path) -> None:
    build(check_read(read_text("home.yaml", HOME, TODAY)).trees, tmp_path / "built")
    adoption = adopt_files([tmp_path / "built" / "router"], "home.yaml", TODAY)
    assert adoption.same, adoption.text
    assert not adoption.adopted.left
    network = read_text("home.yaml", adoption.text, TODAY).network
    assert {zone.subnet for zone in network.zones.values()} == {
        zone.subnet for zone in read_text("home.yaml", HOME, TODAY).network.zones.values()
    }
    ports = [(port.name, port.untagged, port.tagged) for port in network.router.ports]
    assert ports == [("eth1", None, ("iot", "lan")), ("eth2", "eth2", ())]
    assert adoption.text.split("policy:\n")[1].split("\n\n")[0].splitlines() == [
        "  - iot, eth2 -> lan-53: dns",
        "  - iot -> internet: web, ntp, udp/5000-5010",
        "  - iot-9 -> internet: any except dns, smtp, icmp/redirect",
        "  - lan -> internet, iot: any",
        "  - lan-7 -> router: ssh, icmp except icmp/redirect",
        "  - eth2-5 -> lan-7: tcp/8443, ping",
    ]
    assert [line.split(": ", 1)[1] for line in adoption.text.split("forward:\n")[1].split("\n\n")[0].splitlines()] == [
        "{service: udp/27000-27015, to: lan-7, port: 28000}",
        "{service: https, from: nat-from-4, to: eth2-5}",
    ]


@pytest.mark.slow
def test_every_sentence_is_needed_and_every_missing_one_is_missed(vlans: Adoption) -> None:
    lines = vlans.text.splitlines(keepends=True)
    sentences = [number for number, line in enumerate(lines) if line.startswith("  - ") and " -> " in line]
    assert len(sentences) == 8
    for number in sentences:
        text = "".join(line for at, line in enumerate(lines) if at != number)
        comparison, _ = compared(vlans.adopted, prove_home(check_read(read_text("home.yaml", text, TODAY))))
        assert comparison.denied, lines[number]
        assert not comparison.allowed


def test_a_sentence_too_many_is_told(vlans: Adoption) -> None:
    text = vlans.text.replace("policy:\n", "policy:\n  - iot -> files: ssh\n")
    comparison, _ = compared(vlans.adopted, prove_home(check_read(read_text("home.yaml", text, TODAY))))
    (change,) = comparison.allowed
    assert (change.ingress, change.egress, change.words) == ("zone:iot", "zone:home", ("to 10.0.10.5: tcp/22",))


@pytest.mark.parametrize("name", ["tunnel", "doors", "vlan-home"])
def test_no_secret_is_anywhere(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    case = Case.read(CASES / f"{name}.md")
    adoption = case.adoption
    said = adoption.text + adoption_text(adoption, "home.yaml") + json.dumps(adoption_record(adoption))
    secrets = ["hunter2", "aGVsbG8", "c2Vjb25kIHNl", "letmein", "topsecret", "s3cr3tcommunity"]
    planted = [secret for secret in secrets if secret in case.text]
    assert planted
    assert not [secret for secret in planted if secret in said]


def test_a_door_of_another_address_is_no_forward(tmp_path: Path) -> None:
    """The uplink's address is one, and the rule is for another: what a forward says would be a different door."""
    text = (Path(__file__).parents[1] / "cases" / "adopt" / "doors.md").read_text(encoding="utf-8")
    export = text.split("```text router.rsc\n")[1].split("```")[0]
    own = "comment=games dst-address-list=!own dst-address-type=local"
    other = export.replace(own, "comment=games dst-address=198.18.5.5")
    assert other != export
    (tmp_path / "router.rsc").write_text(other, encoding="utf-8")
    adoption = adopt_files([tmp_path / "router.rsc"], "home.yaml", TODAY)
    assert [one.why for one in adoption.adopted.left] == ["it is for another address than the uplink's"]
    assert "udp/27015-27020" not in adoption.text.split("forward:")[1].split("#")[0]


def test_a_door_that_moved_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the translation both let the same packets pass: only as they were sent do they differ."""
    monkeypatch.chdir(tmp_path)
    adoption = Case.read(CASES / "doors.md").adoption
    assert adoption.doors == ()
    text = adoption.text.replace("service: tcp/2222", "service: tcp/2223")
    moved = prove_home(check_read(read_text("home.yaml", text, TODAY)))
    assert not any(
        change.ingress == "uplink:wan" for one in compared(adoption.adopted, moved) for change in (*one.allowed,)
    )
    found = [(one.ingress, one.egress, one.words, one.newly) for one in entered(adoption.adopted, moved)]
    assert found == [
        ("uplink:wan", "zone:lan", ("tcp/2223",), True),
        ("uplink:wan", "zone:lan", ("tcp/2222",), False),
    ]


def test_a_door_behind_another_is_left_over(tmp_path: Path) -> None:
    export = (CASES / "doors.md").read_text(encoding="utf-8").split("```text router.rsc\n")[1].split("```")[0]
    first = next(line for line in export.splitlines() if "ssh, elsewhere" in line)
    later = first.replace("ssh, elsewhere", "never").replace("192.168.1.10", "192.168.1.11")
    (tmp_path / "router.rsc").write_text(export.replace(first, f"{first}\n{later}"), encoding="utf-8")
    adoption = adopt_files([tmp_path / "router.rsc"], "home.yaml", TODAY)
    assert not adoption.problems
    assert [one.why for one in adoption.adopted.left] == ["an earlier door takes these ports"]


def test_a_vlan_that_only_its_name_tells(tmp_path: Path) -> None:
    """`ip addr` prints no VLAN id: eth1.40 is taken at its name."""
    addresses = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536
    inet 127.0.0.1/8 scope host lo
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500
    inet 198.18.0.2/30 scope global dynamic eth0
3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500
4: eth1.40@eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500
    inet 192.168.40.1/24 scope global eth1.40
"""
    rules = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
    (tmp_path / "ip-addr").write_text(addresses, encoding="utf-8")
    (tmp_path / "iptables-save").write_text(rules, encoding="utf-8")
    adoption = adopt_files([tmp_path / "ip-addr", tmp_path / "iptables-save"], "home.yaml", TODAY)
    assert "  vlan40: {vlan: 40, subnet: 192.168.40.0/24}\n" in adoption.text
    assert "      eth1: [vlan40]\n" in adoption.text
    assert not adoption.problems


def test_names_of_another_domain_are_records(tmp_path: Path) -> None:
    """A host's own name comes by itself, under the home's domain; the others are written down."""
    export = (CASES / "vlan-home.md").read_text(encoding="utf-8").split("```text router.rsc\n")[1].split("```")[0]
    more = "/ip dns static add address=10.0.10.5 name=files.example.net\n"
    (tmp_path / "router.rsc").write_text(export + more, encoding="utf-8")
    adoption = adopt_files([tmp_path / "router.rsc"], "home.yaml", TODAY)
    assert not adoption.problems
    assert "\n  records:\n    files.example.net: 10.0.10.5\n" in adoption.text
    assert "files.home.arpa" not in adoption.text
