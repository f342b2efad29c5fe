"""The nft of another Debian suite, unpacked from its packages and run with that suite's own C library.

Only a private package root is touched: its lists, its cache and its files are below the folder that is given.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
PACKAGES = (
    "nftables",
    "libnftables1",
    "libnftnl11",
    "libmnl0",
    "libjansson4",
    "libxtables12",
    "libedit2",
    "libgmp10",
    "libbsd0",
    "libmd0",
    "libtinfo6",
    "libc6",
)


def _mirror() -> str:
    """Where this machine gets Debian's packages from: of several archives the main one, whose name is the shortest."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"]
    listed = subprocess.run(asked, check=True, capture_output=True, text=True, timeout=60).stdout.split()
    return min(listed, key=lambda uri: (len(uri), uri))


def nft_of(suite: str, folder: Path) -> list[str]:
    """The command that runs the suite's nft. Raises CalledProcessError when its packages cannot be had."""
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "cache/archives/partial").mkdir(parents=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {_mirror()} {suite} main\n")
    settings = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/nonexistent",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-qq", *(word for key, value in settings.items() for word in ("-o", f"{key}={value}"))]
    subprocess.run([*apt, "update"], check=True, capture_output=True, timeout=120)
    subprocess.run([*apt, "download", *PACKAGES], check=True, capture_output=True, timeout=120, cwd=folder)
    root = folder / "root"
    for package in sorted(folder.glob("*.deb")):
        subprocess.run(["dpkg", "-x", str(package), str(root)], check=True, capture_output=True)
    loader = next(root.rglob("ld-linux-*.so.2"), None) or next(root.rglob("ld-linux-*.so.1"))
    libraries = next(root.rglob("libnftables.so.1")).parent
    return [str(loader), "--library-path", str(libraries), str(root / "usr/sbin/nft")]
