"""The files of switches and hypervisors, read into what the proof of layer 2 asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bailiwick.dataplane.libvirt import Domain, read_guests
from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.unreadable import Unreadable
from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.language.span import Span
from bailiwick.proof.wired import Machines
from bailiwick.workflow.nft_listing import Listing, listing_of


def read_machines(trees: Mapping[str, Mapping[str, str]], listings: Mapping[str, Listing] | None = None) -> Machines:
    """``trees``: by machine, its files by their absolute paths. ``listings``: what nft makes of the rules of each
    machine that has any; nft is asked for those of machines that are not among them.

    Raises Problems where a file cannot be read at all, NftMissing.
    """
    devices: dict[str, Device] = {}
    guests: dict[str, tuple[Domain, ...]] = {}
    for name, texts in trees.items():
        files = {f"{name}:{path}": text for path, text in texts.items()}
        try:
            if any(file.endswith(".rsc") for file in files):
                devices[name] = _export(name, files)
            elif files:
                listing = (listings or {}).get(name) or listing_of(files)
                devices[name] = read_tree(files, listing.ruleset, name, listing.places)
                guests[name] = read_guests(files)
        except Unreadable as error:
            raise Problems([Diagnostic("rendered-refused", f"{error}.", _span(str(error), files))], files) from None
    return Machines(devices, guests)


def read_script(name: str, files: Mapping[str, str]) -> Device:
    """A router that runs RouterOS, by its one script. Raises Problems."""
    try:
        if not any(file.endswith(".rsc") for file in files):
            raise Unreadable(next(iter(files), name), "this is no script of RouterOS")
        device = _export(name, files)
    except Unreadable as error:
        raise Problems([Diagnostic("rendered-refused", f"{error}.", _span(str(error), files))], files) from None
    from bailiwick.dataplane.routeros.importing import faults  # noqa: PLC0415 - of such routers alone

    (file,) = (one for one in files if one.endswith(".rsc"))
    return replace(device, imported=tuple(faults(files[file], file)))


def _export(name: str, files: Mapping[str, str]) -> Device:
    """A switch that runs RouterOS: one text, and whatever else lies beside it is for people."""
    from bailiwick.dataplane.routeros import ExportError, read_export  # noqa: PLC0415 - of such switches alone

    exports = [file for file in files if file.endswith(".rsc")]
    if len(exports) > 1:
        raise Unreadable(exports[1], f"{name} has two configurations")
    try:
        return read_export(files[exports[0]], exports[0], name)
    except ExportError as error:
        raise Unreadable(str(error.line), error.sentence) from None


def _span(said: str, files: Mapping[str, str]) -> Span:
    file = next((file for file in files if said.startswith(f"{file}:")), next(iter(files)))
    number = said[len(file) + 1 :].partition(":")[0]
    line = int(number) if number.isdecimal() and int(number) > 0 else 1
    return Span(file, line, 1, line, 2)
