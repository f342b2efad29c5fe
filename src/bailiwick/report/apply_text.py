"""What an apply would change, how a device stands, and what was done to it, in words and as records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bailiwick.agent.model import ERROR
from bailiwick.apply.protocol import Window
from bailiwick.report.comparison_text import comparison_record, comparison_text
from bailiwick.workflow.applying import Prepared

PHASES = {
    "armed": "is about to be switched to",
    "switching": "is being switched to",
    "waiting": "stands, and waits to be confirmed",
    "returning": "is being taken back",
    "stuck": "was taken back, and the device still looks otherwise",
}

OWN = ("bailiwick-deadman.service", "bailiwick-boot.service")


def plan_text(prepared: Prepared) -> str:
    """All that an owner should see before saying yes; without a line break at the end."""
    facts, units = prepared.facts, prepared.units
    device = prepared.home.tree.device
    place = f"takes the place of generation {facts.confirmed}" if facts.confirmed else "is the first one there"
    parts = [f"{device}: what the home file says {place}."]
    files = (("added", prepared.added), ("changed", prepared.changed), ("removed", prepared.removed))
    parts.append(_block("Files", files) or ("" if prepared.errors else "Files\n  none change"))
    changes = (("started", units.started), ("restarted", units.restarted), ("stopped", units.stopped))
    parts.append(_block("Units", (*changes, ("given back", units.back))))
    parts.append(_rivals(prepared))
    parts.append(_meaning(prepared))
    parts.append(_findings(prepared))
    if prepared.drift.ours:
        parts.append(f"Changed on {device} since, by somebody else\n" + drift_text(prepared.drift.ours))
    return "\n\n".join(part for part in parts if part)


def _block(title: str, groups: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    lines = [f"  {what:10} {one}" for what, ones in groups for one in ones]
    return "\n".join([title, *lines]) if lines else ""


def _rivals(prepared: Prepared) -> str:
    """Others' units that would fight over the network."""
    lines = []
    for unit in prepared.units.off:
        state, active = prepared.facts.units[unit]
        lines.append(f"  {unit} ({state}{', running' if active else ''})")
    return "\n".join(["Switched off; `bailiwick uninstall` gives them back as they were", *lines]) if lines else ""


def _meaning(prepared: Prepared) -> str:
    if prepared.diffed is None:
        return f"What changes for packets cannot be said: {prepared.incomparable}" if prepared.incomparable else ""
    diffed = prepared.diffed
    text = comparison_text(diffed.comparison, diffed.old.texts, diffed.new.texts)
    return "\n".join([f"For packets, against {diffed.old.name}", *(f"  {line}".rstrip() for line in text.split("\n"))])


def _findings(prepared: Prepared) -> str:
    lines = [f"  {one.severity}: {one.text}" for one in prepared.findings]
    return "\n".join(["Found on the device", *lines]) if lines else ""


def drift_text(differences: Sequence[Mapping[str, Any]]) -> str:
    """A sentence each."""
    return "\n".join(f"  {one.get('text') or one.get('what', '?')}" for one in differences)


def window_text(device: str, window: Window) -> str:
    """Of an apply that is not confirmed yet."""
    who = f" ({window.owner})" if window.owner else ""
    left = f"; {_span(window.left)} until generation {window.old} comes back" if window.phase == "waiting" else ""
    why = f": {window.reason}" if window.reason else ""
    words = PHASES.get(window.phase, window.phase)
    return f"{device}: generation {window.new}{who} {words}{why}{left}."


def status_text(device: str, status: Mapping[str, Any]) -> str:
    """What stands, what is open, and which units are not as they should be."""
    window = Window.of(status.get("window"))
    number = status.get("confirmed", 0)
    stands = f"generation {number} is confirmed" if number else "no generation of ours is confirmed"
    lines = [window_text(device, window)] if window else []
    lines.append(f"{device}: {stands}.")
    lines += [f"  {unit} is {state}" for unit, state in down(status).items()]
    last = status.get("last")
    if last:
        lines.append(f"Last: {entry_text(last)}")
    return "\n".join(lines)


def down(status: Mapping[str, Any]) -> Mapping[str, str]:
    """Units that are not as they should be, with their states. Our own run when there is something to do for them."""
    units: Mapping[str, str] = status.get("units", {})
    idle = {unit for unit in units if unit in OWN and units[unit] == "inactive"}
    return {unit: state for unit, state in units.items() if state not in ("active", "reloading") and unit not in idle}


def entry_text(entry: Mapping[str, Any]) -> str:
    """One of the device's history."""
    of = f" generation {entry['generation']}" if "generation" in entry else ""
    why = f": {entry['reason']}" if entry.get("reason") else ""
    who = f" ({entry['owner']})" if entry.get("owner") else ""
    return f"{entry.get('when', '')} {entry.get('what', '')}{of}{who}{why}".strip()


def generations_text(history: Mapping[str, Any]) -> str:
    """Those that the device keeps, the newest last, and what was done."""
    lines = [_generation(one) for one in history.get("generations", ())] or ["no generation is kept there"]
    entries = [f"  {entry_text(one)}" for one in history.get("entries", ())]
    return "\n".join([*lines, *(["", "History", *entries] if entries else [])])


def _generation(one: Mapping[str, Any]) -> str:
    mark = "*" if one.get("confirmed") else " "
    damaged = "" if one.get("whole", True) else ", damaged"
    source = str(one.get("source", ""))[:12]
    return f"{mark} {one['number']:>3}  {one.get('made', '')}  {one.get('files', 0)} files, home file {source}{damaged}"


def _span(seconds: float) -> str:
    return f"{max(seconds, 0):.0f} s"


def prepared_record(prepared: Prepared) -> dict[str, Any]:
    """For docs/json.md."""
    units, diffed = prepared.units, prepared.diffed
    window = prepared.window
    return {
        "device": prepared.home.tree.device,
        "confirmed": prepared.facts.confirmed,
        "unchanged": prepared.unchanged,
        "files": {"added": prepared.added, "changed": prepared.changed, "removed": prepared.removed},
        "units": {
            "started": units.started,
            "restarted": units.restarted,
            "stopped": units.stopped,
            "switched_off": units.off,
            "given_back": units.back,
        },
        "findings": [{"severity": one.severity, "what": one.what, "text": one.text} for one in prepared.findings],
        "comparison": comparison_record(diffed.comparison) if diffed else None,
        "incomparable": prepared.incomparable,
        "drift": list(prepared.drift.differences),
        "window": window_record(window),
    }


def window_record(window: Window | None) -> dict[str, Any] | None:
    """As docs/json.md has it."""
    if window is None:
        return None
    return {
        "old": window.old,
        "new": window.new,
        "phase": window.phase,
        "left": round(window.left, 1),
        "owner": window.owner,
        "reason": window.reason,
    }


def obstacles(prepared: Prepared, take_over: bool) -> Iterator[str]:
    """Why nothing is changed, a sentence each."""
    device = prepared.home.tree.device
    if any(one.severity == ERROR for one in prepared.findings):
        yield f"Nothing was changed on {device}: what was found there has to be mended first."
    if prepared.drift.ours and not take_over:
        count = len(prepared.drift.ours)
        said = "one thing is" if count == 1 else f"{count} things are"
        yield f"Nothing was changed on {device}: {said} otherwise than we left it. `--take-over` overwrites that."
