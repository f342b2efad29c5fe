"""Docker's programs out of Debian's packages, unpacked and kept: nothing is installed, no daemon starts."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bailiwick.twin.stages.machine.cache import cache_directory, kept

PACKAGES = ("docker.io", "docker-cli", "containerd", "runc")
"""The second since Debian 13; before, it is part of the first."""
VERSIONS = re.compile(r"^Version: (\S+)$", re.MULTILINE)


def _versions() -> dict[str, str]:
    """Of those that this Debian has, as apt's lists say."""
    found = {}
    for name in PACKAGES:
        said = subprocess.run(
            ["apt-cache", "show", "--no-all-versions", name], capture_output=True, text=True, check=False
        )
        if match := VERSIONS.search(said.stdout):
            found[name] = match.group(1)
    return found


def _make(versions: dict[str, str], directory: Path) -> None:
    names = [f"{name}={version}" for name, version in versions.items()]
    subprocess.run(["apt-get", "download", "--quiet", *names], cwd=directory, check=True, capture_output=True)
    for package in sorted(directory.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, directory / "tree"], check=True)
        package.unlink()


def docker_path() -> str:
    """Where the programs are, as ``PATH`` has it. Skips the test where apt cannot give them."""
    if shutil.which("apt-cache") is None or not {"docker.io", "containerd", "runc"} <= (versions := _versions()).keys():
        pytest.skip("Docker's programs come from Debian's packages, and apt's lists have none")
    key = hashlib.sha256(repr(sorted(versions.items())).encode()).hexdigest()[:12]
    try:
        tree = kept(cache_directory(), "docker", key, lambda directory: _make(versions, directory)) / "tree"
    except subprocess.CalledProcessError as error:
        pytest.skip(f"Docker's packages could not be fetched: {error.stderr}")
    return f"{tree}/usr/bin:{tree}/usr/sbin"
