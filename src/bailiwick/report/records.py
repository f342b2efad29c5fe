"""Answers as JSON values, with the keys that docs/json.md describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick.claims.matrix import Matrix
from bailiwick.packets.packet import Packet

if TYPE_CHECKING:
    from bailiwick.proof.explanation import Explanation
    from bailiwick.twin.result import Refutation, TwinResult  # a matrix alone need not load the twin


def matrix_record(matrix: Matrix) -> dict[str, Any]:
    """Cells without any service have an empty list; a pair that no packet can take has no entry.

    ``parts`` are the hosts among rows and columns, each with the place that it is a part of.
    """
    return {
        "rows": list(matrix.rows),
        "columns": list(matrix.columns),
        "cells": [
            {
                "from": row,
                "to": column,
                "services": list(cell.services),
                "derived": list(cell.derived),
                "sentences": list(cell.sentences),
                "possibly": list(cell.possibly),
                "withheld": list(cell.withheld),
                "as_zone": cell.as_zone,
            }
            for row in matrix.rows
            for column in matrix.columns
            if (cell := matrix.cells.get((row, column))) is not None
        ],
        "parts": [{"place": host, "of": place} for host, place in matrix.within.items()],
        "alike": list(matrix.alike),
    }


def packet_record(packet: Packet) -> dict[str, Any]:
    """The fields of ``Packet``; addresses as text, places as ids."""
    return {
        "ingress": packet.ingress,
        "egress": packet.egress,
        "source": str(packet.source),
        "destination": str(packet.destination),
        "protocol": packet.protocol,
        "source_port": packet.source_port,
        "destination_port": packet.destination_port,
        "icmp_type": packet.icmp_type,
        "translated": packet.translated,
    }


def explanation_record(one: Explanation) -> dict[str, Any]:
    """The packet, the rules that did something with it, what speaks for and against it; lines as ``file:number``."""
    return {
        "packet": packet_record(one.packet),
        "passes": one.passes,
        "end": one.walk.end.value,
        "steps": [
            {"where": station.where, "deed": station.deed, "line": str(station.line) if station.line else None}
            for station in one.stations
        ],
        "accepted_by": [{"text": meaning.text, "span": str(meaning.span)} for meaning in one.meant],
        "forbidden_by": [{"text": meaning.text, "span": str(meaning.span)} for meaning in one.forbidden],
        "remedy": one.remedy or None,
    }


def refutation_record(one: Refutation) -> dict[str, Any]:
    """The claim, the packet that refutes it, and the lines to look at; lines as ``file:number``."""
    return {
        "id": one.claim.id,
        "text": one.claim.text,
        "verdict": one.claim.verdict.value,
        "asked": [str(span) for span in one.asked],
        "lines": [{"line": str(line), "text": line.text} for line in one.lines],
        "why": one.why,
        "foretold": one.foretold,
        "took": one.took,
        "packet": packet_record(one.observation.packet),
        "sent_to": one.observation.sent_to,
        "sender": one.station,
        "expected": one.observation.expected.value,
        "seen": one.observation.seen.value,
        "detail": one.observation.detail,
    }


def result_record(result: TwinResult) -> dict[str, Any]:
    """Differences in full; packets that agreed are counted."""
    return {
        "holds": result.holds,
        "packets": len(result.observations),
        "differences": [
            {
                "from": seen.row,
                "to": seen.column,
                "packet": packet_record(seen.packet),
                "sent_to": seen.sent_to,
                "expected": seen.expected.value,
                "seen": seen.seen.value,
                "detail": seen.detail,
                "sentences": list(seen.claims),
            }
            for seen in result.differences
        ],
        "checks": [
            {"subject": check.subject, "expected": check.expected, "seen": check.seen, "holds": check.holds}
            for check in result.checks
        ],
        "leases": [
            {
                "zone": lease.zone,
                "mac": lease.mac,
                "address": str(lease.address) if lease.address else None,
                "holds": lease.holds,
            }
            for lease in result.leases
        ],
        "not_loaded": [
            {"subject": entry.subject, "place": entry.place, "found": entry.found, "note": entry.note}
            for entry in result.loaded
            if entry.found is not True
        ],
        "claims": [
            {
                "id": evidence.claim,
                "outcome": evidence.outcome.value,
                "note": evidence.note,
                "packet": packet_record(evidence.packet) if evidence.packet else None,
            }
            for evidence in result.evidence
        ],
        "refuted": [refutation_record(one) for one in result.refutations],
        "decisions": {
            "agreed": sum(one.agrees is True for one in result.decisions),
            "inconclusive": sum(one.agrees is None for one in result.decisions),
            "contrary": [
                {"packet": packet_record(one.packet), "foretold": one.foretold, "took": one.took}
                for one in result.decisions
                if one.agrees is False
            ],
        },
        "untried": [{"name": lack.name, "note": lack.note} for lack in result.untried],
        "seconds": dict(result.seconds),
    }
