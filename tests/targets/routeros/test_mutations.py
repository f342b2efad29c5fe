"""One thing changed in the script that was built: the proof fails, and says where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bailiwick.proof.difference import Difference
from bailiwick.proof.prove import prove
from bailiwick.workflow import check
from bailiwick.workflow.machines import read_machines, read_script
from tests.targets.routeros.homes import home

pytestmark = pytest.mark.real  # nft reads what the hypervisor's access ports drop

EXAMPLE = Path(__file__).parents[3] / "examples/public-apps-mikrotik.yaml"

Prove = Callable[[str], tuple[Difference, ...]]


@pytest.fixture(scope="module")
def text() -> str:
    [only] = check(EXAMPLE, date(2026, 1, 1)).trees[0].artifacts
    return only.text


@pytest.fixture(scope="module")
def proven() -> Prove:
    checked = check(EXAMPLE, date(2026, 1, 1))
    network = checked.read.network
    trees = {tree.device: {one.path: one.text for one in tree.artifacts} for tree in checked.trees}
    others = read_machines({name: trees[name] for name in network.switches})
    return lambda text: prove(checked.intent, read_script("gate", {"/bailiwick.rsc": text}), others=others).differences


def test_what_is_rendered_is_what_was_meant(text: str, proven: Prove) -> None:
    assert proven(text) == ()


CHANGES = {
    "a rule's verdict": ("action=drop comment=bailiwick:refuse", "action=accept comment=bailiwick:refuse"),
    "a rule's port": ("protocol=tcp dst-port=44311", "protocol=tcp dst-port=44312"),
    "a rule's interface": ("in-interface=iot src-address=!", "in-interface=lan src-address=!"),
    "a rule's state": ("connection-state=established,related", "connection-state=established,related,new"),
    "a rule's negation": ("dst-address=!9.9.9.9 protocol=udp", "dst-address=9.9.9.9 protocol=udp"),
    "a refusal": ("action=reject reject-with=icmp-admin-prohibited", "action=drop"),
    "a jump": ("jump-target=forward.iot.wan", "jump-target=forward.iot.mgmt"),
    "a door's host": ("to-addresses=192.168.30.5", "to-addresses=192.168.30.6"),
    "a door's side": ("connection-nat-state=dstnat ", ""),
    "a mask": ("action=masquerade out-interface=ppp-wan", "action=masquerade out-interface=lan"),
    "a list's entry": ("list=bogons.ivpn address=10.0.0.0/8", "list=bogons.ivpn address=10.0.0.0/9"),
    "an address": ("address=192.168.50.1/24 interface=iot", "address=192.168.50.1/24 interface=guest"),
    "an access port's VLAN": ("pvid=40", "pvid=20"),
    "a port that takes any VLAN": ("ingress-filtering=yes pvid=40", "ingress-filtering=no pvid=40"),
    "a table's row": ("vlan-ids=50 comment=bailiwick:vlan:50 tagged=bridge,", "vlan-ids=50 comment=x tagged="),
    "a VLAN interface": ("interface=bridge vlan-id=50", "interface=bridge vlan-id=60"),
    "a bridge that looks at no tags": ("vlan-filtering=yes", "vlan-filtering=no"),
    "a rule of routing": ("src-address=192.168.20.66/32 action", "src-address=192.168.20.67/32 action"),
    "a way out": ("gateway=wg-ivpn", "gateway=ppp-wan"),
    "forwarding": ("/ip settings set ip-forward=yes", "/ip settings set ip-forward=no"),
    "IPv6": ("disable-ipv6=yes", "disable-ipv6=no"),
    "IPv6's filter": ("/ipv6 firewall filter add chain=forward action=drop", "/ipv6 firewall filter add chain=forward"),
    "what listens on hardware addresses": ("mac-winbox set allowed-interface-list=none", "mac-winbox set"),
    "UPnP": ("/ip upnp set enabled=no", "/ip upnp set enabled=yes"),
    "a VLAN interface on a port": ("name=iot interface=bridge ", "name=iot interface=ether2 "),
    "a bridge that nobody makes": ("/interface bridge add name=bridge", "/interface bridge set [ find name=bridge ]"),
    "a word that is none": ("connection-state=invalid", "connection-stat=invalid"),
    "a comment without which an object stays": ("comment=bailiwick:bridge-port:gate/ether4", "comment=mine"),
    "what an earlier run left": ('/ip firewall nat remove [ find comment~"^bailiwick:" ]\n', ""),
    "what of an earlier run goes": (
        '/ip pool remove [ find comment~"^bailiwick:" ]',
        "/ip pool remove [ find name=lan ]",
    ),
    "packets while the rules are made": ("/ip settings set ip-forward=no\n", ""),
    "a tunnel's address": ("address=172.24.18.6/32", "address=172.24.18.7/32"),
    "an address without an interface": ("address=172.24.18.6/32 interface=wg-ivpn", "address=172.24.18.6/32"),
    "a list that nobody makes": ("/interface list add name=inside", "/interface list add name=insider"),
    "a rule that names no table": ("action=lookup-only-in-table table=main ", "action=lookup-only-in-table "),
    "fasttrack": ("action=accept connection-state=est", "action=fasttrack-connection connection-state=est"),
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(text: str, proven: Prove, change: str) -> None:
    old, new = CHANGES[change]
    assert old in text, "the change changes something"
    assert proven(text.replace(old, new, 1)) != ()


@pytest.mark.slow
def test_an_exit_is_held_shut_three_times(text: str, proven: Prove) -> None:
    """By the black hole, by rules that look nowhere else, and by the filter's guard: all have to go."""
    holes = ("blackhole=yes distance=254", "chain=forward action=drop out-interface=ppp-wan src-address=192.168.20.66")
    changed = text.replace("action=lookup-only-in-table table=by-ivpn", "action=lookup table=by-ivpn")
    assert changed != text
    for hole in holes:
        assert proven(changed) == ()
        [line] = [one for one in changed.splitlines(keepends=True) if hole in one]
        changed = changed.replace(line, "")
    assert proven(changed) != ()


def test_what_a_second_run_takes_away_is_nothing_that_this_one_makes(text: str, proven: Prove) -> None:
    away = [line for line in text.splitlines() if " remove " in line]
    assert proven(text + "\n".join(away)) != ()


SPLIT = {
    "isolated ports": (" horizon=1", "", "keeps its clients apart"),
    "a port off the bridge": ("interface=ether5 comment", "interface=ether6 comment", ""),
    "an access port that takes tags": (
        "frame-types=admit-only-untagged-and-priority-tagged ingress-filtering=yes pvid=40",
        "frame-types=admit-all ingress-filtering=no pvid=40",
        "the router takes VLAN",
    ),
}


@pytest.mark.parametrize("change", SPLIT)
def test_frames_that_go_astray_are_seen(tmp_path: Path, change: str) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(home("routeros"), encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    [only] = checked.trees[0].artifacts
    old, new, sentence = SPLIT[change]
    assert old in only.text
    device = read_script("gate", {"/bailiwick.rsc": only.text.replace(old, new)})
    found = prove(checked.intent, device).differences
    assert any(sentence in one.sentence for one in found)


def test_two_tags_lead_from_one_stranger_to_another(tmp_path: Path) -> None:
    """A device that is not ours may put two tags on a frame; where the outer zone leaves without a tag, the inner one
    is what the next port takes it by."""
    path = tmp_path / "home.yaml"
    trunks = "ether3: {native: mgmt, trunk: [lan, iot, farm]}, ether4: {native: mgmt, trunk: [lan]}"
    given = home("routeros").replace("ether3: [mgmt, lan, iot, farm], ether4: iot", trunks)
    path.write_text(given, encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    [only] = checked.trees[0].artifacts
    found = prove(checked.intent, read_script("gate", {"/bailiwick.rsc": only.text})).differences
    assert found
    assert all(" hears VLAN 10 and " in one.sentence for one in found)
