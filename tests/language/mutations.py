"""Mutations of home files: what a slip of the hand, an editor or a bad disk makes of a good one. Seeded."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.cases.blocks import input_files

ROOT = Path(__file__).parents[2]

TOKENS = [
    b"[",
    b"]",
    b"{",
    b"}",
    b":",
    b"-",
    b"->",
    b",",
    b"!",
    b"&a",
    b"*a",
    b"<<: *a",
    b"|",
    b">",
    b"'",
    b'"',
    b"#",
    b"%",
]
TOKENS += [
    b"~",
    b"null",
    b"0755",
    b".10",
    b"12:34:56",
    b"no",
    b"!secret x",
    b"!!int",
    b"\t",
    b"\r",
    b"\x00",
    b"\xff",
    b"\xc3",
]
TOKENS += [
    b"except",
    b"any",
    b"router",
    b"internet",
    b"outside",
    b"0.0.0.0/0",
    b"255.255.255.255",
    b"4095",
    b"1e9",
    b"9" * 40,
]
TOKENS += [
    "家".encode(),
    "\u202e".encode(),
    "\u2028".encode(),
    b"\xef\xbb\xbf",
    b"---",
    b"...",
    b"? ",
    b"",
    b"\\",
    b"1-0",
    b"*",
]
_TOKEN = re.compile(rb"[A-Za-z0-9./:-]+|[^\sA-Za-z0-9]")


def flip(text: bytes, chance: random.Random) -> bytes:
    if not text:
        return text
    at = chance.randrange(len(text))
    return text[:at] + bytes([text[at] ^ 1 << chance.randrange(8)]) + text[at + 1 :]


def swap_lines(text: bytes, chance: random.Random) -> bytes:
    lines = text.split(b"\n")
    i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]
    return b"\n".join(lines)


def replace_token(text: bytes, chance: random.Random) -> bytes:
    tokens = list(_TOKEN.finditer(text))
    if not tokens:
        return text
    match = chance.choice(tokens)
    others = [chance.choice(TOKENS), chance.choice(tokens)[0]]
    return text[: match.start()] + chance.choice(others) + text[match.end() :]


def insert_token(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(TOKENS) + text[at:]


def indent(text: bytes, chance: random.Random) -> bytes:
    lines = text.split(b"\n")
    i = chance.randrange(len(lines))
    lines[i] = b" " * chance.randrange(9) + lines[i].lstrip()
    return b"\n".join(lines)


def repeat_line(text: bytes, chance: random.Random) -> bytes:
    lines = text.split(b"\n")
    i = chance.randrange(len(lines))
    lines.insert(chance.randrange(len(lines)), lines[i])
    return b"\n".join(lines)


def drop_line(text: bytes, chance: random.Random) -> bytes:
    lines = text.split(b"\n")
    del lines[chance.randrange(len(lines))]
    return b"\n".join(lines)


def cut(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(len(text) + 1)]


MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [
    flip,
    swap_lines,
    replace_token,
    replace_token,
    insert_token,
    indent,
    repeat_line,
    drop_line,
    cut,
]


def seeds() -> list[dict[str, bytes]]:
    """The files of both examples and of every case; each main file is called ``home.yaml``."""
    addresses = (ROOT / "examples/cloudflare-ipv4.txt").read_bytes()
    found = [
        {"home.yaml": (ROOT / f"examples/{name}.yaml").read_bytes(), "cloudflare-ipv4.txt": addresses}
        for name in ("one-router", "public-apps")
    ]
    cases = (path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests/cases").rglob("*.md")))
    found += [{name: text.encode() for name, text in input_files(case).items()} for case in cases]
    return [files for files in found if "home.yaml" in files]


def mutants(seed: int, count: int) -> Iterator[dict[str, bytes]]:
    """``count`` sets of files, one file of each mutated one to four times; half of them from the examples."""
    chance = random.Random(seed)
    originals = seeds()
    for _ in range(count):
        files = dict(chance.choice(originals[:2] if chance.random() < 0.5 else originals))
        name = "home.yaml" if chance.random() < 0.9 else chance.choice(sorted(files))
        for _ in range(chance.randint(1, 4)):
            files[name] = chance.choice(MUTATIONS)(files[name], chance)
        yield files
