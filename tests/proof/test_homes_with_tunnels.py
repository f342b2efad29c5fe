"""Made-up homes whose tunnel they make themselves: proven as with another program's, the way to its server too."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bailiwick.dataplane import linux
from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.nft.places import scan
from bailiwick.language import Problems
from bailiwick.proof.prove import prove
from bailiwick.workflow.checking import check_read
from bailiwick.workflow.reading import Read, read_files
from tests.homes import generate_home
from tests.proof.mutations.nft_loader import Loader
from tests.proof.test_homes import TODAY

pytestmark = pytest.mark.real

BY_HAND = "tunnel: {address: 172.31.255.6/32, mtu: 1420}"
PEER = '{public-key: Uml6ImUUDG5rz0W1TJiaMrKKo/zFcC6EqHkfXjyXG+E=, endpoint: "SERVER:51820"}'
OURS = f"wireguard: {{address: 172.31.255.6/32, private-key: !secret vpn, peer: {PEER}}}"
SERVERS = ("de1.vpn.example", "5.41.0.1")
FEW, MANY = 6, 400


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    with Loader() as one:
        yield one


def homes(first: int, count: int) -> Iterator[tuple[int, dict[str, str]]]:
    """So many that have a tunnel, from a seed on; by turns with a name and an address for its server."""
    seed = first
    while count:
        files = generate_home(zones=1 + seed % 6, hosts=seed % 13, sentences=3 + seed % 17, seed=seed)
        if BY_HAND in files["home.yaml"]:
            ours = OURS.replace("SERVER", SERVERS[count % 2])
            yield seed, {**files, "home.yaml": files["home.yaml"].replace(BY_HAND, ours)}
            count -= 1
        seed += 1


def understood(files: dict[str, str]) -> Read:
    """With an address for the server where a name could not be looked up, and that is all that is wrong."""
    try:
        return read_files(files, "home.yaml", TODAY)
    except Problems as problems:
        assert {one.code for one in problems.diagnostics} == {"wireguard-name"}
        named, numbered = SERVERS
        return read_files({**files, "home.yaml": files["home.yaml"].replace(named, numbered)}, "home.yaml", TODAY)


def differences(files: dict[str, str], loader: Loader) -> list[str]:
    checked = check_read(understood(files))
    assert any(uplink.wireguard for uplink in checked.intent.network.uplinks.values())
    tree = checked.trees[0]
    texts = {one.path: one.text for one in tree.artifacts}
    rules = linux.rules(texts)
    listing, said = loader.load("".join(rules.values()))
    assert listing is not None, said
    device = read_tree(texts, json.loads(listing), tree.device, (scan(rules.items()),))
    return [f"{one.kind}: {one.sentence}: {one.packet} {one.line}" for one in prove(checked.intent, device).differences]


@pytest.mark.parametrize(("seed", "files"), list(homes(0, FEW)))
def test_a_home_is_proven(seed: int, files: dict[str, str], loader: Loader) -> None:
    assert differences(files, loader) == [], seed


@pytest.mark.deep
def test_many_homes_are_proven(loader: Loader) -> None:
    failed = {seed: found for seed, files in homes(1000, MANY) if (found := differences(files, loader))}
    assert not failed, failed
