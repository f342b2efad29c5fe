"""The rendered files at their real paths, in the stage's private mount namespace.

``/etc`` is new and holds the rendered files and the few that the C library asks for; ``/var/lib`` is empty;
``/usr/lib`` is the machine's own under an overlay. Nothing is written outside the stage.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.twin.layout import Layout
from bailiwick.twin.scene.namespaces import CommandFailed, run

C_LIBRARY = ("group", "host.conf", "ld.so.cache", "localtime", "machine-id", "nsswitch.conf", "protocols", "services")
USERS = ("systemd-network", "nobody")
"""For whom networkd and dnsmasq give up root; in a user namespace root is the only one there is."""
ROOTS = ("/etc/", "/usr/lib/", "/var/lib/")
SECRET = 'known to "the stage" \\ alone'
"""In place of each of the home's: with all that has to be escaped."""
SECRET = 'known to "the stage" \\ alone'
"""In place of each of the home's, with all that has to be escaped."""
BRIDGE_TAGS = "VLANFiltering=yes"
"""What no kernel without 802.1Q can do either (``BRIDGE_VLAN_FILTERING``, net/bridge/Kconfig)."""
NETDEV_KIND = re.compile(r"^Kind=(\w+)$", re.MULTILINE)


def prepare() -> None:
    """Private ``/run``, ``/etc``, ``/var/lib`` and ``/usr/lib``. Raises CommandFailed."""
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    etc = Path("/run/stage/etc")
    etc.mkdir(parents=True)
    for name in C_LIBRARY:
        source = Path("/etc") / name
        if source.is_file():
            shutil.copyfile(source, etc / name)
    if not (etc / "machine-id").exists():
        (etc / "machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    (etc / "passwd").write_text("".join(f"{name}:x:0:0::/:/bin/sh\n" for name in ("root", *USERS)))
    (etc / "group").write_text("".join(f"{name}:x:0:\n" for name in ("root", *USERS)))
    if Path("/etc/alternatives").is_dir():
        shutil.copytree("/etc/alternatives", etc / "alternatives", symlinks=True)
    run("mount", "--bind", str(etc), "/etc")
    run("mount", "-t", "tmpfs", "tmpfs", "/var/lib")
    for part in ("upper", "work"):
        (Path("/run/stage/lib") / part).mkdir(parents=True)
    layers = "lowerdir=/usr/lib,upperdir=/run/stage/lib/upper,workdir=/run/stage/lib/work,userxattr"
    run("mount", "-t", "overlay", "overlay", "-o", layers, "/usr/lib")
    Path("/run/systemd/netif").mkdir(parents=True)


def _vlans(layout: Layout) -> frozenset[str]:
    return frozenset(interface.name for interface, _ in layout.stand_ins if interface.vlan is not None)


def written(secret: str) -> str:
    """As it stands between double quotes in an options file (pppd(8)): a backslash keeps the next character."""
    return secret.replace("\\", "\\\\").replace('"', '\\"')


def adapted(artifact: Artifact, layout: Layout) -> str | None:
    """The file's text as the stage runs it; None for one that is left out.

    Only what makes or names a VLAN link differs, and what a bridge does about tags, where stand-ins have none; every
    secret is the stage's, and so is a WireGuard tunnel: whoever is at its far end knows other keys than the home's.
    """
    vlans = _vlans(layout)
    kind = NETDEV_KIND.search(artifact.text) if artifact.path.endswith(".netdev") else None
    if kind and kind.group(1) == "wireguard":
        return None
    if artifact.secrets:
        text = artifact.text
        for placeholder in artifact.secrets:
            text = text.replace(placeholder, written(SECRET))
        return text
    if not vlans:
        return artifact.text
    unmade = {f"VLAN={name}" for name in vlans}
    if artifact.path.endswith(".netdev"):
        if kind and kind.group(1) == "vlan":
            return None
        unmade = {BRIDGE_TAGS}
    elif not artifact.path.endswith(".network"):
        return artifact.text
    return "".join(line for line in artifact.text.splitlines(keepends=True) if line.strip() not in unmade)


def install(tree: Tree, layout: Layout) -> None:
    """Write every rendered file where it belongs. Raises CommandFailed for a path the stage has no room for."""
    for artifact in tree.artifacts:
        if not artifact.path.startswith(ROOTS):
            raise CommandFailed(f"{artifact.path}: the stage keeps files under {', '.join(ROOTS)} alone")
        text = adapted(artifact, layout)
        if text is None:
            continue
        path = Path(artifact.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(artifact.mode)
