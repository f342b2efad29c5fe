"""The prover's sets against single packets, on the files of whole homes: who passes, by which way, seen by the filter.

Devices of random rules are in ``tests/dataplane/symbolic``; here are the rules, routes and addresses that homes get,
with packets at the edges of what their rules name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.nft.places import scan
from bailiwick.dataplane.symbolic.delivery import Deliveries
from bailiwick.dataplane.symbolic.interfaces import LOOPBACK, Interfaces
from bailiwick.dataplane.symbolic.pipeline import Pipeline
from bailiwick.packets import engine, header
from bailiwick.packets.header import State
from bailiwick.workflow.checking import check_read
from bailiwick.workflow.reading import read_files
from tests.dataplane.symbolic.test_walks import check_packet
from tests.homes import generate_home
from tests.proof.mutations.boundary import STRANGER, Boundary
from tests.proof.mutations.nft_loader import Loader
from tests.proof.mutations.trial import Trial

pytestmark = pytest.mark.real

TODAY = date(2026, 1, 1)
PACKETS = 600


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    with Loader() as one:
        yield one


def compared(device: Device, text: str, seed: int, size: int, pure: bool = False) -> int:
    """How many packets were walked and looked up. A group, or everybody, is reached by any interface: left out."""
    interfaces = Interfaces.of(device, also=(*device.interfaces, STRANGER))
    pipeline = Pipeline(device, 4, interfaces, engine.space(header.widths(4), pure))
    deliveries = Deliveries(pipeline)
    boundary = Boundary(device, text, seed, size)
    counted = 0
    for packet in boundary.packets:
        own = packet.iif is None
        if packet.state is not State.NEW or (own and (packet.dynamic or _everybody(int(packet.destination)))):
            continue
        walks = boundary.interpreter.outcomes(packet).walks
        if own and any(LOOPBACK in (walk.egress, walk.left.iif) for walk in walks):
            continue
        check_packet(pipeline, deliveries.own if own else deliveries.foreign, packet, walks, exact=len(walks) == 1)
        counted += 1
    return counted


def _everybody(address: int) -> bool:
    return address >= 0xE0000000


@pytest.mark.parametrize("pure", [False, True], ids=["OxiDD", "plain"])
@pytest.mark.parametrize("example", ["one-router", "public-apps"])
def test_the_sets_hold_what_is_walked(example: str, pure: bool, loader: Loader) -> None:
    trial = Trial(example, loader, size=1)
    assert compared(trial.device, trial.texts[trial.rules], 7, PACKETS, pure) > PACKETS // 3


@pytest.mark.deep
@pytest.mark.parametrize("pure", [False, True], ids=["OxiDD", "plain"])
def test_many_homes(pure: bool, loader: Loader) -> None:
    for seed in range(40 if pure else 200):
        files = generate_home(zones=1 + seed % 6, hosts=seed % 13, sentences=3 + seed % 17, seed=seed)
        tree = check_read(read_files(files, "home.yaml", TODAY)).trees[0]
        texts = {one.path: one.text for one in tree.artifacts}
        path = next(path for path in texts if path.endswith(".nft"))
        listing, said = loader.load(texts[path])
        assert listing is not None, said
        device = read_tree(texts, json.loads(listing), tree.device, (scan([(path, texts[path])]),))
        assert compared(device, texts[path], seed, PACKETS, pure) > 0
