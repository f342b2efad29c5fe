"""Files that are not installed yet, and what this machine's own tools say of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bailiwick.agent.model import Finding
from bailiwick.agent.places import Places
from bailiwick.agent.preflight import preflight
from bailiwick.apply.generations import Packed, pack, secret_names, unfilled
from bailiwick.workflow.checking import check

EXAMPLES = Path(__file__).parents[2] / "examples"
FIREWALL, GUARD = "/etc/bailiwick/firewall.nft", "/etc/bailiwick/guard.nft"
RESOLVER = "/etc/bailiwick/dnsmasq/main.conf"
UNIT = "/etc/systemd/system/bailiwick-exits.service"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="nft asks the kernel, which answers root"),
]


@pytest.fixture(scope="module")
def router() -> Packed:
    checked = check(EXAMPLES / "one-router.yaml", date(2026, 1, 1))
    tree = checked.trees[0]
    return unfilled(tree, pack(tree, "debian-12", {}))


def found(packed: Packed, path: str = "", edit: Callable[[str], str] = str) -> tuple[Finding, ...]:
    """Of the generation with one file otherwise."""
    before = set(Path("/run").iterdir())
    contents = {**packed.contents, **({path: edit(packed.contents[path].decode()).encode()} if path else {})}
    findings = preflight(Places(), packed.generation, contents)

    assert set(Path("/run").iterdir()) == before
    return findings


def test_what_is_rendered_is_taken_by_all_of_them(router: Packed) -> None:
    assert found(router) == ()


@pytest.mark.parametrize(
    ("path", "edit", "words"),
    [
        (FIREWALL, lambda text: text.replace("policy drop", "policy drupp", 1), "nft does not take"),
        (FIREWALL, lambda text: text.replace("@input.pairs", "@nosuch", 1), "nosuch"),
        (GUARD, lambda text: text + "}\n", "nft does not take /etc/bailiwick/guard.nft"),
        (RESOLVER, lambda text: text + "no-such-option\n", "dnsmasq does not take"),
        (UNIT, lambda text: text.replace("[Service]", "[Service]\nNoNewPrivilegs=yes", 1), "NoNewPrivilegs"),
        (UNIT, lambda text: text.replace("Type=oneshot", "Type=oneshort", 1), "oneshort"),
    ],
)
def test_what_would_fail_is_named_with_the_place_that_it_would_have(
    router: Packed, path: str, edit: Callable[[str], str], words: str
) -> None:
    findings = found(router, path, edit)

    assert {one.what for one in findings} == {path}
    assert words in findings[0].text
    assert all(one.severity == "error" and "/run/" not in one.text for one in findings)


def test_a_program_that_nobody_brings_is_missing(router: Packed) -> None:
    findings = found(router, UNIT, lambda text: text.replace("/usr/lib/bailiwick/load-exits", "/usr/lib/nosuch"))

    assert findings
    assert all("/usr/lib/nosuch" in one.text for one in findings)


def test_a_kind_of_link_is_tried_where_nobody_sees_it(router: Packed) -> None:
    path = "/etc/systemd/network/10-x.netdev"
    bridge, unknown = (
        Packed(router.generation, {path: f"[NetDev]\nName=x\nKind={kind}\n".encode()})
        for kind in ("bridge", "wireguard")
    )

    assert found(bridge) == ()
    assert all(one.what == "wireguard" for one in found(unknown))  # a kernel may have it
    assert not Path("/sys/class/net/b0").exists()


def test_a_hypervisor_s_own_list_is_asked() -> None:
    checked = check(EXAMPLES / "public-apps.yaml", date(2026, 1, 1))
    tree = next(tree for tree in checked.trees if tree.device == "hv")
    packed = unfilled(tree, pack(tree, "debian-12", dict.fromkeys(secret_names(tree), "x")))

    assert any(one.what == "/etc/bailiwick/needs" and "ens1" in one.text for one in found(packed))


@pytest.mark.parametrize("path", ["etc/x", "/etc/../../x"])
def test_a_path_that_leads_elsewhere_is_refused(router: Packed, path: str) -> None:
    with pytest.raises(ValueError, match="no place for a file"):
        preflight(Places(), replace(router.generation, files=()), {path: b""})
