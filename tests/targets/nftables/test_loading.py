"""The rules and their loader in a real kernel: accepted, all there, replaced whole, and kept on an error."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from bailiwick.plan.model import Flow, LinkKind, Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.linux.nftables import firewall
from tests.targets.nftables import plans
from tests.targets.nftables.plans import flow, tcp
from tests.targets.nftables.test_permissions import flows

pytestmark = pytest.mark.real


@pytest.fixture
def namespace() -> Iterator[list[str]]:
    """The command that runs another in a network namespace, which goes when the holder does."""
    holder = subprocess.Popen(["unshare", "-Urn", "sleep", "600"])
    command = ["nsenter", "-t", str(holder.pid), "-U", "--preserve-credentials", "-n"]
    try:
        while subprocess.run([*command, "true"], check=False, capture_output=True).returncode or _uid(holder.pid):
            assert holder.poll() is None
        yield command
    finally:
        holder.kill()
        holder.wait()


def _uid(pid: int) -> bool:
    return not Path(f"/proc/{pid}/uid_map").read_text().strip()


def install(folder: Path, plan: Plan) -> tuple[Artifact, Path, Path]:
    rules, loader = firewall(plan)
    paths = folder / "firewall.nft", folder / "load-firewall"
    paths[0].write_text(rules.text)
    paths[1].write_text(loader.text)
    return rules, *paths


def listed(namespace: list[str]) -> list[dict[str, dict[str, object]]]:
    out = subprocess.run(
        [*namespace, "nft", "-j", "list", "table", "inet", "bailiwick"], check=True, capture_output=True
    )
    found: list[dict[str, dict[str, object]]] = json.loads(out.stdout)["nftables"]
    return found


def load(namespace: list[str], loader: Path, rules: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*namespace, "sh", str(loader), str(rules)], check=False, capture_output=True, text=True)


def contents(namespace: list[str]) -> tuple[set[str], list[str], dict[str, int]]:
    """Chains, the rules' comments in order of the chains, and the number of elements of each set and map."""
    chains, comments, elements = set(), [], {}
    for item in listed(namespace):
        ((kind, body),) = item.items()
        if kind == "chain":
            chains.add(str(body["name"]))
        if kind == "rule":
            comments.append(f"{body['chain']}: {body.get('comment', '')}")
        if kind in ("set", "map"):
            elements[str(body["name"])] = len(body.get("elem", []))  # type: ignore[arg-type]
    return chains, sorted(comments), elements


def written(text: str) -> tuple[set[str], list[str], dict[str, int]]:
    """The same, read from the file."""
    chains, comments, elements = set(), [], {}
    name = kind = ""
    for line in text.splitlines():
        if found := re.match(r"\t(chain|set|map) (\S+) \{", line):
            kind, name = found[1], found[2]
            if kind == "chain":
                chains.add(name)
            else:
                elements[name] = 0
        elif line.startswith("\t\t\t"):
            elements[name] += 1
        elif kind == "chain" and line.startswith("\t\t") and not line.startswith(("\t\t#", "\t\ttype ")):
            found = re.search(r' comment "([^"]*)"$', line)
            comments.append(f"{name}: {found[1] if found else ''}")
    return chains, sorted(comments), elements


def test_everything_written_is_in_the_kernel(namespace: list[str], tmp_path: Path) -> None:
    rules, path, loader = install(tmp_path, plans.plan())
    done = load(namespace, loader, path)
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(namespace) == written(rules.text)


def test_loading_twice_is_loading_once(namespace: list[str], tmp_path: Path) -> None:
    rules, path, loader = install(tmp_path, plans.plan())
    for _ in range(2):
        assert load(namespace, loader, path).returncode == 0
        assert contents(namespace) == written(rules.text)


def test_by_hand_the_file_replaces_the_table_too(namespace: list[str], tmp_path: Path) -> None:
    rules, path, _ = install(tmp_path, plans.plan())
    for _ in range(2):
        subprocess.run([*namespace, "nft", "-f", str(path)], check=True)
    assert contents(namespace) == written(rules.text)


def test_what_the_new_rules_lack_is_gone_and_the_base_chains_stay(namespace: list[str], tmp_path: Path) -> None:
    _, path, loader = install(tmp_path, plans.plan())
    assert load(namespace, loader, path).returncode == 0
    before = handles(namespace)
    rules, path, loader = install(tmp_path, plans.plan([flow("lan->dmz", "zone:lan", "zone:dmz", [tcp(22)])], []))
    assert load(namespace, loader, path).returncode == 0
    assert contents(namespace) == written(rules.text)
    assert handles(namespace) == {name: handle for name, handle in before.items() if name != "prerouting"}


def handles(namespace: list[str]) -> dict[str, object]:
    return {str(i["chain"]["name"]): i["chain"]["handle"] for i in listed(namespace) if "hook" in i.get("chain", {})}


def every_handle(namespace: list[str], *kinds: str) -> dict[str, object]:
    return {
        str(body["name"]): body["handle"] for item in listed(namespace) for kind, body in item.items() if kind in kinds
    }


def test_sets_maps_and_chains_that_both_have_are_never_made_anew(namespace: list[str], tmp_path: Path) -> None:
    """An interval set that is made anew is empty for a moment while rules already ask it."""
    _, path, loader = install(tmp_path, plans.plan())
    assert load(namespace, loader, path).returncode == 0
    before = every_handle(namespace, "set", "map", "chain")
    assert before
    assert load(namespace, loader, path).returncode == 0
    assert every_handle(namespace, "set", "map", "chain") == before


def test_a_set_of_another_kind_takes_the_place_of_the_old_one(namespace: list[str], tmp_path: Path) -> None:
    rules, path, loader = install(tmp_path, plans.plan())
    assert load(namespace, loader, path).returncode == 0
    changed = re.sub(r"(set zones\.broadcasts \{\n\t\ttype ipv4_addr\n)\t\tsize \d+", r"\1\t\tsize 32", rules.text)
    assert changed != rules.text
    path.write_text(changed)
    assert load(namespace, loader, path).returncode == 0
    assert contents(namespace) == written(changed)


def test_on_an_error_the_old_rules_stay(namespace: list[str], tmp_path: Path) -> None:
    rules, path, loader = install(tmp_path, plans.plan())
    assert load(namespace, loader, path).returncode == 0
    before = listed(namespace)
    path.write_text(rules.text + "table inet bailiwick { chain forward { nonsense }\n}\n")
    done = load(namespace, loader, path)
    assert done.returncode != 0
    assert "nonsense" in done.stderr
    assert listed(namespace) == before


def test_an_absent_file_is_an_error_and_changes_nothing(namespace: list[str], tmp_path: Path) -> None:
    _, path, loader = install(tmp_path, plans.plan())
    assert load(namespace, loader, path).returncode == 0
    before = listed(namespace)
    path.unlink()
    assert load(namespace, loader, path).returncode != 0
    assert listed(namespace) == before


def test_other_tables_are_left_alone(namespace: list[str], tmp_path: Path) -> None:
    subprocess.run([*namespace, "nft", "add table inet other; add chain inet other kept"], check=True)
    _, path, loader = install(tmp_path, plans.plan())
    for _ in range(2):
        assert load(namespace, loader, path).returncode == 0
    listing = subprocess.run([*namespace, "nft", "list", "table", "inet", "other"], check=True, capture_output=True)
    assert b"chain kept" in listing.stdout


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flows("uplink:wan"), flows("zone:dmz"))
def test_random_permissions_load(namespace: list[str], tmp_path: Path, out: list[Flow], within: list[Flow]) -> None:
    check_loads(namespace, tmp_path, [*out, *within])


@pytest.mark.deep
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flows("uplink:wan"), flows("zone:dmz"))
def test_many_random_permissions_load(
    namespace: list[str], tmp_path: Path, out: list[Flow], within: list[Flow]
) -> None:
    check_loads(namespace, tmp_path, [*out, *within])


def check_loads(namespace: list[str], tmp_path: Path, opened: list[Flow]) -> None:
    rules, path, loader = install(tmp_path, plans.plan(opened))
    done = load(namespace, loader, path)
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(namespace) == written(rules.text)


def bridged(namespace: list[str]) -> list[dict[str, dict[str, object]]]:
    """The bridges' table as it is loaded; nothing where it is not."""
    out = subprocess.run([*namespace, "nft", "-j", "list", "ruleset"], check=True, capture_output=True)
    items: list[dict[str, dict[str, object]]] = json.loads(out.stdout)["nftables"]
    return [item for item in items for body in item.values() if body.get("family") == "bridge"]


def with_a_bridge(*members: str) -> Plan:
    plan = plans.plan()
    lan = plan.interface_of("zone:lan")
    others = tuple(one for one in plan.interfaces if one != lan)
    return replace(plan, interfaces=(*others, replace(lan, kind=LinkKind.BRIDGE, members=members)))


def test_the_bridges_table_stays_while_there_are_bridges(namespace: list[str], tmp_path: Path) -> None:
    seen = []
    for plan in (with_a_bridge("eth1", "eth2"), with_a_bridge("eth1", "eth2.10"), plans.plan(), with_a_bridge("eth1")):
        _, path, loader = install(tmp_path, plan)
        done = load(namespace, loader, path)
        assert (done.returncode, done.stderr) == (0, "")
        seen.append(bridged(namespace))
    first, second, gone, again = seen
    assert [item["chain"]["handle"] for item in first if "chain" in item] == [
        item["chain"]["handle"] for item in second if "chain" in item
    ]
    names = [json.dumps(item["rule"]["expr"]) for item in second if "rule" in item]
    assert len(names) == 1
    assert "eth2.10" in names[0]
    assert gone == []
    assert len(again) == 3


def test_by_hand_the_bridges_table_is_replaced_too(namespace: list[str], tmp_path: Path) -> None:
    _, path, _ = install(tmp_path, with_a_bridge("eth1", "eth2"))
    for _ in range(2):
        subprocess.run([*namespace, "nft", "-f", str(path)], check=True)
    assert len(bridged(namespace)) == 3
