"""Docker's programs out of Debian's packages, kept by their versions: nothing is installed here, no daemon starts."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from bailiwick.twin.stages.machine.cache import kept
from bailiwick.twin.stages.machine.selection import Selection
from bailiwick.twin.stages.namespaces import StageError

PACKAGES = ("docker.io", "containerd", "runc")
SINCE_TRIXIE = "docker-cli"
"""Before, it is part of the first."""
PROGRAMS = ("docker", "dockerd", "docker-proxy", "containerd", "containerd-shim-runc-v2", "runc")
TREE = "tree"
VERSION = re.compile(r"^Version: (\S+)$", re.MULTILINE)


def _versions() -> dict[str, str]:
    """Of the packages, as apt's lists say. Raises StageError."""
    if shutil.which("apt-cache") is None:
        raise StageError("Docker's programs come from Debian's packages, and there is no apt-cache here")
    found = {}
    for name in (*PACKAGES, SINCE_TRIXIE):
        command = ["apt-cache", "show", "--no-all-versions", name]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        if match := VERSION.search(said):
            found[name] = match.group(1)
        elif name in PACKAGES:
            raise StageError(f"apt's lists have no {name}; run apt-get update on a Debian machine")
    return found


def _make(versions: Mapping[str, str], directory: Path) -> None:
    names = [f"{name}={version}" for name, version in versions.items()]
    command = ["apt-get", "download", "--quiet", *names]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode:
        why = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise StageError(f"Docker's packages could not be fetched ({why}). Once they have been, no network is needed")
    for package in sorted(directory.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, directory / TREE], check=True)
        package.unlink()


def programs(cache: Path) -> dict[str, Path]:
    """The files by their names, fetched where the cache does not have them. Raises StageError."""
    versions = _versions()
    key = hashlib.sha256(repr(sorted(versions.items())).encode()).hexdigest()[:12]
    tree = kept(cache, "docker", key, partial(_make, versions)) / TREE
    found = {path.name: path for place in ("bin", "sbin") for path in (tree / "usr" / place).iterdir()}
    if missing := [name for name in PROGRAMS if name not in found]:
        raise StageError(f"Debian's packages of Docker have no {', '.join(missing)}")
    return {name: found[name].resolve() for name in PROGRAMS}


def archive(cache: Path) -> bytes:
    """All of them below /usr/bin, with this machine's libraries that they need. Raises StageError."""
    files = programs(cache)
    chosen = Selection()
    chosen.files.update(files.values())
    chosen.take_libraries()
    chosen.files.difference_update(files.values())
    laid = chosen.archive()
    for name, path in files.items():
        laid.file(f"/usr/bin/{name}", path.read_bytes(), 0o755)
    return laid.done()
