"""The guard holds what the filter chains of the firewall hold, and nothing that changes a packet."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bailiwick.dataplane.linux import GUARD, rules
from bailiwick.language import load, loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.plan.model import Plan
from bailiwick.targets import render
from bailiwick.targets.linux.nftables import PATH, firewall
from bailiwick.targets.linux.nftables.guard import NAME, guard
from bailiwick.targets.linux.nftables.guard import PATH as GUARD_PATH
from bailiwick.workflow.nft_listing import nft_listing
from tests.homes import generate_home

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))
TODAY = date(2026, 6, 1)
_PART = re.compile(r"^\t(?:set|map|chain) (\S+) \{\n.*?^\t\}\n", re.MULTILINE | re.DOTALL)
_FILTERS = ("input", "forward", "output")


def parts(text: str) -> dict[str, str]:
    return {one[1]: one[0] for one in _PART.finditer(text)}


def plans() -> list[Plan]:
    homes = [load(path) for path in EXAMPLES]
    homes += [loads(generate_home(zones=1 + n, hosts=4 * n, sentences=5 + 3 * n, seed=n)) for n in range(4)]
    made = [make_plan(resolve(home, TODAY).network) for home in homes]
    return [plan for plan in made if "firewall.nft" in "".join(one.path for one in render(plan)[0].artifacts)]


PLANS = plans()


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.router)
def test_its_parts_are_the_firewalls_letter_by_letter(plan: Plan) -> None:
    whole, once_more = parts(firewall(plan)[0].text), parts(guard(plan).text)
    assert once_more.items() <= whole.items()
    assert [name for name in whole if name in once_more] == list(once_more)
    hooked = {name for name, text in whole.items() if "type filter hook" in text and "priority filter" in text}
    assert hooked == set(_FILTERS) == {name for name, text in once_more.items() if " hook " in text}


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.router)
def test_it_changes_no_packet(plan: Plan) -> None:
    bare = re.sub(r'"[^"]*"', "", guard(plan).text)
    assert not re.search(r"type (nat|route)|masquerade|\b[ds]nat to|redirect|mark set|maxseg size set|notrack", bare)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.router)
def test_nothing_is_left_out_that_its_chains_lead_to(plan: Plan) -> None:
    """What remains of the firewall is asked by translation and marks alone."""
    whole, once_more = parts(firewall(plan)[0].text), parts(guard(plan).text)
    rest = {name: text for name, text in whole.items() if name not in once_more}
    for name in rest:
        asked = re.compile(rf"(@|jump |goto ){re.escape(name)}\b(?![.\w-])")
        assert not any(asked.search(text) for text in once_more.values()), name


@pytest.mark.real
def test_nft_holds_the_same_chains_for_both() -> None:
    for plan in PLANS[:3]:
        texts = {one.path: one.text for one in (*firewall(plan)[:1], guard(plan))}
        listed = nft_listing(texts).ruleset
        held: dict[tuple[str, str], list[object]] = {}
        for entry in listed["nftables"]:  # type: ignore[index]
            for kind, body in entry.items():
                if kind in ("rule", "set", "map"):
                    name = body["chain"] if kind == "rule" else body["name"]
                    fields = {k: v for k, v in body.items() if k not in ("handle", "table")}
                    if isinstance(fields.get("elem"), list):
                        fields["elem"] = sorted(fields["elem"], key=repr)
                    held.setdefault((body["table"], name), []).append(fields)
        ours = {name: what for (table, name), what in held.items() if table == NAME}
        assert ours
        assert ours == {name: what for (table, name), what in held.items() if table == "bailiwick" and name in ours}


def test_it_is_in_every_routers_tree_and_no_part_of_what_is_proven() -> None:
    for plan in PLANS:
        files = {one.path: one for one in render(plan)[0].artifacts}
        assert GUARD == GUARD_PATH
        assert (files[GUARD].mode, files[GUARD].owner, files[GUARD].reload) == (0o600, "root:root", "")
        assert list(rules({path: one.text for path, one in files.items()})) == [PATH]
    beside = {GUARD: "", "/etc/own.nft": "", "/elsewhere/etc/bailiwick/guard.nft": ""}
    assert list(rules(beside)) == ["/etc/own.nft", "/elsewhere/etc/bailiwick/guard.nft"]


def test_another_filter_is_another_guard() -> None:
    plan = next(plan for plan in PLANS if len(plan.flows) > 1)
    assert guard(plan).text != guard(replace(plan, flows=plan.flows[1:])).text
