"""The two published firewalls: the holes that a careful engineer sees in them are found, without being told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bailiwick.dataplane.interpreter import Interpreter, Outcomes
from bailiwick.proof.audit.audit import Audit
from bailiwick.workflow.auditing import Question, audit_files
from tests.dataplane.routeros.exports import ARTICLE

HERE = Path(__file__).parent
SECOND = [HERE / f"article-{name}.txt" for name in ("iptables-save", "ip-addr", "ip-route")]


def audited(*paths: Path, question: Question | None = None) -> Audit:
    (found,) = audit_files(paths, question or Question())
    assert not found.audit.defects
    return found.audit


def test_the_routeros_article() -> None:
    audit = audited(ARTICLE)
    found = {(one.severity.word, one.code) for one in audit.findings}
    assert found == {
        ("high", "outside-one-name"),  # pppoe-out1 alone is shut: the port under it and the provider's tunnel are not
        ("high", "tunnel-leak"),  # 192.168.20.66 goes out by pppoe-out1 when wg_ivpn is gone
        ("medium", "open-ipv6"),  # no rule of IPv6 at all
        ("medium", "router-services"),  # every zone reaches the router, IoT and DMZ too
        ("medium", "default-accept"),  # the forward chain ends with an accept
        ("medium", "source-forged"),  # zones are told by source address lists alone
        ("medium", "tunnel-dns"),
        ("low", "interface-unmentioned"),
        ("low", "accept-anything"),
        ("note", "rule-changes-nothing"),
        ("note", "no-rescue-port"),  # every port that has an address is in the bridge
    }


def test_what_the_routeros_article_lets_the_outside_do() -> None:
    cells = audited(ARTICLE).matrix.cells
    assert cells["uplink:ether1", "zone:vlan_MGMT"].services == ("any",)
    assert cells["uplink:pppoe-out1", "zone:vlan_MGMT"].services == ()
    assert [word.split()[0] for word in cells["uplink:pppoe-out1", "zone:vlan_DMZ"].services] == ["https"]
    assert cells["zone:vlan_IoT", "router"].services == ("any",)
    assert cells["zone:vlan_LAN", "zone:vlan_DMZ"].services == ()


def test_the_iptables_article() -> None:
    audit = audited(*SECOND)
    found = {one.code: one for one in audit.findings if one.severity.word in ("high", "medium")}
    assert found.keys() == {"accept-anything", "rule-twice"}
    assert [line.number for line in found["accept-anything"].lines] == [16]
    assert "192.168.11.10" in found["accept-anything"].witness, "the ISP's side reaches the home itself, past the NAT"
    assert "not at all in FORWARD" in found["rule-twice"].title
    assert audit.matrix.cells["uplink:ens4u1c2", "router"].services == ("udp/3389", "icmp")


def test_one_asks_for_services_and_names_zones() -> None:
    question = Question((("home", "192.168.11.0/25"),), ("ens4u1c2",), ("ssh", "https"))
    audit = audited(*SECOND, question=question)
    assert audit.matrix.rows[0] == "zone:home"
    assert audit.matrix.cells["zone:home", "router"].services == ("ssh",)
    assert audit.matrix.cells["uplink:ens4u1c2", "zone:home"].services == ("ssh", "https")


@pytest.mark.parametrize("paths", [[ARTICLE], SECOND], ids=["routeros", "iptables"])
def test_no_finding_is_shown_whose_packet_does_otherwise(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that lets nothing pass: whatever says that something passes is counted, and not shown."""
    honest = Interpreter.walk

    def dropping(self: Interpreter, *args: object, **named: object) -> object:
        walk = honest(self, *args, **named)  # type: ignore[arg-type]
        return type(walk)(walk.packet, walk.end.DROP, walk.steps, walk.left)

    before = audited(*paths)
    monkeypatch.setattr(Interpreter, "walk", dropping)
    monkeypatch.setattr(Interpreter, "outcomes", lambda self, *a, **k: Outcomes(()))
    (after,) = audit_files(paths, Question())
    passing = {"outside-one-name", "default-accept", "accept-anything", "tunnel-leak", "source-forged", "open-ipv6"}
    assert not passing & {one.code for one in after.audit.findings}
    assert len(after.audit.defects) >= len({one.code for one in before.findings} & passing)
