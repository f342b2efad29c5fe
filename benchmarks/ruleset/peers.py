"""Two peers from Debian, unpacked beside the system and never installed: ferm and shorewall.

Each turns its own configuration into iptables rules once, in a namespace of its own over an overlay of the unpacked
packages; a round then restores what ``iptables-save`` said. Without a package mirror they are left out, with words.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.ruleset.lab import INSIDE, OUTSIDE, Lab, run
from benchmarks.ruleset.rules import ZONES, ferm, shorewall

Load = Callable[[Lab], None]

PACKAGES = (
    "ferm",
    "shorewall",
    "shorewall-core",
    "iptables",
    "libxtables12",
    "libip4tc2",
    "libip6tc2",
    "libnetfilter-conntrack3",
    "libnfnetlink0",
)
_TOOLS = ("iptables", "iptables-restore", "iptables-save", "ip6tables", "ip6tables-restore", "ip6tables-save")


class Peers:
    """The unpacked packages. Raises CalledProcessError or OSError when they cannot be had."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "peers"
        self.root = self.folder / "root"
        self.root.mkdir(parents=True)
        subprocess.run(
            ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *PACKAGES],
            check=True,
            cwd=self.folder,
            capture_output=True,
        )
        for package in sorted(self.folder.glob("*.deb")):
            run("dpkg", "-x", str(package), str(self.root))
        sbin = self.root / "usr/sbin"
        for tool in _TOOLS:
            (sbin / tool).unlink(missing_ok=True)
            (sbin / tool).symlink_to("xtables-nft-multi")
        (self.root / "sbin/shorewall").rename(sbin / "shorewall")

    def ferm(self, number: int) -> Load:
        """A loader of ferm's rules for this many permissions."""
        source = self.folder / f"ferm-{number}.conf"
        source.write_text(ferm(number))
        return self._restoring(
            run("perl", str(self.root / "usr/sbin/ferm"), "--noexec", "--lines", "--remote", str(source))
        )

    def shorewall(self, number: int) -> Load:
        """A loader of shorewall's rules for this many permissions."""
        source = self.folder / f"shorewall-{number}"
        source.mkdir()
        stock = (self.root / "usr/share/shorewall/configfiles/shorewall.conf").read_text()
        chosen = {"STARTUP_ENABLED": "Yes", "FASTACCEPT": "Yes", "IP_FORWARDING": "On", "LOGFILE": "/dev/null"}
        lines = [line.split("=")[0] for line in stock.splitlines()]
        conf = (
            f"{key}={chosen[key]}" if key in chosen else line
            for key, line in zip(lines, stock.splitlines(), strict=True)
        )
        (source / "shorewall.conf").write_text("\n".join(conf) + "\n")
        for name, text in shorewall(number).items():
            (source / name).write_text(text)
        script = source / "compiled"
        interfaces = [f"zone{index}" for index in range(ZONES)] + [OUTSIDE]
        steps = [
            "mount --make-rprivate /",
            *(f"mount -t overlay overlay -o lowerdir={self.root / top}:/{top} /{top}" for top in ("usr", "etc")),
            f"export LD_LIBRARY_PATH={self._libraries()}",
            f"shorewall compile {source} {script} >&2",
            *(f"ip link add {name} type veth peer name p{at}" for at, name in enumerate(interfaces)),
            f"ip address add 10.20.0.1/24 dev {INSIDE}",
            f"sh {script} start >&2",
            "iptables-save",
        ]
        return self._restoring(run("unshare", "-mn", "bash", "-ec", "\n".join(steps)))

    def _restoring(self, saved: str) -> Load:
        multi = str(self.root / "usr/sbin/xtables-nft-multi")
        environment = (
            "env",
            f"LD_LIBRARY_PATH={self._libraries()}",
            f"XTABLES_LIBDIR={self._libraries() / 'xtables'}",
        )

        def load(lab: Lab) -> None:
            lab.inside(lab.router, *environment, multi, "iptables-restore", stdin=saved)

        return load

    def _libraries(self) -> Path:
        return next(path.parent for path in self.root.glob("usr/lib/*/libxtables.so.12"))


def peers(folder: Path, numbers: Iterable[int]) -> tuple[dict[str, Load], str]:
    """Loaders by name, and why there are none."""
    if os.geteuid() != 0:
        return {}, "the peers are left out: unpacking them over the system takes root"
    try:
        unpacked = Peers(folder)
        found = {}
        for number in numbers:
            found[f"ferm, {number}"] = unpacked.ferm(number)
            found[f"shorewall, {number}"] = unpacked.shorewall(number)
    except (subprocess.CalledProcessError, OSError) as error:
        said = error.stderr if isinstance(error, subprocess.CalledProcessError) else error
        return {}, f"the peers are left out: {said}"
    return found, ""
