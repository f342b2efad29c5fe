"""Kernel modules: what each needs, read from the module itself, and the order in which to load them."""

from __future__ import annotations

import lzma
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

SIGNATURE = b"~Module signature appended~\n"  # MODULE_SIG_STRING, include/linux/module_signature.h
SECTION_HEADERS = struct.Struct("<QIHHHHHH")  # ELF-64 e_shoff, e_flags, e_ehsize … e_shstrndx, at offset 40
SECTION = struct.Struct("<IIQQQQIIQQ")


class ModuleMissing(Exception):
    """The kernel has no such module, neither in a file nor built in."""


@dataclass(frozen=True, slots=True)
class Module:
    """``needs`` must be loaded before; ``would_like`` (``softdep=pre:``) where there is one."""

    name: str
    image: bytes
    needs: tuple[str, ...]
    would_like: tuple[str, ...]


def plain(name: str) -> str:
    """The kernel's own form: a dash in a file's name is an underscore (modprobe(8))."""
    return name.replace("-", "_")


def unsigned(image: bytes) -> bytes:
    """Without the signature at the end, which is checked at every load and says nothing here.

    ``struct module_signature`` ends with the signature's length, big-endian, and has twelve bytes.
    """
    if not image.endswith(SIGNATURE):
        return image
    end = len(image) - len(SIGNATURE)
    return image[: end - 12 - int.from_bytes(image[end - 4 : end], "big")]


def information(image: bytes) -> tuple[tuple[str, str], ...]:
    """The keys and values of the ``.modinfo`` section (include/linux/moduleparam.h). Raises ValueError."""
    if image[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    offset, _, _, _, _, size, count, names_at = SECTION_HEADERS.unpack_from(image, 40)
    sections = [SECTION.unpack_from(image, offset + size * number) for number in range(count)]
    names = sections[names_at][4]
    for section in sections:
        start = names + section[0]
        if image[start : image.index(b"\0", start)] == b".modinfo":
            fields = image[section[4] : section[4] + section[5]].split(b"\0")
            pairs = (field.decode(errors="replace").partition("=") for field in fields if b"=" in field)
            return tuple((key, value) for key, _, value in pairs)
    raise ValueError("no .modinfo section")


def read(path: Path) -> Module:
    """Raises ValueError for what is no module."""
    data = path.read_bytes()
    if path.suffix == ".xz":
        data = lzma.decompress(data)
    elif path.suffix != ".ko":
        raise ValueError(f"{path.name}: compressed in an unknown way")
    needs: list[str] = []
    likes: list[str] = []
    for key, value in information(data):
        if key == "depends":
            needs += [plain(name) for name in value.split(",") if name]
        elif key == "softdep" and value.startswith("pre:"):
            likes += [plain(name) for name in value.removeprefix("pre:").partition("post:")[0].split()]
    return Module(plain(path.name.partition(".ko")[0]), unsigned(data), tuple(needs), tuple(likes))


def in_order(wanted: Iterable[str], files: Mapping[str, Path], built_in: frozenset[str]) -> tuple[Module, ...]:
    """The wanted modules and all they need, each after what it needs. Names are plain.

    A softdep may name an algorithm: ``crc32c`` is ``crc32c_generic`` (crypto/crc32c_generic.c).
    Raises ModuleMissing.
    """
    done: dict[str, Module] = {}
    begun: set[str] = set()

    def add(name: str, by: str) -> None:
        if name in begun or name in built_in:
            return
        begun.add(name)
        if name not in files:
            raise ModuleMissing(f"this kernel has no module {name}{by}")
        module = read(files[name])
        for need in module.needs:
            add(need, f", which {name} needs")
        for like in module.would_like:
            known = next((one for one in (like, f"{like}_generic") if one in files), None)
            if known:
                add(known, "")
        done[name] = module

    for name in wanted:
        add(plain(name), "")
    return tuple(done.values())


def files_below(directory: Path) -> dict[str, Path]:
    """Module files by plain name. ``directory`` is one of /lib/modules."""
    return {plain(path.name.partition(".ko")[0]): path for path in directory.rglob("*.ko*")}


def built_in(directory: Path) -> frozenset[str]:
    """What the kernel has in itself, by ``modules.builtin`` (kbuild(7))."""
    lines = (directory / "modules.builtin").read_text().splitlines()
    return frozenset(plain(Path(line).name.partition(".ko")[0]) for line in lines)
