"""A device's tree becomes a generation: every file with its hash, no secret where one could see it."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from bailiwick.agent.model import File, Generation, as_text, same
from bailiwick.apply.generations import links, pack, secret_names, unfilled
from bailiwick.apply.probes import probes
from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.workflow.checking import Checked, check

EXAMPLES = Path(__file__).parents[2] / "examples"
WORD = 'my"secret\\word'
PEER = Artifact(
    "/etc/ppp/peers/wan", 'ifname ppp-wan\npassword "@SECRET:pppoe@"\n', 0o600, secrets={"@SECRET:pppoe@": "pppoe"}
)
PLAIN = Artifact("/etc/resolv.conf", "nameserver 127.0.0.1\n", reload="true")
TREE = Tree("gate", (PEER, PLAIN), enable=("a.service",), disable=("b.service",))


@pytest.fixture(scope="module")
def one_router() -> Checked:
    return check(EXAMPLES / "one-router.yaml", date(2026, 1, 1))


@pytest.fixture(scope="module")
def public_apps() -> Checked:
    return check(EXAMPLES / "public-apps.yaml", date(2026, 1, 1))


def file_of(generation: Generation, path: str) -> File:
    found = generation.file(path)
    assert found is not None
    return found


def test_every_file_stands_with_the_hash_of_what_is_installed() -> None:
    packed = pack(TREE, "debian-12", {"pppoe": WORD}, tool="1", made="2026", source="ab")
    generation = packed.generation

    assert packed.contents["/etc/ppp/peers/wan"] == b'ifname ppp-wan\npassword "my\\"secret\\\\word"\n'
    for file in generation.files:
        assert file.sha256 == sha256(packed.contents[file.path]).hexdigest()
    assert [file.path for file in generation.files] == sorted(packed.contents)
    assert file_of(generation, "/etc/resolv.conf").reload == "true"
    assert (generation.number, generation.enable, generation.disable) == (0, ("a.service",), ("b.service",))
    assert base64.b64decode(packed.encoded["/etc/resolv.conf"]) == PLAIN.text.encode()


def test_a_secret_is_in_its_file_and_nowhere_else() -> None:
    packed = pack(TREE, "debian-12", {"pppoe": WORD})

    assert secret_names(TREE) == {"pppoe"}
    assert "secret" not in as_text(packed.generation).replace("@SECRET", "").replace("secrets", "")
    assert file_of(packed.generation, PEER.path).shown == PEER.text
    assert file_of(packed.generation, PLAIN.path).shown == ""
    open_one = unfilled(TREE, packed)
    assert open_one.contents[PEER.path] == PEER.text.encode()
    assert all(sha256(open_one.contents[f.path]).hexdigest() == f.sha256 for f in open_one.generation.files)


def test_a_secret_that_is_another_is_another_generation() -> None:
    one, other = (pack(TREE, "debian-12", {"pppoe": word}).generation for word in ("a", "b"))

    assert same(one, one)
    assert not same(one, other)


@pytest.mark.parametrize(
    "tree",
    [
        replace(TREE, artifacts=(PEER, replace(PLAIN, text="x\n"))),
        replace(TREE, artifacts=(PEER, replace(PLAIN, mode=0o600))),
        replace(TREE, artifacts=(PEER,)),
        replace(TREE, enable=()),
        replace(TREE, disable=("b.service", "c.service")),
    ],
)
def test_whatever_would_change_the_device_is_another_generation(tree: Tree) -> None:
    one, other = (pack(each, "debian-12", {"pppoe": "a"}).generation for each in (TREE, tree))

    assert not same(one, other)


def test_when_it_was_made_and_from_which_comments_changes_nothing() -> None:
    one = pack(TREE, "debian-12", {"pppoe": "a"}, tool="1", made="2026", source="ab").generation
    other = pack(TREE, "debian-12", {"pppoe": "a"}, tool="2", made="2027", source="cd").generation

    assert same(replace(one, number=7), other)


def test_links_are_networkd_s_and_pppd_s(one_router: Checked, public_apps: Checked) -> None:
    assert links(TREE) == ("ppp-wan",)
    assert links(one_router.trees[0]) == ("eth0", "wan0")
    found = links(public_apps.trees[0])
    assert {"ppp-wan", "lan", "eth3.40", "wg-ivpn"} <= set(found)
    assert {interface.name for interface in public_apps.plan.interfaces} == set(found)


def test_probes_ask_for_units_addresses_names_and_a_way_out(one_router: Checked) -> None:
    tree = one_router.trees[0]
    found = {(p.kind, p.what, p.at, p.must) for p in probes(one_router.read.network, one_router.plan, tree)}

    assert {("unit", unit, "", True) for unit in tree.enable} <= found
    assert ("address", "eth0", "192.168.11.254/24", True) in found
    assert ("resolves", "bbox.lan", "192.168.11.254", True) in found
    assert ("uplink", "wan0", "", False) in found


def test_what_hangs_on_a_provider_takes_nothing_back(public_apps: Checked) -> None:
    router, hypervisor, *_ = public_apps.trees
    found = {p.what: p.must for p in probes(public_apps.read.network, public_apps.plan, router)}
    other = probes(public_apps.read.network, public_apps.plan, hypervisor)

    assert not found["bailiwick-pppoe-wan.service"]
    assert not found["ppp-wan"]
    assert found["bailiwick-firewall.service"]
    assert {p.kind for p in other} == {"unit"}
