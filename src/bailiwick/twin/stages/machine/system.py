"""The guest's own programs: those of this machine with their libraries, its Python, and Bailiwick itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from bailiwick.twin.stages.machine.cache import kept
from bailiwick.twin.stages.machine.selection import Selection, state_of
from bailiwick.twin.stages.namespaces import ENVIRONMENT, StageError

NEEDED = ("ip", "nft", "dnsmasq", "busybox", "mount", "sysctl", "sh", "flock")
WHERE_INSTALLED = (
    *("bridge", "tc", "ss", "wg", "pppd", "pppoe-server", "tcpdump", "iptables", "iptables-save", "openvpn"),
    *("nginx", "umount", "unshare", "setpriv", "nsenter", "modprobe", "conntrack", "ping", "logger", "systemctl"),
    *(
        "awk",
        "basename",
        "cat",
        "dirname",
        "chgrp",
        "chmod",
        "chown",
        "cmp",
        "cp",
        "cut",
        "date",
        "diff",
        "env",
        "expr",
        "false",
        "find",
        "grep",
    ),
    *("head", "id", "install", "kill", "ln", "ls", "mkdir", "mktemp", "mv", "printf", "ps", "readlink", "rm", "rmdir"),
    *("sed", "seq", "sleep", "sort", "stat", "tail", "tee", "test", "timeout", "touch", "tr", "true", "uniq", "wc"),
)
"""What rendered scripts and acts may use; one that finds its program missing says so."""
DAEMONS = (Path("/usr/lib/systemd/systemd-networkd"), Path("/usr/lib/systemd/systemd-sysctl"))
PLACES = (
    *("/usr/lib/systemd/network", "/usr/lib/pppd", "/usr/lib/x86_64-linux-gnu/xtables"),
    *("/etc/group", "/etc/host.conf", "/etc/ld.so.cache", "/etc/localtime", "/etc/machine-id", "/etc/nsswitch.conf"),
    *("/etc/protocols", "/etc/services", "/etc/os-release"),
)
ALTERNATIVES = Path("/etc/alternatives")
MERGED = ("/bin", "/sbin", "/lib", "/lib64")
EMPTY = ("/dev", "/etc", "/proc", "/root", "/run", "/sys", "/tmp", "/usr/lib", "/var/lib", "/var/log")
INIT = """#!/python -SB
import sys
sys.path[:] = {path!r}
from bailiwick.twin.stages.machine.guest import main
main()
"""
CONTENT, MANIFEST = "system.cpio", "manifest.json"


def _imported() -> tuple[Path, ...]:
    """Where the packages lie that acting a script out imports, Bailiwick among them: a directory or a file each."""
    ask = (
        "import json, sys, bailiwick.twin.stages.machine.guest\n"
        "tops = {name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names) - {'__main__'}\n"
        "specs = [sys.modules[top].__spec__ for top in tops if top in sys.modules]\n"
        "print(json.dumps(sorted(spec.origin for spec in specs if spec and spec.has_location)))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", ask], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"asking for the stage's imports:\n{done.stderr}")
    origins = [Path(origin) for origin in json.loads(done.stdout)]
    return tuple(origin.parent if origin.name == "__init__.py" else origin for origin in origins)


def _take_programs(chosen: Selection) -> None:
    for name in (*NEEDED, *WHERE_INSTALLED):
        found = shutil.which(name, path=ENVIRONMENT["PATH"])
        if found:
            chosen.take(Path(found))
        elif name in NEEDED:
            raise StageError(f"not found on this machine: {name}")
    for daemon in DAEMONS:
        if not daemon.exists():
            raise StageError(f"not found on this machine: {daemon}")
        chosen.take(daemon)
    for place in PLACES:
        if Path(place).exists():
            chosen.take(Path(place))
    if ALTERNATIVES.is_dir():
        chosen.take_links(ALTERNATIVES)
    for place in MERGED:
        if Path(place).exists():
            chosen.way_to(Path(place))


def _take_python(chosen: Selection) -> list[str]:
    """Returns where the guest's Python is to look for modules."""
    python = Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()
    chosen.take(python)
    chosen.links[Path("/python")] = str(python)
    library = Path(sysconfig.get_path("stdlib"))
    chosen.take_python(library)
    path = [str(library), str(library / "lib-dynload")]
    for place in _imported():
        if place.is_dir():
            chosen.take_python(place, frozenset())
        else:
            chosen.take(place)
            chosen.modules.add(place)
        if str(place.parent) not in path:
            path.append(str(place.parent))
    return path


def _make(directory: Path) -> None:
    chosen = Selection()
    _take_programs(chosen)
    path = _take_python(chosen)
    chosen.take_libraries()
    archive = chosen.archive()
    for empty in EMPTY:
        archive.directory(empty)
    archive.link("/var/run", "/run")
    archive.device("/dev/console", 5, 1)
    archive.device("/dev/null", 1, 3, 0o666)
    archive.file("/init", INIT.format(path=path).encode(), 0o755)
    (directory / CONTENT).write_bytes(archive.done())
    (directory / MANIFEST).write_text(json.dumps(chosen.states()))


def _unchanged(directory: Path) -> bool:
    states: dict[str, list[int] | None] = json.loads((directory / MANIFEST).read_text())
    return all(state_of(Path(path)) == state for path, state in states.items())


def system(cache: Path) -> Path:
    """The archive of it, made anew where any file in it has changed, or a program has come that was not there.

    Raises StageError.
    """
    found = [shutil.which(name, path=ENVIRONMENT["PATH"]) for name in (*NEEDED, *WHERE_INSTALLED)]
    there = [place for place in PLACES if Path(place).exists()]
    what = json.dumps([sys.version, sys.path, found, there, os.environ.get("PYTHONPATH")])
    key = hashlib.sha256(what.encode()).hexdigest()[:16]
    return kept(cache, "system", key, _make, _unchanged) / CONTENT
