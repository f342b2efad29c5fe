"""Homes for a router that runs RouterOS: the made-up ones, as far as a MikroTik can have them."""

from __future__ import annotations

import re
from datetime import date

from bailiwick.workflow import Checked
from bailiwick.workflow.checking import check_read
from bailiwick.workflow.reading import read_files
from tests.homes import generate_home

TODAY = date(2026, 1, 1)


def routeros_home(seed: int) -> Checked:
    """The made-up home with that number, its router a MikroTik."""
    files = generate_home(zones=1 + seed % 6, hosts=seed % 13, sentences=3 + seed % 17, seed=seed)
    text = files["home.yaml"].replace("{router: linux,", "{router: routeros, platform: routeros-7.20,")
    text = re.sub(r"\beth(\d+)", lambda found: f"ether{int(found[1]) + 1}", text)
    text = re.sub(r"\btun(\d+)", r"wg-tun\1", text).replace("dns:\n", "dns:\n  rebind-protection: no\n")
    return check_read(read_files({**files, "home.yaml": text}, "home.yaml", TODAY))
