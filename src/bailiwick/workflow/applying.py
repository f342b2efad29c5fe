"""From a home file to a device that carries it out: what would change is gathered, judged and compared, then begun."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick import __version__
from bailiwick.agent.model import ERROR, ORIGIN, Finding, Generation, same
from bailiwick.apply.facts import Facts
from bailiwick.apply.generations import Packed, pack, secret_names, unfilled
from bailiwick.apply.preflight import judge
from bailiwick.apply.probes import probes
from bailiwick.apply.protocol import Garbled, Window
from bailiwick.apply.secrets import check_keys, read_secrets
from bailiwick.apply.session import Drift, Session, Terms
from bailiwick.apply.tokens import Token, keep, new_word
from bailiwick.apply.transport import Cut
from bailiwick.targets.artifact import Tree
from bailiwick.workflow.checking import Checked, check
from bailiwick.workflow.device_states import NotComparable, generation_against, live_against
from bailiwick.workflow.proving import Proven, prove_home
from bailiwick.workflow.way_in import way_in

if TYPE_CHECKING:
    from bailiwick.workflow.diffing import Diffed


ANOTHER = ("device", "platform", "systemd")
"""What is found of a device that is another than the home file's: nothing more is asked of it then."""


class NoDevice(Exception):
    """The home file has no such device, or none that can be applied to; one plain sentence."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A home file that was checked, the device of it that is meant, and what that is to be given."""

    path: Path
    checked: Checked
    tree: Tree
    platform: str
    packed: Packed
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name to value."""

    @property
    def units(self) -> tuple[str, ...]:
        """Those of which it is to be known how they are."""
        return (*self.tree.enable, *self.tree.disable)


@dataclass(frozen=True, slots=True)
class Home:
    """The same, proven."""

    meant: Meant
    proven: Proven

    @property
    def tree(self) -> Tree:
        return self.meant.tree

    @property
    def checked(self) -> Checked:
        return self.meant.checked


@dataclass(frozen=True, slots=True)
class Units:
    """What becomes of units; ``off`` are others', switched off, and ``back`` such as are given back."""

    started: tuple[str, ...] = ()
    restarted: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that an owner should see before anything is changed. Nothing is, yet.

    ``diffed`` is None where the meaning cannot be compared; ``incomparable`` says why then ("" for a device that
    decides over no packet). ``unchanged``: the device is as the home file says, and nothing is to be done.
    """

    home: Home
    packed: Packed
    facts: Facts
    drift: Drift
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    units: Units = Units()
    findings: tuple[Finding, ...] = ()
    diffed: Diffed | None = None
    incomparable: str = ""
    unchanged: bool = False

    @property
    def window(self) -> Window | None:
        """An apply that is not confirmed yet, be it ours or another's."""
        return self.facts.window

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == ERROR)


def mean_home(path: Path, today: date, device: str, made: str) -> Meant:
    """``device`` "" is the router; ``made``: now, in UTC, ISO 8601. Raises Problems, NoDevice, SecretsMissing."""
    checked = check(path, today)
    tree, platform = _device(checked, device)
    secrets = read_secrets(path, secret_names(tree))
    check_keys(secrets, [one.wireguard for one in checked.plan.interfaces if one.wireguard])
    packed = pack(
        tree,
        platform,
        secrets,
        probes(checked.read.network, checked.plan, tree),
        tool=__version__,
        made=made,
        source=source_of(checked),
    )
    return Meant(path, checked, tree, platform, packed, secrets)


def prove_home_of(meant: Meant) -> Home:
    """Raises NftMissing."""
    return Home(meant, prove_home(meant.checked))


def prove_beside(session: Session, meant: Meant) -> tuple[Home, tuple[Facts, Drift]]:
    """Proves a home file while the device is looked at. Raises what either does."""
    with ThreadPoolExecutor(1) as beside:
        looked = beside.submit(session.look, meant.units)
        return prove_home_of(meant), looked.result()


def device_of(path: Path, today: date, device: str = "") -> str:
    """The name of the device that is meant. Raises Problems, NoDevice."""
    return _device(check(path, today), device)[0].device


def _device(checked: Checked, device: str) -> tuple[Tree, str]:
    network = checked.read.network
    name = device or network.router.name
    tree = next((tree for tree in checked.trees if tree.device == name), None)
    if tree is None:
        names = ", ".join(tree.device for tree in checked.trees if tree.enable)
        raise NoDevice(f"The home file has no device {name}. It configures {names}.")
    switch = network.switches.get(name)
    platform = switch.runs if switch else network.router.platform
    if not tree.enable:
        foreign = switch or name == network.router.name
        how = "runs RouterOS, which cannot be applied to yet" if foreign else "is set up by hand"
        raise NoDevice(f"{name} {how}: `bailiwick build` writes what it is to be given.")
    return tree, platform


def prepare(session: Session, home: Home, looked: tuple[Facts, Drift]) -> Prepared:
    """Asks the device for all that is to be known before it is changed. Raises what a session raises."""
    tree, checked, packed = home.tree, home.checked, home.meant.packed
    facts, drift = looked
    old = facts.generation
    unchanged = old is not None and same(old, packed.generation) and not drift.ours and facts.window is None
    if unchanged or facts.window is not None:
        return Prepared(home, packed, facts, drift, unchanged=unchanged)
    findings = judge(checked.plan, tree, home.meant.platform, facts)
    if any(one.what in ANOTHER for one in findings):
        return Prepared(home, packed, facts, drift, findings=findings)
    findings += session.preflight(unfilled(tree, packed))
    if tree.device == checked.read.network.router.name:
        findings += way_in(home.proven.device, facts)
    diffed, incomparable = _compare(session, home, facts)
    added, changed, removed = _files(old, packed.generation)
    return Prepared(
        home=home,
        packed=packed,
        facts=facts,
        drift=drift,
        added=added,
        changed=changed,
        removed=removed,
        units=_units(old, packed.generation, facts, {*added, *changed}),
        findings=findings,
        diffed=diffed,
        incomparable=incomparable,
    )


def source_of(checked: Checked) -> str:
    """The SHA-256 of the home file's texts, with those that it includes, by name."""
    digest = sha256()
    for name, text in sorted(checked.read.document.sources.items()):
        digest.update(f"{Path(name).name}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Target:
    """A home file's device, and how it is reached (``--to``)."""

    home: Path
    device: str
    to: str


@dataclass(frozen=True, slots=True)
class Begun:
    """``number`` is staged; the window is open, unless there was nothing to do."""

    number: int
    token: Token
    opened: bool


def begin(session: Session, prepared: Prepared, target: Target, terms: Terms) -> Begun:
    """Stage the generation and open the window. Raises what a session raises, and OSError for the token's file."""
    return begin_packed(session, prepared.packed, target, terms)


def begin_packed(session: Session, packed: Packed, target: Target, terms: Terms) -> Begun:
    """The same for a generation that nobody prepared."""
    return open_window(session, target, session.stage(packed), terms)


def open_window(session: Session, target: Target, number: int, terms: Terms) -> Begun:
    """For a generation that the device has: an earlier one, too, and 0 for what was before the first."""
    token = Token(str(target.home.absolute()), target.device, target.to, number, new_word())
    keep(token)  # before the window opens: a word that cannot be kept must not be needed
    try:
        opened = session.uninstall(token, terms) if number == ORIGIN else session.begin(number, token, terms)
    except (Cut, Garbled):
        window = Window.of(session.status().get("window"))
        if window is None or window.new != number:
            raise
        opened = True
    return Begun(number, token, opened)


def _compare(session: Session, home: Home, facts: Facts) -> tuple[Diffed | None, str]:
    """Only a router decides what becomes of a packet."""
    if home.tree.device != home.checked.read.network.router.name:
        return None, ""
    try:
        if facts.generation is not None:
            name = f"generation {facts.confirmed}"
            contents = session.agent.ask("show", {"number": facts.confirmed})["contents"]
            texts = {path: base64.b64decode(text).decode("utf-8", "replace") for path, text in contents.items()}
            return generation_against(name, texts, home.proven), ""
        listing = session.agent.ask("live", {"listing": True}).get("listing", {})
        return live_against("the device as it is", listing, home.proven), ""
    except NotComparable as error:
        return None, str(error)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Garbled(f"What stands on the device cannot be read ({error}).") from error


def _files(old: Generation | None, new: Generation) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    before = {file.path: file for file in old.files} if old else {}
    added = tuple(file.path for file in new.files if file.path not in before)
    changed = tuple(file.path for file in new.files if file.path in before and before[file.path] != file)
    removed = tuple(sorted(set(before) - {file.path for file in new.files}))
    return added, changed, removed


def _units(old: Generation | None, new: Generation, facts: Facts, touched: set[str]) -> Units:
    enabled, disabled = (old.enable, old.disable) if old else ((), ())
    there = [unit for unit, (state, active) in facts.units.items() if state not in ("not-found", "masked") or active]
    restarted = dict.fromkeys(
        word
        for file in new.files
        if file.path in touched and file.reload.startswith(("systemctl restart", "systemctl reload"))
        for word in file.reload.split()[2:]
        if word in enabled
    )
    return Units(
        started=tuple(unit for unit in new.enable if unit not in enabled),
        restarted=tuple(restarted),
        stopped=tuple(unit for unit in enabled if unit not in new.enable),
        off=tuple(unit for unit in new.disable if unit not in disabled and unit in there),
        back=tuple(unit for unit in disabled if unit not in new.disable),
    )
