"""Devices from home files, without a kernel of their own: the rules as the real nft lists them."""

from __future__ import annotations

from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.model import Device
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.workflow.nft_listing import nft_listing
from bailiwick.workflow.reading import read_text
from tests.agent.reconcile.lab import HOME, TODAY


def router(*policy: str, rest: str = "", home: str = HOME) -> Device:
    text = home.format(policy="\n".join(f"  - {sentence}" for sentence in policy), rest=rest)
    tree = render(make_plan(read_text("home.yaml", text, TODAY).network))[0]
    texts = {artifact.path: artifact.text for artifact in tree.artifacts if artifact.path.endswith("firewall.nft")}
    files = {artifact.path: artifact.text for artifact in tree.artifacts if not artifact.path.endswith(".nft")}
    return read_tree(files, nft_listing(texts).ruleset, tree.device)
