"""Files that are not installed yet, given to the device's own tools: what would fail is found while nothing is changed.

A tool's own check is no proof (``dnsmasq --test`` takes an interface that is not there, and systemd-analyze(1) exits
with 0 on a key that it does not know): every sentence that it says about our files counts, and the probes after the
switch stay what they are.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bailiwick.agent.commands import PATH, CommandFailed, run
from bailiwick.agent.disk import space
from bailiwick.agent.model import ERROR, Finding, Generation
from bailiwick.agent.places import Places

NETWORK, UNITS = "/etc/systemd/network/", "/etc/systemd/system/"
NEEDS, SCRIPT = "/etc/bailiwick/needs", "/usr/lib/bailiwick/preflight"
ANY = range(1, 256)

KINDS = {
    "bridge": "ip link add b0 type bridge",
    "vlan": "ip link add b0 type bridge && ip link add link b0 name v2 type vlan id 2",
    "wireguard": "ip link add w0 type wireguard",
    "dummy": "ip link add d0 type dummy",
    "tap": "ip tuntap add dev t0 mode tap",
    "veth": "ip link add a0 type veth peer name a1",
}
"""How a link of each kind of a .netdev file is made, for a trial in a namespace that is thrown away."""


def preflight(places: Places, generation: Generation, contents: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """What speaks against installing ``contents``. Writes only below a directory of its own in /run, taken away again.

    Raises OSError where that cannot be made, and ValueError for a path that leads out of it.
    """
    found = [Finding(ERROR, "space", f"{lack}.") for lack in (space.ensure(places, contents),) if lack]
    run_directory = places.on_device("/run")
    with tempfile.TemporaryDirectory(prefix="bailiwick-preflight-", dir=run_directory) as name:
        root = Path(name)
        for path, content in contents.items():
            if not path.startswith("/") or ".." in Path(path).parts:
                raise ValueError(f"{path!r} is no place for a file")
            target = root / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        for check in (_rules, _resolvers, _units, _sessions, _kinds, _needs):
            found += check(root, generation, contents)
    return tuple(found)


Check = Callable[[Path, Generation, Mapping[str, bytes]], Iterator[Finding]]


def _rules(root: Path, _generation: Generation, contents: Mapping[str, bytes]) -> Iterator[Finding]:
    """nft(8), -c: the kernel itself looks at the rules, and forgets them."""
    yield from _asked(root, "nft", ("-c", "-f"), [path for path in contents if path.endswith(".nft")])


def _resolvers(root: Path, _generation: Generation, contents: Mapping[str, bytes]) -> Iterator[Finding]:
    paths = [path for path in contents if path.startswith("/etc/bailiwick/dnsmasq/")]
    for path in paths:
        yield from _asked(root, "dnsmasq", ("--test", f"--conf-file={root}{path}"), [path], given=True)


def _sessions(root: Path, _generation: Generation, contents: Mapping[str, bytes]) -> Iterator[Finding]:
    """pppd(8), dryrun: the options are read, and the plugin among them is loaded; nothing is dialled."""
    for path in (path for path in contents if path.startswith("/etc/ppp/peers/")):
        yield from _asked(root, "pppd", ("dryrun", "file", f"{root}{path}"), [path], given=True)


def _asked(
    root: Path, tool: str, arguments: tuple[str, ...], paths: list[str], given: bool = False
) -> Iterator[Finding]:
    """``given``: the path is among the arguments."""
    if paths and shutil.which(tool, path=PATH) is None:
        yield Finding(ERROR, tool, f"There is no {tool} on the device, which {paths[0]} is for.")
        return
    for path in paths:
        try:
            run(tool, *arguments, *(() if given else (f"{root}{path}",)))
        except CommandFailed as error:
            yield Finding(ERROR, path, f"{tool} does not take {path}: {_own(root, str(error))}")


def _units(root: Path, _generation: Generation, contents: Mapping[str, bytes]) -> Iterator[Finding]:
    """What systemd-analyze(1) says about a unit of ours, but for programs that the same generation brings."""
    names = [path for path in contents if path.startswith(UNITS) and path.count("/") == UNITS.count("/")]
    if not names or shutil.which("systemd-analyze", path=PATH) is None:
        return
    script = 'exec systemd-analyze --man=no --recursive-errors=no verify "$@" 2>&1'
    try:
        said = run("sh", "-c", script, "-", *(f"{root}{path}" for path in names), may=ANY)
    except CommandFailed as error:
        yield Finding(ERROR, "systemd-analyze", f"{error}.")
        return
    for line in said.splitlines():
        unit = next((path for path in names if Path(path).name.partition("@")[0] in line), None)
        program = re.search(r"Command (\S+) is not executable", line)
        if unit is not None and not (program and program[1] in contents):
            yield Finding(ERROR, unit, f"systemd does not take {unit}: {_own(root, line)}")


def _kinds(_root: Path, _generation: Generation, contents: Mapping[str, bytes]) -> Iterator[Finding]:
    """Every kind of link that networkd is to make, made once where nobody sees it."""
    texts = [text.decode("utf-8", "replace") for path, text in contents.items() if path.endswith(".netdev")]
    kinds = {kind for text in texts for kind in re.findall(r"^Kind=(\w+)$", text, re.MULTILINE)}
    for kind in sorted(kinds & set(KINDS)):
        try:
            run("unshare", "-n", "sh", "-c", KINDS[kind])
        except CommandFailed as error:
            words = str(error).rpartition("): ")[2].rstrip(".")
            yield Finding(ERROR, kind, f"This kernel makes no link of the kind {kind}: {words}.")


def _needs(root: Path, _generation: Generation, contents: Mapping[str, bytes]) -> Iterator[Finding]:
    """A hypervisor brings its own list, and the script that reads it."""
    if NEEDS in contents and SCRIPT in contents:
        said = run("sh", "-c", 'sh "$@" 2>&1; echo "status $?"', "-", f"{root}{SCRIPT}", f"{root}{NEEDS}")
        *lines, status = said.splitlines()
        for line in lines if status != "status 0" else ():
            words = _own(root, line.removeprefix("preflight: "))
            yield Finding(ERROR, NEEDS, words[:1].upper() + words[1:])


def _own(root: Path, said: str) -> str:
    """With the places that the files will have."""
    return " ".join(said.replace(str(root), "").split()).rstrip(".") + "."
