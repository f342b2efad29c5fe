from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiwick.targets.linux.pppd import peers, quote, sessions, unit_name
from tests.targets.linux.private_stage import on_stage
from tests.targets.linux.router_plans import INTERFACES, PLAN


def unquote(text: str) -> str:
    """As pppd reads a word: between double quotes, a backslash keeps the next character."""
    assert text[0] == text[-1] == '"'
    out, letters = "", iter(text[1:-1])
    for letter in letters:
        assert letter != '"'
        out += next(letters) if letter == "\\" else letter
    return out


@given(st.text(st.characters(min_codepoint=32, exclude_characters="\x7f"), max_size=20))
@settings(max_examples=200)
def test_quoting_is_undone_by_reading(text: str) -> None:
    assert unquote(quote(text)) == text


def test_control_characters_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be given"):
        quote("a\nplugin evil.so")


def test_the_password_is_a_placeholder_in_a_file_of_roots() -> None:
    (peer,) = peers(PLAN)
    assert peer.mode == 0o600
    assert peer.secrets == {"@SECRET:dsl@": "dsl"}
    assert 'password "@SECRET:dsl@"\n' in peer.text


def test_a_session_has_its_name_its_card_and_no_route_of_its_own() -> None:
    lines = peers(PLAN)[0].text.splitlines()
    for line in ("ifname ppp-dsl", "nic-eth4", 'user "me@isp"', "nodefaultroute", "mtu 1492", "persist"):
        assert line in lines
    assert not any(line.startswith(("usepeerdns", "defaultroute")) for line in lines)


def test_a_user_cannot_bring_options_along() -> None:
    session = replace(sessions(PLAN)[0], ppp_user='me" nodetach "', ppp_service="a b")
    text = peers(replace(PLAN, interfaces=(session,)))[0].text
    assert 'user "me\\" nodetach \\""\n' in text
    assert 'pppoe-service "a b"\n' in text


def test_each_session_has_a_unit() -> None:
    assert [unit_name(s) for s in sessions(PLAN)] == ["bailiwick-pppoe-dsl.service"]
    assert sessions(replace(PLAN, interfaces=INTERFACES[:3])) == ()


@pytest.mark.real
def test_pppd_knows_every_option(tmp_path: Path) -> None:
    """Without those of the plugin, which asks the kernel for PPPoE before it reads on."""
    script = """
sed -e '/^plugin/d' -e '/^nic-/d' -e '/^pppoe-service/d' /etc/ppp/peers/bailiwick-dsl >/run/options
pppd file /run/options nodetach dryrun notty 2>&1 || true
sed -i 's/^persist$/persisst/' /run/options
echo '@@'
pppd file /run/options nodetach dryrun notty 2>&1 || true
"""
    done = on_stage(peers(PLAN), tmp_path, script)
    assert done.returncode == 0, done.stderr
    good, bad = done.stdout.split("@@")
    assert "unrecognized" not in good
    assert "unrecognized option 'persisst'" in bad  # so that silence means something
