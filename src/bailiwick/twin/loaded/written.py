"""The files as they were written, read back the way the prover reads them: what the router should do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from bailiwick.dataplane.linux import read_tree, rules
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.nft.places import scan
from bailiwick.targets.artifact import Tree
from bailiwick.twin.layout import Line
from bailiwick.twin.scene.namespaces import run

LIST = "nft -f - && nft -j list ruleset"


def listing(tree: Tree) -> object:
    """What nft makes of the rendered rules, in a network namespace that holds nothing else. Raises CommandFailed."""
    text = "".join(rules({one.path: one.text for one in tree.artifacts}).values())
    return json.loads(run("unshare", "--net", "sh", "-c", LIST, text=text))


def written(tree: Tree, ruleset: object, lines: Iterable[Line]) -> Device:
    """The device of the files, its changing addresses as this stage has given them. Raises Unreadable."""
    texts = {one.path: one.text for one in tree.artifacts}
    places = scan(rules(texts).items())
    device = read_tree(texts, ruleset, tree.device, (places,))
    interfaces = dict(device.interfaces)
    for line in lines:
        one = interfaces.get(line.interface)
        if one is not None and (one.dynamic or not one.addresses):
            interfaces[line.interface] = replace(one, dynamic=False, addresses=(line.address,))
    return replace(device, interfaces=interfaces)
