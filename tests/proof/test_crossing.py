"""Frames with tags of their own at the ports of a router whose bridge joins an access port and a trunk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bailiwick.proof.difference import Kind
from bailiwick.workflow.checking import Checked, check_read
from bailiwick.workflow.proving import prove_home
from bailiwick.workflow.reading import read_files
from tests.twin.homes import FIREWALL, TRUNKS

pytestmark = pytest.mark.real

LAN = "/etc/systemd/network/10-bailiwick-lan.netdev"
Said = Callable[..., list[str]]


@pytest.fixture(scope="module")
def checked() -> Checked:
    return check_read(read_files({"home.yaml": TRUNKS}, "home.yaml", date(2026, 1, 1)))


@pytest.fixture
def said(checked: Checked, tmp_path: Path) -> Said:
    """What layer 2 has to say with some texts of files in others' places."""

    def prove(*changes: tuple[str, str, str]) -> list[str]:
        for artifact in checked.trees[0].artifacts:
            text = artifact.text
            for path, old, new in changes:
                assert artifact.path != path or old in text, "the change changes something"
                text = text.replace(old, new) if artifact.path == path else text
            file = tmp_path / artifact.path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        found = prove_home(checked, tmp_path).proof.differences
        return [one.sentence for one in found if one.kind is Kind.WIRE]

    return prove


def test_what_is_rendered_lets_no_tag_cross(said: Said) -> None:
    assert said() == []


LEAK = "what comes by port eth2 of lan tagged 1 and 10 leaves by port eth1 into mgmt"
PORTS = '{ "eth1", "eth1.10", "eth2", "eth3.10" }'
RULE = f"iifname {PORTS} ether type {{ 8021q, 8021ad }} drop"


@pytest.mark.parametrize(
    "rule",
    [
        "",
        RULE.replace("drop", "accept"),
        RULE.replace("{ 8021q, 8021ad }", "8021ad"),
        RULE.replace(PORTS, '"eth1"'),
        RULE.replace("iifname", "iifname !="),
        RULE.replace("iifname", "oifname"),
        f"ether saddr 02:00:00:00:00:01 {RULE}",
        f"ether type ip accept; {RULE}",
    ],
)
def test_without_the_rule_a_second_tag_leads_on(said: Said, rule: str) -> None:
    assert LEAK in said((FIREWALL, RULE, rule))


@pytest.mark.parametrize("hook", ["hook input priority -300", "hook prerouting priority 0"])
def test_a_chain_that_comes_too_late_does_not_count(said: Said, hook: str) -> None:
    assert LEAK in said((FIREWALL, "hook prerouting priority -300", hook))


def test_where_the_bridge_does_not_filter_one_tag_is_enough(said: Said) -> None:
    both = said((FIREWALL, RULE, ""), (LAN, "VLANFiltering=yes", "VLANFiltering=no"))
    assert "what comes by port eth2 of lan tagged 10 leaves by port eth1 into mgmt" in both


@pytest.mark.parametrize("rule", [f"counter {RULE}", RULE.replace(PORTS, '"eth*"')])
def test_other_words_for_the_same(said: Said, rule: str) -> None:
    assert said((FIREWALL, RULE, rule)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("priority -300; policy accept", "priority -300; policy drop"),
        (RULE, f'{RULE}; iifname "eth2" drop'.replace("; ", "\n")),
        ("table bridge bailiwick {", "table bridge other { chain x { type filter hook forward priority 0; "
         "policy drop; }\n}\ntable bridge bailiwick {"),
    ],
)  # fmt: skip
def test_what_else_is_done_to_frames_is_not_passed_over(checked: Checked, tmp_path: Path, old: str, new: str) -> None:
    for artifact in checked.trees[0].artifacts:
        file = tmp_path / artifact.path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        assert artifact.path != FIREWALL or old in artifact.text
        file.write_text(artifact.text.replace(old, new) if artifact.path == FIREWALL else artifact.text)
    found = prove_home(checked, tmp_path).proof.differences
    assert any("what becomes of frames here is not followed" in one.sentence for one in found), found
