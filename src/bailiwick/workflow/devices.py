"""Any mix of configuration files to the devices that they describe.

What a file is shows in its text. All files of Linux belong to one device; a RouterOS export is a device of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick.dataplane.linux import Draft, device, read_links, read_routes, read_rules, read_tree, read_vlans, rules
from bailiwick.dataplane.model import Device, Interface, Route
from bailiwick.dataplane.symbolic.interfaces import Interfaces, TooMany
from bailiwick.dataplane.tally import Tally
from bailiwick.dataplane.unreadable import Unreadable
from bailiwick.proof.audit.uplinks import uplinks
from bailiwick.workflow.nft_listing import NftMissing, NftRefused, nft_listing
from bailiwick.workflow.recognition import EXPECTED, Form, recognise

if TYPE_CHECKING:
    from bailiwick.dataplane.iptables.ipset import IpSet
    from bailiwick.dataplane.rules import Table

__all__ = ["Loaded", "NftMissing", "Unusable", "load"]

LARGEST = 64 << 20
"""Bytes. A configuration of a hundred thousand rules is a tenth of it."""


class Unusable(Exception):
    """A file that cannot be read as any configuration; the message is one or two plain sentences."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One device. ``syntax`` is ``routeros``, ``iptables`` or ``nft``: what remedies are written in.

    ``families`` are the IP versions whose filter was given; ``assumed`` says, in whole sentences, what was taken for
    granted because no file tells it, and ``guessed`` whether that is where packets go. ``files`` have each their
    account of lines.
    """

    device: Device
    syntax: str
    files: tuple[tuple[str, Tally], ...]
    families: frozenset[int]
    assumed: tuple[str, ...] = ()
    guessed: bool = False


@dataclass(slots=True)
class _Linux:
    """The files of the Linux device, while they are read."""

    draft: Draft = field(default_factory=Draft)
    dumps: list[tuple[str, str]] = field(default_factory=list)
    sets: list[tuple[str, str]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    listings: list[tuple[str, object]] = field(default_factory=list)
    files: list[tuple[str, Tally]] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)


def load(paths: Iterable[Path]) -> tuple[Loaded, ...]:
    """Raises Unusable, OSError, and NftMissing where a text of nft cannot be given to the real nft."""
    devices: list[Loaded] = []
    linux = _Linux()
    found = False
    for path in paths:
        if path.is_dir():
            devices.extend(_built(path))
            continue
        text, name = _text(path), str(path)
        form = recognise(text)
        if form is None:
            raise Unusable(f"{name} is none of the files that `audit` reads.\n{EXPECTED}")
        if form is Form.ROUTEROS:
            devices.append(_export(text, name, path.stem))
        else:
            found = True
            _linux_file(linux, form, name, text)
    if found:
        devices.append(_linux(linux))
    return tuple(replace(one, device=_numbered(one.device)) for one in devices)


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise Unusable(f"{path} is no file.")
    size = path.stat().st_size
    if size > LARGEST:
        raise Unusable(f"{path} has {size >> 20} MiB: a configuration is not that large (at most {LARGEST >> 20} MiB).")
    data = path.read_bytes()
    if data[:2] in (b"\x88\xac", b"\xef\xa8"):
        raise Unusable(f"{path} is a binary backup of RouterOS. Write a text with `/export file=router` instead.")
    if b"\0" in data:
        raise Unusable(f"{path} is no text: it holds NUL bytes.\n{EXPECTED}")
    if not data.strip():
        raise Unusable(f"{path} is empty.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # names in old code pages: every byte stays apart from every other


def _export(text: str, name: str, stem: str) -> Loaded:
    from bailiwick.dataplane.routeros import ExportError, read_export  # noqa: PLC0415 - of this form alone

    try:
        read = read_export(text, name, stem)
    except ExportError as error:
        raise Unusable(f"{error}.") from None
    strict = {"strict": "1", "loose": "2"}.get(read.settings.get("/ip/settings rp-filter", ""))
    if strict is not None:
        read = replace(read, settings={**read.settings, "net.ipv4.conf.all.rp_filter": strict})
    off = read.settings.get("/ipv6/settings disable-ipv6") == "yes"
    return Loaded(read, "routeros", ((name, read.tally),), frozenset({4} if off else {4, 6}))


def _linux_file(linux: _Linux, form: Form, name: str, text: str) -> None:
    if form is Form.IPTABLES:
        linux.dumps.append((name, text))
    elif form is Form.IPSET:
        linux.sets.append((name, text))
    elif form is Form.NFT:
        linux.texts[name] = text
    elif form is Form.NFT_JSON:
        linux.listings.append((name, json.loads(text)))
    else:
        _listing(linux, form, name, text)


_READERS: Mapping[Form, Callable[[Draft, str, str], None]] = {
    Form.LINKS: read_links,
    Form.RULES: read_rules,
    Form.VLANS: read_vlans,
}
_SIX = re.compile(r"(?i)ip6|ipv6|[-_.]v6")
"""In the name of a file whose text does not tell its version: a dump, or `ip -6 rule`, that names no address."""
_TABLE = re.compile(r"(?i)table[-_. ]+([a-z0-9]+)")


def _listing(linux: _Linux, form: Form, name: str, text: str) -> None:
    """What ``ip`` or ``bridge`` print."""
    before = linux.draft.ledger
    linux.draft.ledger = type(before)()
    try:
        if form is Form.ROUTES:
            table = _TABLE.search(Path(name).stem)
            if table is not None and not re.search(r"\btable\b", text):
                linux.assumed.append(f"{name} is read as the routing table {table[1]}, after its name.")
                read_routes(linux.draft, name, text, table[1])
            else:
                read_routes(linux.draft, name, text)
        elif form is Form.RULES and _SIX.search(Path(name).name):
            read_rules(linux.draft, name, text, 6)
        else:
            _READERS[form](linux.draft, name, text)
    except Unreadable as error:
        raise Unusable(f"{error}.") from None
    linux.files.append((name, linux.draft.ledger.tally()))
    linux.draft.ledger = before


def _linux(linux: _Linux) -> Loaded:
    tables: list[Table] = []
    if linux.dumps:
        tables += _iptables(linux)
    if linux.texts or linux.listings:
        tables += _nft(linux)
    read = device(linux.draft, "device", tuple(tables), Tally.total(tally for _, tally in linux.files))
    families = frozenset(
        version
        for version, names in ((4, ("ip", "inet")), (6, ("ip6", "inet")))
        if any(table.family in names for table in tables)
    )
    syntax = "iptables" if linux.dumps or not tables else "nft"
    complete, assumed = _completed(read)
    return Loaded(complete, syntax, tuple(linux.files), families, (*linux.assumed, *assumed), bool(assumed))


def _iptables(linux: _Linux) -> list[Table]:
    from bailiwick.dataplane.iptables import Sets, read, read_sets  # noqa: PLC0415 - of this form alone

    by_name: dict[str, IpSet] = {}
    for name, text in linux.sets:
        sets = read_sets(text, name)
        by_name.update(sets.by_name)
        linux.files.append((name, sets.tally))
    tables: dict[tuple[str, str], tuple[str, Table]] = {}
    for name, text in linux.dumps:
        six = 6 if _SIX.search(Path(name).name) else None
        reading = read(text, name, six, Sets(by_name))
        linux.files.append((name, reading.tally))
        for table in reading.tables:
            other = tables.setdefault((table.family, table.name), (name, table))[0]
            if other != name:
                raise Unusable(f"{other} and {name} both hold the table {table.name}: they are of two devices.")
    return [table for _, table in tables.values()]


def _nft(linux: _Linux) -> list[Table]:
    from bailiwick.dataplane.nft import read  # noqa: PLC0415 - of this form alone

    found: list[Table] = []
    try:
        for name, listing in linux.listings:
            tables, tally = read(listing, name)
            found += tables
            linux.files.append((name, tally))
        if linux.texts:
            loaded = nft_listing(linux.texts)
            tables, tally = read(loaded.ruleset, ", ".join(linux.texts), loaded.places)
            found += tables
            linux.files.append((", ".join(linux.texts), tally))
    except (NftRefused, Unreadable) as error:
        raise Unusable(f"{error}.") from None
    return found


def _built(directory: Path) -> Iterable[Loaded]:
    """The devices of a directory as ``bailiwick build`` writes it, or a root directory of one."""
    roots = [one for one in (directory, *sorted(directory.iterdir())) if (one / "etc").is_dir()]
    if not roots:
        raise Unusable(f"{directory} is no directory of `bailiwick build`: there is no folder etc in it or below it.")
    for root in roots:
        texts = {
            f"/{path.relative_to(root)}": path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }
        try:
            listing = nft_listing(rules(texts))
            read = read_tree(texts, listing.ruleset, root.name, listing.places)
        except (NftRefused, Unreadable) as error:
            raise Unusable(f"{root}: {error}.") from None
        yield Loaded(read, "nft", ((str(root), read.tally),), frozenset({4, 6}))
    for path in sorted(directory.glob("*/*.rsc")):
        yield _export(_text(path), str(path), path.parent.name)


def _completed(read: Device) -> tuple[Device, tuple[str, ...]]:
    """With what the files leave to be guessed: the interfaces that rules alone name, and where everything else goes."""
    interfaces = dict(read.interfaces)
    try:
        names = Interfaces.of(read).numbers
    except TooMany as error:
        raise Unusable(f"The files speak of {error}: that is more than can be told apart.") from None
    for name in names:
        interfaces.setdefault(name, Interface(name, kind=_guess(name)))
    complete = replace(read, interfaces=interfaces)
    if read.routing.known:
        return complete, ()
    others = [one for one in interfaces.values() if one.kind != "loopback" and one.up and one.master is None]
    leading = uplinks(complete)
    carriers = {one.parent for one in others}
    away = [n.name for n in others if n.name in leading or not (n.addresses or n.name in carriers)]
    if not away or not any(one.addresses for one in others):
        return complete, (
            "No file tells the routes: a packet is taken to leave by whichever interface the rules allow.",
        )
    routes = [Route(ip_network("0.0.0.0/0"), interface=name, lasting=False) for name in away]
    routes += [Route(ip_network("::/0"), interface=name, lasting=False) for name in away]
    routing = replace(read.routing, routes=tuple(routes), known=True)
    shown = ", ".join(away[:6]) + (", …" if len(away) > 6 else "")
    sentence = (
        "No file tells the routes: each subnet is taken to be where its address is, "
        f"and everything else to lie beyond {shown}."
    )
    return replace(complete, routing=routing), (sentence,)


def _guess(name: str) -> str:
    if name == "lo":
        return "loopback"
    if name.startswith("ppp"):
        return "ppp"
    return "tunnel" if name.startswith(("tun", "tap", "wg")) else "unknown"


def _numbered(read: Device) -> Device:
    try:
        Interfaces.of(read)
    except TooMany as error:
        raise Unusable(f"The files speak of {error}: that is more than can be told apart.") from None
    return read
