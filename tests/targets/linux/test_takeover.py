from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from bailiwick.targets.linux import router
from bailiwick.targets.linux.takeover import packages, rivals
from tests.targets.linux.router_plans import INTERFACES, PLAN


def test_each_rival_and_each_unit_of_ours_is_named_on_the_page() -> None:
    tree = router(PLAN)
    page = tree.file("/etc/bailiwick/TAKE-OVER.md").text
    for unit in (*rivals(), *tree.enable):
        assert f"`{unit}`" in page
    assert not set(tree.enable) & set(tree.disable)
    for word in ("netplan", "cloud-init", "wg-ivpn", "Europe/Paris"):
        assert word in page


def test_ppp_is_only_needed_to_dial() -> None:
    assert "ppp" in packages(PLAN)
    assert "ppp" not in packages(replace(PLAN, interfaces=INTERFACES[:3]))


@pytest.mark.real
def test_every_script_is_posix_shell() -> None:
    scripts = [a for a in router(PLAN).artifacts if a.text.startswith("#!/bin/sh")]
    assert len(scripts) == 2
    for script in scripts:
        assert script.mode == 0o755
        done = subprocess.run(["dash", "-n"], input=script.text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
