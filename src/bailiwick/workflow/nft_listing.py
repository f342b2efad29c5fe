"""A ruleset of nft, read by the real nft: loaded into a network namespace of its own and listed as JSON.

Nothing of this machine is touched, and no grammar of ours stands between a file and its meaning. The namespace has
no interfaces; where a rule needs one by its index (``iif``, a flowtable, an ingress hook), an empty one is made.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bailiwick.dataplane.nft.places import Places, scan
from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.language.span import Span

SECONDS = 60
_LIST = "nft -f - && nft -j list ruleset"
_TEXT = " && echo && nft list ruleset"
_MAKE = (
    'for name in "$@"; do for kind in dummy ifb veth; do '
    'ip link add name "$name" type "$kind" 2>/dev/null && break; done; done; '
)
"""Not every kernel has the first kind."""
_INDEXED = re.compile(r'\b(?:iif|oif|devices?)\b[\s=!]*(\{[^}]*\}|"[^"\s]+"|[\w.@-]+)')
_PLACE = re.compile(r"^/dev/stdin:(\d+):(\d+)-\d+: (.*)$")
_LISTING = "nft list ruleset"
_KERNEL = " (the kernel here does not take it; `nft -j list ruleset` of the machine itself needs no kernel)"


class NftMissing(Exception):
    """There is no nft here, or no private namespace may be made; says so in one plain sentence."""


class NftRefused(ValueError):
    """nft does not take the text. ``file`` and ``number`` are the place, ``message`` is what nft says."""

    def __init__(self, file: str, number: int, message: str) -> None:
        super().__init__(f"{file}:{number}: {message}" if number else f"{file}: {message}")
        self.file = file
        self.number = number
        self.message = message


@dataclass(frozen=True, slots=True)
class Listing:
    """``ruleset`` is nft's JSON as a Python object; ``places`` say where it is written: in the texts, in nft's own."""

    ruleset: object
    places: tuple[Places, ...]


def nft_listing(texts: Mapping[str, str]) -> Listing:
    """The ruleset of one or several files, loaded in their order.

    Raises NftRefused where nft refuses a line, NftMissing where nft or namespaces are missing.
    """
    whole = "".join(text if text.endswith("\n") else text + "\n" for text in texts.values())
    script, names = _LIST, list[str]()
    done = _run(script, whole)
    if done.returncode and _about_interfaces(done.stderr):
        found = {name for found in _INDEXED.findall(whole) for name in re.findall(r"[\w.@-]+", found)} - {"lo"}
        script, names = _MAKE + script, sorted(name for name in found if len(name) < 16)
        done = _run(script, whole, *names)
    if done.returncode:
        raise _refused(done.stderr, texts)
    ruleset, places = json.loads(done.stdout), scan(texts.items())
    if _all_there(ruleset, places):
        return Listing(ruleset, (places,))
    rest = _run(script + _TEXT, whole, *names).stdout.partition("\n")[2]
    return Listing(ruleset, (places, scan([(_LISTING, rest.lstrip("\n"))])))


def listing_of(files: Mapping[str, str]) -> Listing:
    """Of the rules among one machine's files, by the names that their lines bear. Raises Problems where nft refuses
    them, NftMissing."""
    from bailiwick.dataplane.linux import rules  # noqa: PLC0415 - slow to load, and of no use to who has a listing

    written = rules(files)
    try:
        return nft_listing(written) if written else Listing({"nftables": []}, ())
    except NftRefused as refused:
        number = max(refused.number, 1)
        span = Span(refused.file, number, 1, number, 2)
        fault = Diagnostic("rendered-refused", f"nft does not take this: {refused.message}", span)
        raise Problems([fault], files) from None


def _all_there(ruleset: Any, places: Places) -> bool:
    """Whether every rule has a place in the texts, so that nft's own text is not needed."""
    rules = [one["rule"] for one in ruleset["nftables"] if "rule" in one]
    counts = Counter((rule["family"], rule["table"], rule["chain"]) for rule in rules)
    return all(len(places.rules.get(chain, ())) == count for chain, count in counts.items())


def _about_interfaces(message: str) -> bool:
    return "Interface does not exist" in message or "No such file or directory" in message


def _run(script: str, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    path = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            [*own, "sh", "-c", script, "sh", *arguments],
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            env=path,
            timeout=SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise NftMissing("The program `unshare` is missing: it is part of util-linux.") from None
    except subprocess.TimeoutExpired:
        raise NftRefused("the ruleset", 0, f"nft has not read it within {SECONDS} seconds") from None
    if done.returncode == 127:
        raise NftMissing("The program `nft` is missing: install the package nftables.")
    if done.returncode and done.stderr.startswith("unshare:"):
        raise NftMissing(f"No private network namespace may be made here ({done.stderr.strip()}).")
    return done


def _refused(stderr: str, texts: Mapping[str, str]) -> NftRefused:
    name = next(iter(texts), "the ruleset")
    for line in stderr.splitlines():
        if (found := _PLACE.match(line)) is not None:
            file, number = _origin(int(found[1]), texts)
            message = found[3].removeprefix("Error: ")
            return NftRefused(file, number, message + (_KERNEL if message.startswith("Could not process rule") else ""))
    return NftRefused(name, 0, stderr.strip() or "nft fails without a word")


def _origin(number: int, texts: Mapping[str, str]) -> tuple[str, int]:
    for name, text in texts.items():
        lines = text.count("\n") + (not text.endswith("\n"))
        if number <= lines:
            return name, number
        number -= lines
    return next(iter(texts), "the ruleset"), 0
