"""Files of any kind are recognised by their text, and what is none of them is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bailiwick.workflow.devices import LARGEST, Unusable, load
from bailiwick.workflow.recognition import Form, recognise
from tests.audit.golden import DATA
from tests.dataplane.routeros.exports import ARTICLE

HERE = Path(__file__).parent

TEXTS = {
    Form.IPTABLES: "# a comment\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
    Form.IPSET: "create bad hash:ip family inet\nadd bad 192.0.2.1\n",
    Form.NFT: "table inet filter {\n\tchain input {\n\t}\n}\n",
    Form.NFT_JSON: '{"nftables": []}',
    Form.ROUTEROS: "# 2026-01-01 by RouterOS 7.20\n/ip address\n",
    Form.LINKS: "2: eth0: <BROADCAST,UP> mtu 1500\n    inet 192.0.2.1/24 scope global eth0\n",
    Form.ROUTES: "default via 192.0.2.1 dev eth0\n",
    Form.RULES: "0:\tfrom all lookup local\n",
    Form.VLANS: '[{"ifname": "eth0", "vlans": [{"vlan": 1}]}]',
}


@pytest.mark.parametrize("form", TEXTS)
def test_a_form_is_told_by_its_text(form: Form) -> None:
    assert recognise(TEXTS[form]) is form


def test_listings_in_json_are_told_by_their_keys() -> None:
    assert recognise(json.dumps([{"ifname": "lo", "flags": ["UP"], "addr_info": []}])) is Form.LINKS
    assert recognise(json.dumps([{"dst": "default", "dev": "eth0"}])) is Form.ROUTES
    assert recognise(json.dumps([{"priority": 0, "src": "all", "table": "local"}])) is Form.RULES
    assert recognise("[1, 2]") is None
    assert recognise("{not json") is None
    assert recognise("[" * 100_000) is None


@pytest.mark.parametrize("text", ["", "hello\nworld\n", "Chain INPUT (policy DROP)\ntarget prot opt source\n"])
def test_what_is_none_of_them_is_none(text: str) -> None:
    assert recognise(text) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"  \n\n", "is empty"),
        (b"\x88\xac\xa1\xb1 backup", "binary backup of RouterOS"),
        (b"*filter\n\0COMMIT\n", "no text"),
        (b"Chain INPUT (policy DROP)\n", "none of the files"),
        (b'# 2026-01-01 by RouterOS 7.20\n#error exporting "/ip" (timeout)\n', "did not finish"),
        (b'{"nftables": [{"rule": 1}]}', "holds nothing"),
        (b'[{"flags": [], "ifname": 7}]', "without a name"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "it"
    file.write_bytes(content)
    with pytest.raises(Unusable, match=said):
        load([file])


def test_a_file_as_large_as_no_configuration_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "huge"
    with file.open("wb") as out:
        out.truncate(LARGEST + 1)
    with pytest.raises(Unusable, match="MiB"):
        load([file])


def test_a_directory_without_devices_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="bailiwick build"):
        load([tmp_path])


def test_files_of_linux_are_one_device_and_an_export_is_another() -> None:
    article = [HERE / f"article-{name}.txt" for name in ("ip-addr", "iptables-save", "ip-route")]
    linux, router = sorted(load([*article, ARTICLE]), key=lambda one: one.device.platform)
    assert (linux.device.platform, router.device.platform) == ("linux", "routeros")
    assert [str(a) for a in linux.device.interfaces["eth0"].addresses] == ["192.168.11.254/24"]
    assert linux.device.routing.known
    assert not linux.guessed
    assert {Path(name).name for name, _ in linux.files} == {path.name for path in article}
    assert all(tally.adds_up for one in (linux, router) for _, tally in one.files)


def test_two_dumps_of_one_table_are_of_two_devices(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(TEXTS[Form.IPTABLES])
    with pytest.raises(Unusable, match="two devices"):
        load([tmp_path / "a", tmp_path / "b"])


def test_sets_of_ipset_are_those_that_the_dump_asks_for(tmp_path: Path) -> None:
    (tmp_path / "sets").write_text(TEXTS[Form.IPSET])
    rules = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m set --match-set bad src -j DROP\nCOMMIT\n"
    (tmp_path / "rules").write_text(rules)
    (loaded,) = load([tmp_path / "rules", tmp_path / "sets"])
    assert not loaded.device.tally.unknown
    (alone,) = load([tmp_path / "rules"])
    assert len(alone.device.tally.unknown) == 1


def test_without_routes_it_is_said_once_what_is_taken_for_granted() -> None:
    (bare,) = load([HERE / "article-iptables-save.txt"])
    assert (bare.guessed, len(bare.assumed)) == (True, 1)
    (placed,) = load([HERE / "article-iptables-save.txt", HERE / "article-ip-addr.txt"])
    assert placed.guessed
    assert "beyond ens4u1c2" in placed.assumed[0]


def test_a_setting_against_forged_sources_is_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "router.rsc"
    file.write_text("# 2026-01-01 by RouterOS 7.20\n/ip settings\nset rp-filter=strict\n")
    (loaded,) = load([file])
    assert loaded.device.settings["net.ipv4.conf.all.rp_filter"] == "1"


@pytest.mark.skipif(not (DATA / "iptables").exists(), reason="the published dumps are not here")
def test_published_dumps_are_read_with_all_that_lies_beside_them() -> None:
    openlab = DATA / "iptables" / "openlab"
    names = ["iptables-save.txt", "ip-4-addr-show.txt", *(p.name for p in openlab.glob("ip-r*.txt"))]
    (loaded,) = load([openlab / name for name in names])
    assert {route.table for route in loaded.device.routing.routes} == {"main", "DSL", "KABEL", "FREIFUNK"}
    assert loaded.device.routing.known
    for name in ("ifconfig-a.txt", "iptables-Lnv.txt", "route-n.txt"):
        with pytest.raises(Unusable, match="none of the files"):
            load([openlab / name])


@pytest.mark.real
def test_a_text_of_nft_is_given_to_nft(tmp_path: Path) -> None:
    file = tmp_path / "rules.nft"
    file.write_text("table inet filter {\n chain input {\n  type filter hook input priority 0; policy drop;\n }\n}\n")
    (loaded,) = load([file])
    assert (loaded.syntax, loaded.families) == ("nft", frozenset({4, 6}))
    file.write_text("table inet filter {\n chain input {\n  nonsense\n }\n}\n")
    with pytest.raises(Unusable, match=r"rules\.nft:3"):
        load([file])
