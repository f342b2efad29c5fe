"""The home file's JSON Schema, for editors: it accepts what the reader accepts, and describes each key.

Draft 7, which VS Code's YAML extension takes. An editor reads YAML its own way (``10`` as a number, ``no`` as a
false), so a leaf may be text, a number or a boolean; only the text form is held to the pattern. ``!secret`` must be
made known to the extension: ``"yaml.customTags": ["!secret scalar"]``.
"""

from __future__ import annotations

from typing import Any

from bailiwick.language.shapes import Choice, Entry, Items, Leaf, Named, Section, Sentences, Shape, home_shape

_ARROW = r"^\s*[^!\[\]{}\s>-][^!\[\]{}>]*->\s*[^!\[\]{}>]*[^!\[\]{}>\s,]\s*$"
_NAMES = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_EXTRAS: dict[str, Any] = {
    "log": {"description": "Log each new connection.", "type": ["boolean", "string"]},
    "expires": {"description": "The last day on which the sentence holds, as `2027-01-31`.", "type": "string"},
    "comment": {"description": "A word on why.", "type": "string"},
}


def json_schema() -> dict[str, Any]:
    """A new dictionary at each call, ready for ``json.dumps``."""
    definitions: dict[str, Any] = {"sentence": _sentence()}
    root = _section(home_shape(), definitions)
    root.pop("required", None)  # an included file holds a part of the home, and is read with the same schema
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A Bailiwick home file",
        **root,
        "definitions": dict(sorted(definitions.items())),
    }


def _sentence() -> dict[str, Any]:
    services = {"description": "Services by name, `tcp/443`, or `any`.", **_NAMES}
    body = {
        "type": "object",
        "properties": {"services": services, **_EXTRAS},
        "required": ["services"],
        "additionalProperties": False,
    }
    short = {
        "description": "`from, from -> to, to: services`",
        "type": "object",
        "patternProperties": {_ARROW: {"anyOf": [*_NAMES["anyOf"], body]}},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    long = {
        "type": "object",
        "properties": {"from": _NAMES, "to": _NAMES, "services": services, **_EXTRAS},
        "required": ["from", "to", "services"],
        "additionalProperties": False,
    }
    return {"anyOf": [short, long]}


def _shape(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    if isinstance(shape, Leaf):
        return _leaf(shape)
    if isinstance(shape, Choice):
        # `off` reaches an editor as false
        words: list[Any] = [*shape.words, *([False] if "off" in shape.words else [])]
        return {"enum": words}
    if isinstance(shape, Sentences):
        return {"anyOf": [{"type": "array", "items": {"$ref": "#/definitions/sentence"}}, {"type": "null"}]}
    if isinstance(shape, Items):
        item = _shape(shape.item, definitions)
        return {"anyOf": [{"type": "array", "items": item}, {"type": "string"}, {"type": "null"}]}
    if isinstance(shape, Named):
        value = {"additionalProperties": _shape(shape.value, definitions)}
        return {"anyOf": [{"type": "object", **value}, {"type": "null"}]}
    if shape.name not in definitions:
        definitions[shape.name] = {}
        definitions[shape.name] = _with_short_forms(shape, definitions)
    return {"$ref": f"#/definitions/{shape.name}"}


def _leaf(shape: Leaf) -> dict[str, Any]:
    text: dict[str, Any] = {"type": ["string", "number", "boolean"], "minLength": 1}
    if shape.reading.pattern:
        text["pattern"] = shape.reading.pattern
    if shape.reading.many:
        return {"anyOf": [text, {"type": "array", "items": text}]}
    return text


def _section(shape: Section, definitions: dict[str, Any]) -> dict[str, Any]:
    properties = {name: _entry(entry, definitions) for name, entry in shape.entries.items()}
    out: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [name for name, entry in shape.entries.items() if entry.required]
    return {**out, "required": required} if required else out


def _entry(entry: Entry, definitions: dict[str, Any]) -> dict[str, Any]:
    body = _shape(entry.shape, definitions)
    # draft 7 ignores what stands beside a $ref
    if "$ref" in body:
        body = {"allOf": [body]}
    return {"description": entry.description, **body}


def _with_short_forms(shape: Section, definitions: dict[str, Any]) -> dict[str, Any]:
    forms = [_section(shape, definitions)]
    if shape.model.short_text or shape.model.short_path:
        forms.append({"type": "string", "minLength": 1})
    if shape.model.short_list:
        forms.append({"type": "array", "items": {"type": "string"}})
    return forms[0] if len(forms) == 1 else {"anyOf": forms}
