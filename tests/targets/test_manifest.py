from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

from bailiwick.targets import manifest, render
from bailiwick.targets.artifact import Artifact, Tree
from tests.targets.linux.router_plans import AT, PLAN


def test_two_renderings_are_the_same_bytes() -> None:
    first, second = ([manifest(tree) for tree in render(PLAN)] for _ in range(2))
    assert first == second
    assert render(PLAN) == render(PLAN)


def test_a_line_leads_to_the_place_that_asked_for_it() -> None:
    data = json.loads(manifest(render(PLAN)[0]))
    wire = next(file for file in data["files"] if file["path"].endswith("wg-ivpn.network"))
    ids = {identity for found in wire["lines"].values() for identity in found}
    assert ids == {"interface:wg-ivpn", "exit:ivpn"}
    assert data["asked_by"]["exit:ivpn"] == ["home.yaml:7:3"]


def test_files_are_described_whole() -> None:
    artifact = Artifact("/etc/x", "a\n", 0o600, "root:root", "reload x", {1: ("id:a",)}, {"@SECRET:s@": "s"})
    data = json.loads(manifest(Tree("gate", (artifact,), {"id:a": AT, "id:b": AT}, ("on.service",), ("off.service",))))
    assert data["files"] == [
        {
            "path": "/etc/x",
            "mode": "0600",
            "owner": "root:root",
            "sha256": sha256(b"a\n").hexdigest(),
            "reload": "reload x",
            "secrets": {"@SECRET:s@": "s"},
            "lines": {"1": ["id:a"]},
        }
    ]
    assert (data["enable"], data["disable"]) == (["on.service"], ["off.service"])
    assert data["asked_by"] == {"id:a": ["home.yaml:7:3"]}


def test_every_path_stands_once_and_in_order() -> None:
    for tree in render(PLAN):
        paths = [artifact.path for artifact in tree.artifacts]
        assert paths == sorted(set(paths))


def test_every_id_in_a_file_is_the_plans() -> None:
    tree = render(PLAN)[0]
    named = {
        i for a in tree.artifacts if a.path != "/etc/bailiwick/firewall.nft" for ids in a.lines.values() for i in ids
    }
    settings = {f"setting:{setting.key}" for setting in PLAN.settings}
    assert named <= set(tree.spans) | settings


def test_no_secret_is_named_by_value_and_each_placeholder_is_in_its_text() -> None:
    for tree in render(PLAN):
        for artifact in tree.artifacts:
            assert all(placeholder in artifact.text for placeholder in artifact.secrets)
            assert artifact.secrets.keys() or "@SECRET:" not in artifact.text


def test_the_router_comes_first_then_the_sheets_by_device() -> None:
    sheets = tuple(replace(PLAN.sheets[0], id=f"sheet:{name}", device=name) for name in ("switch", "ap"))
    assert [tree.device for tree in render(replace(PLAN, sheets=sheets))] == ["gate", "ap", "switch"]
