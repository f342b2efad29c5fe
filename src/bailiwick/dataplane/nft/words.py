"""nft's JSON said in words close to nft's own language, for people: remarks, unknowns, rules without a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_DEEPEST = 12


def words(value: object, depth: int = 0) -> str:
    """One expression or statement; whatever is not known is shown as it stands."""
    if depth > _DEEPEST:
        return "…"
    match value:
        case None:
            return ""
        case bool():
            return "exists" if value else "missing"
        case str() | int() | float():
            return str(value)
        case Mapping() if len(value) == 1:
            ((kind, inner),) = value.items()
            return _one(str(kind), inner, depth + 1)
        case Mapping():
            return " ".join(f"{key} {words(inner, depth + 1)}" for key, inner in value.items())
        case Sequence():
            return ",".join(words(inner, depth + 1) for inner in value)
    return str(value)


def statements(value: object) -> str:
    """A rule's statements, one after the other."""
    if isinstance(value, list):
        return " ".join(text for text in (words(one) for one in value) if text)
    return words(value)


def _one(kind: str, inner: object, depth: int) -> str:
    match kind, inner:
        case "match", {"left": left, "right": right, **rest}:
            op = rest.get("op")
            middle = "" if op in ("==", "in", None) else f"{op} "
            return f"{words(left, depth)} {middle}{words(right, depth)}"
        case "payload", {"protocol": protocol, "field": field, **rest}:
            inside = f"{rest['tunnel']} " if rest.get("tunnel", protocol) != protocol else ""
            return f"{inside}{protocol} {field}"
        case "payload", {"base": base, "offset": offset, "len": length}:
            return f"@{base},{offset},{length}"
        case "meta", {"key": key}:
            return str(key) if key in ("iifname", "oifname", "iif", "oif") else f"meta {key}"
        case "ct", {"key": key, **rest}:
            return f"ct {rest['dir']} {key}" if "dir" in rest else f"ct {key}"
        case "fib", {"result": result, "flags": flags}:
            parts = flags if isinstance(flags, list) else [flags]
            return f"fib {' . '.join(map(str, parts))} {result}"
        case "concat", list():
            return " . ".join(words(part, depth) for part in inner)
        case "set", list():
            return "{ " + ", ".join(_pair(part, depth) for part in inner) + " }"
        case "set", {"op": op, "elem": element, "set": name}:
            return f"{op} {name} {{ {words(element, depth)} }}"
        case "map", {"op": op, "elem": element, "data": data, "map": name}:
            return f"{op} {name} {{ {words(element, depth)} : {words(data, depth)} }}"
        case "prefix", {"addr": address, "len": length}:
            return f"{words(address, depth)}/{length}"
        case "range", [first, last]:
            return f"{words(first, depth)}-{words(last, depth)}"
        case "elem", {"val": inner_value}:
            return words(inner_value, depth)
        case (("|" | "&" | "^" | "<<" | ">>"), [left, right]):
            return f"{words(left, depth)} {kind} {words(right, depth)}"
        case (("vmap" | "map"), {"key": key, "data": data}):
            return f"{words(key, depth)} {kind} {words(data, depth)}"
        case "mangle", {"key": key, "value": value}:
            return f"{words(key, depth)} set {words(value, depth)}"
        case (("jump" | "goto"), {"target": target}):
            return f"{kind} {target}"
    rest_text = words(inner, depth)
    return f"{kind} {rest_text}" if rest_text else kind


def _pair(part: object, depth: int) -> str:
    if isinstance(part, list) and len(part) == 2:
        return f"{words(part[0], depth)} : {words(part[1], depth)}"
    return words(part, depth)
