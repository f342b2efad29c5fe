"""Kernel modules: what they need, in which order they are loaded."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from bailiwick.twin.stages.machine.modules import (
    SIGNATURE,
    ModuleMissing,
    built_in,
    files_below,
    in_order,
    information,
    unsigned,
)


def image(**fields: str) -> bytes:
    """The least of an ELF-64 file that has a ``.modinfo`` section."""
    info = b"".join(f"{key}={value}".encode() + b"\0" for key, value in fields.items())
    names = b"\0.modinfo\0.shstrtab\0"
    at_names = 64 + len(info)
    at_sections = at_names + len(names)
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQ", 1, 62, 1, 0, 0)
    header += struct.pack("<QIHHHHHH", at_sections, 0, 64, 0, 0, 64, 3, 2)
    sections = bytes(64)
    sections += struct.pack("<IIQQQQIIQQ", 1, 1, 0, 0, 64, len(info), 0, 0, 1, 0)
    sections += struct.pack("<IIQQQQIIQQ", 10, 3, 0, 0, at_names, len(names), 0, 0, 1, 0)
    return header + info + names + sections


def modules(directory: Path, **needs: str) -> dict[str, Path]:
    for name, depends in needs.items():
        wishes = {"softdep": depends} if depends.startswith("pre:") else {"depends": depends}
        (directory / f"{name}.ko").write_bytes(image(license="GPL", **wishes))
    return files_below(directory)


def order(files: dict[str, Path], *wanted: str, own: frozenset[str] = frozenset()) -> list[str]:
    return [module.name for module in in_order(wanted, files, own)]


def test_each_comes_after_what_it_needs(tmp_path: Path) -> None:
    files = modules(tmp_path, nft_masq="nf_tables,nf_nat", nf_nat="nf_conntrack", nf_conntrack="", nf_tables="")

    assert order(files, "nft_masq", "nf_conntrack") == ["nf_tables", "nf_conntrack", "nf_nat", "nft_masq"]


def test_an_algorithm_by_its_other_name(tmp_path: Path) -> None:
    files = modules(tmp_path, libcrc32c="pre: crc32c", crc32c_generic="")

    assert order(files, "libcrc32c") == ["crc32c_generic", "libcrc32c"]


def test_what_the_kernel_has_in_itself_is_no_file(tmp_path: Path) -> None:
    files = modules(tmp_path, veth="core")

    assert order(files, "veth", own=frozenset(("core",))) == ["veth"]


def test_one_that_is_nowhere_is_named_with_who_needs_it(tmp_path: Path) -> None:
    files = modules(tmp_path, pppoe="pppox")

    with pytest.raises(ModuleMissing, match="no module pppox, which pppoe needs"):
        order(files, "pppoe")
    with pytest.raises(ModuleMissing, match="no module wireguard"):
        order(files, "wireguard")


def test_dashes_are_underscores(tmp_path: Path) -> None:
    (tmp_path / "nf-x.ko").write_bytes(image(depends="nf-y"))
    (tmp_path / "nf_y.ko").write_bytes(image(depends=""))
    (tmp_path / "modules.builtin").write_text("kernel/net/ipv4/tcp-cubic.ko\n")

    assert order(files_below(tmp_path), "nf-x") == ["nf_y", "nf_x"]
    assert built_in(tmp_path) == {"tcp_cubic"}


def test_the_signature_goes_and_nothing_else() -> None:
    signature = b"s" * 321
    plain = image(depends="")

    assert unsigned(plain + signature + bytes(8) + len(signature).to_bytes(4, "big") + SIGNATURE) == plain
    assert unsigned(plain) == plain


def test_no_elf_is_an_error() -> None:
    with pytest.raises(ValueError, match="ELF"):
        information(b"#!/bin/sh\n")
