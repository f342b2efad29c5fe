"""What of the rendered files the stage runs, and what it leaves out."""

from __future__ import annotations

import pytest

from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.twin.layout import lay_out
from bailiwick.twin.loaded.ruleset import parts
from bailiwick.twin.scene.files import BRIDGE_TAGS, adapted, install
from bailiwick.twin.scene.namespaces import CommandFailed
from bailiwick.twin.scene.units import Service, services
from tests.twin.homes import FIREWALL, Home, home, trunks


def test_only_vlans_are_left_out() -> None:
    one = home("public-apps")
    layout = lay_out(one.network, one.plan, {})
    left_out: list[str] = []
    for artifact in one.tree.artifacts:
        if artifact.secrets:
            continue
        text = adapted(artifact, layout)
        if text is None:
            assert "Kind=vlan" in artifact.text
            continue
        gone = set(artifact.text.splitlines()) - set(text.splitlines())
        left_out += sorted(gone)
        assert set(text.splitlines()) <= set(artifact.text.splitlines())

    assert left_out
    assert all(line.startswith("VLAN=") or line == BRIDGE_TAGS for line in left_out)


def test_a_home_without_vlans_runs_as_rendered() -> None:
    one = home("one-router")
    layout = lay_out(one.network, one.plan, {})

    assert all(adapted(artifact, layout) == artifact.text for artifact in one.tree.artifacts)


@pytest.mark.parametrize("one", [home("public-apps"), trunks()], ids=["public-apps", "trunks"])
def test_a_kernel_with_vlans_runs_every_file_as_rendered(one: Home) -> None:
    layout = lay_out(one.network, one.plan, {}).real(vlans=True, filtering=True)

    bare = [artifact for artifact in one.tree.artifacts if not artifact.secrets]
    assert all(adapted(artifact, layout) == artifact.text for artifact in bare)


def test_a_secret_is_the_stages_own_written_as_pppd_reads_it() -> None:
    one = home("public-apps")
    peer = one.tree.file("/etc/ppp/peers/bailiwick-wan")
    text = adapted(peer, lay_out(one.network, one.plan, {})) or ""
    changed = set(text.splitlines()) - set(peer.text.splitlines())

    assert changed == {'password "known to \\"the stage\\" \\\\ alone"'}
    assert "@SECRET" not in text


def test_a_bridge_is_told_nothing_of_tags_where_there_are_none() -> None:
    one = trunks()
    text = "[NetDev]\nName=lan\nKind=bridge\n\n[Bridge]\nSTP=no\nVLANFiltering=yes\n"
    bridge = Artifact("/etc/systemd/network/10-bailiwick-lan.netdev", text)
    layout = lay_out(one.network, one.plan, {})

    assert adapted(bridge, layout) == text.replace("VLANFiltering=yes\n", "")
    assert adapted(bridge, layout.real(vlans=True, filtering=True)) == text


def test_a_path_without_room_is_refused() -> None:
    one = home("one-router")
    tree = Tree("gate", (Artifact("/opt/elsewhere", "text"),))

    with pytest.raises(CommandFailed, match="/opt/elsewhere"):
        install(tree, lay_out(one.network, one.plan, {}))


def test_a_units_commands_are_read_as_systemd_reads_them() -> None:
    text = """\
[Service]
Type=oneshot
StateDirectory=bailiwick/%i
ExecStartPre=-/bin/true "two words"
ExecStart=/usr/bin/tool \\
  --name=%i --percent=100%%
"""
    tree = Tree(
        "gate",
        (Artifact("/etc/systemd/system/tool@.service", text),),
        enable=("systemd-networkd.service", "tool@main.service"),
    )

    assert services(tree) == (
        Service(
            "tool@main.service",
            (("/bin/true", "two words"), ("/usr/bin/tool", "--name=main", "--percent=100%")),
            daemon=False,
            state=("bailiwick/main",),
        ),
    )


def test_every_rule_and_element_of_the_ruleset_is_found() -> None:
    text = home("public-apps").tree.file(FIREWALL).text
    found = parts(text)

    assert {part.kind for part in found} == {"chain", "set", "map"}
    named = {part.name: part for part in found}
    assert len(named["bogons.wan"].items) > 10
    assert len(named["input"].items) > 5
    lines = text.splitlines()
    commented = [number for number, line in enumerate(lines, 1) if ' comment "' in line]
    assert set(commented) <= {number for part in found for number, _ in part.items}
