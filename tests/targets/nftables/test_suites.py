"""Both platforms' own nft takes what is written: this system's, and under ``deep`` the other suite's."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest

from bailiwick.language import load
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets.linux.nftables import firewall
from tests.targets.nftables import plans
from tests.targets.nftables.other_suite import nft_of

pytestmark = pytest.mark.real

EXAMPLES = Path(__file__).parents[3] / "examples"


def texts() -> dict[str, str]:
    found = {"small": firewall(plans.plan())[0].text}
    for path in sorted(EXAMPLES.glob("*.yaml")):
        network = resolve(load(path), date(2026, 6, 1)).network
        found[path.stem] = firewall(make_plan(network))[0].text
    return found


def refused(nft: list[str], text: str) -> str:
    """What nft says against the text, checked and then loaded, without root."""
    said = ""
    for arguments in (["-c", "-f", "-"], ["-f", "-"]):
        done = subprocess.run(
            ["unshare", "-Urn", *nft, *arguments], check=False, capture_output=True, text=True, input=text
        )
        said += done.stderr if done.returncode or done.stderr else ""
    return said


@pytest.mark.parametrize("name", ["small", "one-router", "public-apps"])
def test_this_systems_nft_takes_it(name: str) -> None:
    assert refused(["nft"], texts()[name]) == ""


def test_a_broken_text_is_refused() -> None:
    assert "syntax error" in refused(["nft"], texts()["small"].replace("chain input {", "chain input {{"))


@pytest.mark.deep
@pytest.mark.parametrize(("suite", "version"), [("bookworm", "v1.0.6"), ("trixie", "v1.1.3")])
def test_each_platforms_nft_takes_it(suite: str, version: str, tmp_path: Path) -> None:
    nft = nft_of(suite, tmp_path)
    said = subprocess.run([*nft, "--version"], check=True, capture_output=True, text=True).stdout
    assert version in said
    for name, text in texts().items():
        assert refused(nft, text) == "", name
