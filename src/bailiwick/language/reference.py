"""The reference page of the home file, written from the schema: every key, what it takes, its default."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from bailiwick.language.quantities import Duration
from bailiwick.language.shapes import Choice, Entry, Items, Leaf, Named, Section, Sentences, Shape, home_shape

_HEAD = """\
# The home file, key by key

Written from the model by `bailiwick reference`; `bailiwick schema` prints the JSON Schema for editors.

Values are read from the raw text by what stands here, so quotes never matter: `no` is a name where a name
belongs and a flag where a flag belongs, `.10` is an address, `0755` is refused. Where several names may stand,
write `a, b` or `[a, b]`. A name of your own has 1 to 32 lower-case letters, digits and hyphens.
"""

_SENTENCES = """\
## Sentences

```yaml
policy:
  - lan, mgmt -> services: any
  - lan except tv -> internet: web, mail, tcp/8443
  - iot -> internet: {services: any, log: yes, expires: 2027-01-31, comment: until the hub is replaced}
  - {from: guest, to: internet, services: [web, icmp]}
```

A side names zones, hosts, groups, uplinks, `router`, `internet`, `modem` or `outside`, joined by commas; `except`
takes some of them away. After the colon stand services: names of the catalogue or of your own, `tcp/443`,
`udp/5000-5010`, or `any`. `log` logs each new connection, `expires` is the last day on which the sentence holds,
and `comment` is a word on why.
"""

_FILES = """\
## More than one file

`include: [zones.yaml]` reads a file as if it stood here; names are relative to the file that names them. Sections
are joined by key, lists are appended, and the same key in two files is an error. A group's `file` is a text file
with an address, a network or a range on each line; `#` starts a comment.

`!secret NAME` stands for an entry of the secret store, where a password belongs and nowhere else.

## Errors and warnings

Each message carries a code in brackets. `bailiwick explain-error CODE` says what it means, what brings it about and
how to mend it; without a code it lists them all.
"""


def reference() -> str:
    """Markdown, the same at each call."""
    sections: dict[str, Section] = {}
    body = [_HEAD, *_section("The file", home_shape(), sections)]
    done: set[str] = set()
    while waiting := [name for name in sections if name not in done]:
        name = waiting[0]
        done.add(name)
        body += ["", *_section(_title(sections[name]), sections[name], sections)]
    body += ["", _SENTENCES, _FILES]
    return "\n".join(body)


def _section(title: str, shape: Section, found: dict[str, Section]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    short = list(_short_forms(shape))
    if short:
        yield f"Short forms: {'; '.join(short)}."
        yield ""
    yield "| key | takes | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for key, entry in shape.entries.items():
        said = entry.description.replace("|", "&#124;")
        yield f"| `{key}` | {_words(entry.shape, found, said)} | {_default(entry)} | {said} |"


def _title(shape: Section) -> str:
    words = {
        "DhcpDefaults": "DHCP for every zone (`dhcp`)",
        "Dhcp": "A zone's DHCP",
        "Dns": "The resolver (`dns`)",
        "Ddns": "A name that follows the address (`ddns`)",
        "Ntp": "The clock (`ntp`)",
        "Syslog": "The log (`syslog`)",
        "Pppoe": "PPPoE",
        "DevicePort": "A device's port",
        "Port": "A port of the router or of a hypervisor",
        "Tests": "Claims (`tests`)",
        "Vm": "A virtual machine (`vm`)",
        "Uplink": "An uplink",
        "Wireguard": "A WireGuard tunnel",
        "Peer": "A WireGuard peer",
    }
    return words.get(shape.name, f"A {shape.name.lower()}")


def _anchor(shape: Section) -> str:
    kept = "".join(c for c in _title(shape).lower() if c.isalnum() or c in " -")
    return kept.replace(" ", "-")


def _short_forms(shape: Section) -> Iterator[str]:
    model = shape.model
    if model.short_text:
        yield f"text is `{model.short_text}`"
    if model.short_path and model.short_path != model.short_text:
        yield f"text with a slash is `{model.short_path}`"
    if model.short_list:
        yield f"a list is `{model.short_list}`"


def _words(shape: Shape, found: dict[str, Section], said: str = "") -> str:
    """``said``: the description beside it, whose own example is the better one."""
    if isinstance(shape, Leaf):
        example = shape.reading.example
        return shape.reading.words if "`" in shape.reading.words + said else f"{shape.reading.words}, as `{example}`"
    if isinstance(shape, Choice):
        return " or ".join(f"`{word}`" for word in shape.words)
    if isinstance(shape, Sentences):
        return "[sentences](#sentences)"
    if isinstance(shape, Items):
        return f"several, each {_words(shape.item, found, said)}"
    if isinstance(shape, Named):
        return f"{shape.key.words}, and for each {_words(shape.value, found, said)}"
    found.setdefault(shape.name, shape)
    name, _, _ = _title(shape).partition(" (")
    words = name.lower()
    for proper in ("PPPoE", "DHCP", "WireGuard"):
        words = words.replace(proper.lower(), proper)
    return f"[{words}](#{_anchor(shape)})"


def _default(entry: Entry) -> str:
    value = entry.default
    if entry.required:
        return "required"
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    if isinstance(value, Duration | int | str) and value != "":
        return f"`{value}`"
    return ""
