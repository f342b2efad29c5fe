"""An audit as JSON values, with the keys that docs/json.md describes."""

from __future__ import annotations

from typing import Any

from bailiwick.dataplane.tally import Line, Tally
from bailiwick.proof.audit.finding import Finding
from bailiwick.report.records import matrix_record
from bailiwick.workflow.auditing import Audited


def audit_record(audited: Audited) -> dict[str, Any]:
    """Of one device. ``matrix6`` is null where IPv6 does as IPv4 does, or was not given."""
    audit = audited.audit
    return {
        "device": audited.loaded.device.name,
        "summary": list(audit.summary),
        "assumed": list(audited.loaded.assumed),
        "zones": [
            {"place": zone.id, "interfaces": list(zone.interfaces), "outside": zone.outside, "why": zone.why or None}
            for zone in audit.zones.all
        ],
        "matrix": matrix_record(audit.matrix),
        "matrix6": matrix_record(audit.matrix6) if audit.matrix6 is not None else None,
        "findings": [finding_record(one) for one in audit.findings],
        "not_shown": len(audit.defects),
        "undecided": len(audit.undecided),
        "files": [_file(name, tally) for name, tally in audited.loaded.files],
    }


def finding_record(one: Finding) -> dict[str, Any]:
    """Lines as ``file``, ``line`` and ``text``."""
    return {
        "code": one.code,
        "severity": one.severity.word,
        "title": one.title,
        "text": one.text or None,
        "witness": one.witness or None,
        "lines": [_line(line) for line in one.lines],
        "remedy": one.remedy or None,
    }


def _line(line: Line) -> dict[str, Any]:
    return {"file": line.file, "line": line.number, "text": line.text}


def _file(name: str, tally: Tally) -> dict[str, Any]:
    return {
        "file": name,
        "lines": tally.lines,
        "understood": tally.understood,
        "unknown": [{**_line(line), "why": why} for line, why in tally.unknown],
        "ignored": [{**_line(line), "why": why} for line, why in tally.ignored],
    }
