"""The files of switches and hypervisors, read into what the proof of layer 2 asks for."""

from __future__ import annotations

from collections.abc import Mapping

from bailiwick.dataplane.libvirt import Domain, read_guests
from bailiwick.dataplane.linux import read_tree
from bailiwick.dataplane.model import Device
from bailiwick.dataplane.routeros import ExportError, read_export
from bailiwick.dataplane.unreadable import Unreadable
from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.language.span import Span
from bailiwick.proof.wired import Machines

_NO_RULES: Mapping[str, list[object]] = {"nftables": []}
"""A switch filters no packets: a file of rules in its tree is one that nobody reads, and so an unknown."""


def read_machines(trees: Mapping[str, Mapping[str, str]]) -> Machines:
    """``trees``: by machine, its files by their absolute paths. Raises Problems where a file cannot be read at all."""
    devices: dict[str, Device] = {}
    guests: dict[str, tuple[Domain, ...]] = {}
    for name, texts in trees.items():
        files = {f"{name}:{path}": text for path, text in texts.items()}
        exports = [file for file in files if file.endswith(".rsc")]
        try:
            if exports:
                devices[name] = read_export("\n".join(files[file] for file in exports), exports[0], name)
            elif files:
                devices[name] = read_tree(files, _NO_RULES, name)
                guests[name] = read_guests(files)
        except (Unreadable, ExportError) as error:
            raise Problems([Diagnostic("rendered-refused", f"{error}.", _span(str(error), files))], files) from None
    return Machines(devices, guests)


def _span(said: str, files: Mapping[str, str]) -> Span:
    file = next((file for file in files if said.startswith(f"{file}:")), next(iter(files)))
    number = said[len(file) + 1 :].partition(":")[0]
    line = int(number) if number.isdecimal() and int(number) > 0 else 1
    return Span(file, line, 1, line, 2)
