"""The files as they would be installed, or as they are found in a directory, read back and proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.workflow.checking import Checked
from bailiwick.workflow.nft_listing import Listing, NftMissing, listing_of

if TYPE_CHECKING:
    from bailiwick.dataplane.model import Device
    from bailiwick.proof.prove import Proof

__all__ = ["NftMissing", "NotBuilt", "Proven", "prove_home", "read_rendered"]


class NotBuilt(Exception):
    """The directory holds no files of the router; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Proven:
    """``texts`` are the router's files by their absolute paths there; ``failures`` the proof's differences."""

    checked: Checked
    device: Device
    proof: Proof
    texts: Mapping[str, str]
    failures: tuple[Diagnostic, ...]
    quoted: Mapping[str, str] = field(default_factory=dict)
    """The router's files, and those of switches and hypervisors as ``hv:/etc/…``."""
    unseen: tuple[str, ...] = ()
    """Switches and hypervisors whose files were not among those that were given."""

    @property
    def sources(self) -> Mapping[str, str]:
        """Every text that a diagnostic may quote."""
        return {**self.checked.read.document.sources, **self.texts, **self.quoted}


def prove_home(checked: Checked, rendered: Path | None = None) -> Proven:
    """Proves what ``checked`` rendered, or the files in ``rendered``.

    Layer 2 beyond the router is proven with it, unless ``rendered`` holds the router's files alone. Raises NftMissing
    where the real nft cannot be asked, NotBuilt, and Problems where a file cannot be read.
    """
    router = checked.trees[0]
    texts = {a.path: a.text for a in router.artifacts} if rendered is None else read_rendered(rendered, router.device)
    routeros = checked.read.network.router.routeros
    listed = None if routeros else _Listed(texts)
    trees = _switches(checked, rendered)
    others_listed = {name: _Listed(named({name: files})) for name, files in trees.items()}
    # nft runs in a process of its own: the rooms below are loaded meanwhile.
    from bailiwick.dataplane.linux import read_tree  # noqa: PLC0415
    from bailiwick.proof.prove import prove  # noqa: PLC0415
    from bailiwick.workflow.differing import diagnosed  # noqa: PLC0415
    from bailiwick.workflow.machines import read_machines, read_script  # noqa: PLC0415

    listings = {name: one.result() for name, one in others_listed.items()}
    others = read_machines(trees, listings) if trees else None
    if listed is None:
        device = read_script(router.device, texts)
    else:
        listing = listed.result()
        device = read_tree(texts, listing.ruleset, router.device, listing.places)
    proof = prove(checked.intent, device, others=others)
    shown = {**texts, **(named(trees) if trees else {})}
    failures = diagnosed(proof.differences, checked.read.network.span, shown)
    unseen = tuple(name for name in checked.read.network.switches if name not in trees)
    return Proven(checked, device, proof, texts, failures, shown, unseen)


def _switches(checked: Checked, rendered: Path | None) -> dict[str, Mapping[str, str]]:
    """The files of each switch and hypervisor; none where ``rendered`` is the root of the router alone.

    Raises NotBuilt where a build lacks one of them.
    """
    names, router = checked.read.network.switches, checked.trees[0].device
    if rendered is not None:
        built = (rendered / router).is_dir()
        return {name: read_rendered(rendered, name, beside=True) for name in names} if built else {}
    trees = {tree.device: tree for tree in checked.trees}
    return {name: {one.path: one.text for one in trees[name].artifacts} for name in names}


def named(trees: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Every text by the name that its lines bear: ``hv:/etc/…``."""
    return {f"{name}:{path}": text for name, texts in trees.items() for path, text in texts.items()}


def read_rendered(directory: Path, device: str, beside: bool = False) -> Mapping[str, str]:
    """The files below ``directory/device``, as a build writes it, or below ``directory`` itself as a device's root.

    ``beside``: one device of several, so that only the former will do. Raises NotBuilt.
    """
    root = directory / device if beside or (directory / device).is_dir() else directory
    known = (root / "etc").is_dir() or (root.is_dir() and any(root.glob("*.rsc")))
    if not (root.is_dir() if beside else known):
        wanted = f"{device} is not" if beside else f"neither {device}/etc nor etc is"
        raise NotBuilt(f"{directory} holds no files of {device}: {wanted} in it.")
    texts = {}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            texts[f"/{path.relative_to(root)}"] = path.read_text(encoding="utf-8", errors="replace")
    return texts


class _Listed(Thread):
    """nft's listing of the rules among ``texts``, worked out beside what else is done."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(daemon=True)
        self._texts = texts
        self._listing: Listing | None = None
        self._error: Exception | None = None
        self.start()

    def run(self) -> None:
        """What is raised is kept for whoever asks for the result."""
        try:
            self._listing = listing_of(self._texts)
        except (NftMissing, Problems) as error:
            self._error = error

    def result(self) -> Listing:
        """Raises Problems where nft refuses the rules, and NftMissing."""
        self.join()
        if self._error is not None:
            raise self._error
        assert self._listing is not None, "nothing else is raised"
        return self._listing
