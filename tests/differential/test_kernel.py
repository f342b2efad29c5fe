"""The interpreter, on what the readers read, against this kernel: every rule that matched, in order, the verdict, the
way out, and the addresses and ports that came out."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from bailiwick.dataplane.interpreter import chains
from tests.differential import iptables_lab, nft_lab
from tests.differential.comparison import Tally
from tests.differential.lab import Lab

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces by name, and netfilter's traces, are root's"),
    pytest.mark.skipif(shutil.which("nft") is None or shutil.which("ip") is None, reason="needs nft and ip"),
]
Compare = Callable[[Lab, int, int], Tally]
LANGUAGES = {"nft": nft_lab.compare, "iptables": iptables_lab.compare}
PACKETS = 100
"""That open a connection; a third of those that pass are sent again, and answered."""


@pytest.fixture(params=[False, True], ids=["plain", "policy"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    one = Lab(policy=request.param)
    yield one
    one.close()


def compare(lab: Lab, language: str, seeds: range) -> Tally:
    if language == "iptables" and shutil.which("iptables-nft-restore") is None:
        pytest.skip("needs iptables-nft-restore")
    total, ends = Tally(), Counter[str]()
    for seed in seeds:
        one = LANGUAGES[language](lab, seed, PACKETS)
        total.packets += one.packets
        total.clashes += one.clashes
        total.mismatches += [f"rule set {seed}: {text}" for text in one.mismatches]
        ends.update(one.ends)
    routing = "policy routing" if lab.policy else "plain routing"
    sys.stdout.write(
        f"{language}, {routing}: {len(seeds)} rule sets, {total.packets} packets {dict(ends)}, "
        f"{total.clashes} left out, {len(total.mismatches)} mismatches\n"
    )
    total.ends = dict(ends)
    return total


def judge(total: Tally, rule_sets: int) -> None:
    assert total.mismatches == [], "\n".join(total.mismatches[:5])
    assert total.packets > 80 * rule_sets
    assert total.clashes * 500 < total.packets
    assert set(total.ends) == {"accept", "drop", "reject", "unroutable"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_few_rule_sets_as_the_kernel_does(lab: Lab, language: str) -> None:
    judge(compare(lab, language, range(25)), 25)


@pytest.mark.deep
@pytest.mark.parametrize("language", LANGUAGES)
def test_many_rule_sets_as_the_kernel_does(lab: Lab, language: str) -> None:
    judge(compare(lab, language, range(1000, 1270)), 270)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_interpreter_is_caught(lab: Lab, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither goto nor return is carried out: the comparison must see it."""
    monkeypatch.setattr(chains, "Goto", type("Nothing", (), {"__match_args__": ("chain",)}))
    monkeypatch.setattr(chains, "Return", type("Nothing", (), {}))
    assert compare(lab, language, range(8)).mismatches
