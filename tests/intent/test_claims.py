"""Claims: what each witness is asked, and the tests that a home file refutes itself."""

from __future__ import annotations

from bailiwick.claims.claim import Verdict
from bailiwick.intent import Intent
from tests.intent.flows import packet, small_home

POLICY = ["lan -> internet: any", "laptop -> dmz: ssh"]


def claims_on(intent: Intent, flow: str) -> dict[str, Verdict]:
    return {claim.id: claim.verdict for claim in intent.claims() if packet(flow) in claim.packets}


def contradictions(intent: Intent) -> list[tuple[str, str | None]]:
    return [(claim.id, one.id if one else None) for claim, one, _ in intent.contradictions()]


def test_a_sentence_is_a_claim_and_what_is_beside_it_another() -> None:
    home = small_home(policy=POLICY)
    assert claims_on(home, "lan 192.168.40.7 -> dmz 192.168.30.5 tcp/22") == {"policy:laptop->dmz:ssh": Verdict.ACCEPT}
    assert claims_on(home, "lan 192.168.40.8 -> dmz 192.168.30.5 tcp/22") == {"rest:zone:lan->zone:dmz": Verdict.DENY}
    assert claims_on(home, "lan 10.0.0.9 -> wan 9.9.9.9 tcp/22") == {
        "hygiene:source:zone:lan": Verdict.DENY,
        "rest:zone:lan->uplink:wan": Verdict.DENY,
    }
    assert claims_on(home, "unknown 9.9.9.9 -> dmz 192.168.30.5 tcp/22") == {"rest:unknown->zone:dmz": Verdict.DENY}


def test_a_claim_knows_its_way_and_its_line() -> None:
    home = small_home(policy=POLICY)
    claim = next(claim for claim in home.claims() if claim.id == "policy:lan->internet:any")
    assert claim.way == "uplink:wan"
    assert claim.text == "lan -> internet: any"
    assert claim.span.file == "home.yaml"


def test_accepted_claims_leave_out_what_hygiene_denies() -> None:
    home = small_home(policy=POLICY)
    claim = next(claim for claim in home.claims() if claim.id == "policy:lan->internet:any")
    assert packet("lan 192.168.40.1 -> wan 9.9.9.9 tcp/443") not in claim.packets
    assert packet("lan 192.168.40.7 -> wan 9.9.9.9 tcp/443") in claim.packets


def test_a_denial_that_a_sentence_opens() -> None:
    home = small_home(policy=POLICY, deny=["lan -> dmz: any except https", "dmz -> lan: any"])
    assert contradictions(home) == [("deny:lan->dmz:any except https", "policy:laptop->dmz:ssh")]
    ((_, _, witness),) = home.contradictions()
    assert witness == packet("lan 192.168.40.7 -> dmz 192.168.30.5 tcp/22 from 49152")


def test_a_denial_that_an_opening_opens() -> None:
    home = small_home(deny=["lan -> router: any"])
    assert contradictions(home) == [
        ("deny:lan->router:any", "derived:dhcp:lan"),
        ("deny:lan->router:any", "derived:dns:lan"),
    ]


def test_a_denial_from_outside_that_a_forward_opens() -> None:
    forward = "web: {service: https, to: proxy}"
    assert contradictions(small_home(forward=forward, deny=["outside -> dmz: any"])) == [
        ("deny:outside->dmz:any", "forward:web")
    ]
    assert contradictions(small_home(forward=forward, deny=["outside -> dmz: any except https"])) == []
    assert contradictions(small_home(forward=forward, deny=["outside -> lan: any"])) == []


def test_what_is_denied_from_outside_is_denied_on_tunnels_and_unknown_interfaces() -> None:
    home = small_home(deny=["outside -> router: ssh", "internet -> router: ssh"])
    for place in ("wan", "ivpn", "unknown"):
        found = claims_on(home, f"{place} 9.9.9.9 -> router 81.2.69.142 tcp/22")
        assert found["deny:outside->router:ssh"] is Verdict.DENY
        assert found["deny:internet->router:ssh"] is Verdict.DENY


def test_an_assurance_that_nothing_gives() -> None:
    home = small_home(policy=POLICY, accept=["laptop -> dmz: ssh, https", "lan -> internet: web"])
    assert contradictions(home) == [("accept:laptop->dmz:https,ssh", None)]
    ((_, _, witness),) = home.contradictions()
    assert witness == packet("lan 192.168.40.7 -> dmz 192.168.30.5 tcp/443 from 49152")


def test_an_assurance_needs_every_source() -> None:
    home = small_home(policy=POLICY, accept=["lan -> dmz: ssh"])
    ((claim, one, witness),) = home.contradictions()
    assert (claim.id, one) == ("accept:lan->dmz:ssh", None)
    assert str(witness.source) != "192.168.40.7"


def test_an_assurance_from_outside_is_about_what_the_forward_brings() -> None:
    forward = "web: {service: https, to: proxy}"
    home = small_home(forward=forward, accept=["outside -> proxy: https"])
    assert contradictions(home) == []
    claim = next(claim for claim in home.claims() if claim.id.startswith("accept:"))
    assert packet("wan 9.9.9.9 -> dmz 192.168.30.5 tcp/443 translated") in claim.packets
    assert packet("wan 9.9.9.9 -> dmz 192.168.30.5 tcp/443") not in claim.packets
    assert packet("wan 10.9.9.9 -> dmz 192.168.30.5 tcp/443 translated") not in claim.packets


def test_an_assurance_that_the_way_out_bars() -> None:
    home = small_home(policy=["lan -> modem: any"], route_out="laptop: ivpn", accept=["lan -> modem: http"])
    assert contradictions(home) == [("accept:lan->modem:http", "hygiene:route-out:laptop")]


def test_a_denial_of_what_the_way_out_bars_is_kept() -> None:
    home = small_home(policy=["lan -> modem: any"], route_out="laptop: ivpn", deny=["laptop -> modem: any"])
    assert contradictions(home) == []
    assert contradictions(small_home(policy=["lan -> modem: any"], deny=["laptop -> modem: any"])) != []
