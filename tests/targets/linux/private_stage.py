"""Rendered files at their real paths, in namespaces of their own, under a shell script."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from bailiwick.targets.artifact import Artifact

OF_NO_CGROUP = "Failed to get cgroup path, ignoring: No medium found.\n"
"""What systemd 257 says of the place where it runs, when that is a container: nothing about a file."""

SET_UP = """
set -eu
umask 022
mount -t tmpfs tmpfs /run
for top in etc usr/lib var/lib; do
    mkdir -p "/run/stage/$top/up" "/run/stage/$top/work"
    if [ -d "$TREE/$top" ]; then cp -a "$TREE/$top/." "/run/stage/$top/up/"; fi
    find "/run/stage/$top" -type d -exec chmod 755 {} +  # whatever our own umask was
    mount -t overlay overlay -o "lowerdir=/$top,upperdir=/run/stage/$top/up,workdir=/run/stage/$top/work" "/$top"
done
mkdir -p /run/systemd/netif /var/lib/bailiwick/dnsmasq-main
chown -R systemd-network: /run/systemd
chown systemd-network: /run
mount -t sysfs -o ro sysfs /sys  # networkd would wait for udev under a writable one
ip link set lo up
# wait_for SECONDS COMMAND...: until the command succeeds; fails loudly. On a busy machine the seconds are four times
# as long.
wait_for() {
    tenths=$(( $1 * 40 )); shift
    until "$@" >/dev/null 2>&1; do
        tenths=$(( tenths - 1 ))
        if [ "$tenths" -le 0 ]; then echo "never came true: $*" >&2; return 1; fi
        sleep 0.1
    done
}
networkd() {
    env SYSTEMD_LOG_TARGET=console /lib/systemd/systemd-networkd >/run/networkd.log 2>&1 &
}
routed() { ip route show table "$1" | grep -q "$2"; }
"""


def install(artifacts: Sequence[Artifact], root: Path) -> Path:
    for artifact in artifacts:
        path = root / artifact.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
        path.chmod(artifact.mode)
    return root


def on_stage(artifacts: Sequence[Artifact], root: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Everything that the script starts ends with it; its own exit status is the result's."""
    if os.geteuid() != 0:
        pytest.skip("needs root: networkd changes its user")
    install(artifacts, root)
    namespaces = ("unshare", "-nmpf", "--mount-proc", "--kill-child", "--propagation", "private")
    return subprocess.run(
        ["timeout", "240", *namespaces, "sh", "-c", SET_UP + script],
        env={**os.environ, "TREE": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


def exposure(artifacts: Sequence[Artifact], root: Path, unit: str) -> float:
    """What ``systemd-analyze security`` says of one of the units, 0 to 10."""
    install(artifacts, root)
    # It makes /run/systemd, which only root may and only a machine that systemd has booted has already.
    private_run = ("unshare", "-Urm", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh")
    path = str(root / "etc/systemd/system" / unit)
    done = subprocess.run(
        [*private_run, "systemd-analyze", "security", "--offline=yes", "--no-pager", path],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    return float(found[1])
