"""Every target of iptables-extensions(8) as the steps that end a rule. One that is not known may do anything."""

from __future__ import annotations

from collections.abc import Collection

from bailiwick.dataplane.iptables.arguments import Arguments, Module, NotUnderstood
from bailiwick.dataplane.iptables.marks import Change, connmark_target, mark_target, set_bits
from bailiwick.dataplane.iptables.translation import translate
from bailiwick.dataplane.iptables.values import Scene, marked
from bailiwick.dataplane.rules import (
    Accept,
    Drop,
    FastTrack,
    Goto,
    Jump,
    Note,
    NoTrack,
    Reject,
    Return,
    Scramble,
    Step,
    Whatever,
    unknown_target,
)
from bailiwick.dataplane.tally import Line
from bailiwick.packets import header

_NOTES = frozenset({
    "AUDIT", "CHECKSUM", "CLASSIFY", "CONNSECMARK", "DSCP", "ECN", "HL", "IDLETIMER", "LED", "LOG", "NFLOG",
    "RATEEST", "SECMARK", "SET", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TRACE", "TTL", "ULOG",
})  # fmt: skip
"""The packet goes on to the next rule, and no other rule's certain answer hangs on what they change."""
_TRANSLATIONS = frozenset({"DNAT", "SNAT", "MASQUERADE", "REDIRECT", "NETMAP"})
_PLAIN: dict[str, Step] = {"ACCEPT": Accept(), "DROP": Drop(), "RETURN": Return(), "NOTRACK": NoTrack()}
_REFUSALS = {4: "icmp-port-unreachable", 6: "icmp6-port-unreachable"}


def target_steps(words: Arguments, scene: Scene, chains: Collection[str], name: str, line: Line) -> Change:
    """What a rule does. ``chains`` are those of its table, ``name`` is free for a chain; raises nothing."""
    module = words.target
    if module is None:
        return Change(())
    if module.name in chains and not module.options:
        return Change((Goto(module.name) if words.goto else Jump(module.name),))
    try:
        if module.name in chains:
            raise NotUnderstood("options that a chain does not take")
        if any(option.negated for option in module.options):
            raise NotUnderstood("a ! before an option of a target")
        if not words.goto:
            return _read(module, scene, name, line)
    except NotUnderstood as error:
        return Change(unknown_target(f"{module}: {error}"))
    return Change(unknown_target(f"a chain that is not in this table: {module.name}"))


def _read(module: Module, scene: Scene, name: str, line: Line) -> Change:
    if module.name in _PLAIN:
        return Change((_PLAIN[module.name],))
    if module.name == "SET" and module.has("map-mark"):
        return Change((Scramble((header.MARK,), str(module)),))
    if module.name in _NOTES:
        return Change((Note(str(module)),))
    if module.name in _TRANSLATIONS:
        return Change((translate(module, scene),))
    match module.name:
        case "REJECT":
            option = module.get("reject-with")
            return Change((Reject(option.value if option else _REFUSALS[scene.family]),))
        case "MARK":
            return mark_target(module, name, line)
        case "CONNMARK":
            return connmark_target(module, name, line)
        case "HMARK":
            return Change((Scramble((header.MARK,), str(module)),))
        case "CT":
            return Change((_ct(module, scene),))
        case "FLOWOFFLOAD":
            return Change((FastTrack(str(module)),))
        case "TPROXY":
            return _tproxy(module, name, line)
        case "SYNPROXY":
            return Change((Whatever(str(module)),))
    return Change(unknown_target(str(module)))


def _ct(module: Module, scene: Scene) -> Step:
    if module.has("notrack"):
        return NoTrack()
    if module.has("zone", "zone-orig", "zone-reply"):
        scene.remarks.append(f"{module}: connections of a zone of their own")
    return Note(str(module))


def _tproxy(module: Module, name: str, line: Line) -> Change:
    """A socket takes the packet, marked and accepted; without one it is dropped (xt_TPROXY.c)."""
    option = module.get("tproxy-mark")
    if option is None:
        return Change((Whatever(str(module)),))
    value, mask = marked(option.value)
    change = set_bits(header.MARK, mask, value, name, line)
    if change.chains:
        raise NotUnderstood("a mark that flips bits")
    return Change((*change.steps, Whatever(str(module))))
