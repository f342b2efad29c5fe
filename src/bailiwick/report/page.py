"""A trial as a page: the matrix with what real packets did in each cell, and everything else that was tried."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.claims.claim import Claim, Evidence, Outcome
from bailiwick.intent.host_table import host_table
from bailiwick.proof.evidence import evidence
from bailiwick.report.explaining import explain
from bailiwick.report.html_page import render
from bailiwick.report.picture import STYLE, picture
from bailiwick.report.proven import verdict, with_proof
from bailiwick.report.sections import Differing, Drawing, Listing, Page
from bailiwick.report.tally import tally
from bailiwick.report.trial_text import differences, summary, untried
from bailiwick.twin.result import TwinResult
from bailiwick.workflow.trial import Trial


def page(trial: Trial) -> str:
    """HTML, self-contained."""
    result, checked = trial.result, trial.checked
    network = checked.read.network
    proven = trial.proven
    matrix = host_table(checked.intent, hosts=False)
    claims = checked.intent.claims()
    witnessed = tuple(evidence(proven.proof, claims)) if proven else ()
    explanations = explain(checked.intent, matrix, checked.read.document.sources, result, witnessed)
    if proven is not None:
        explanations = with_proof(explanations, checked.intent, proven.proof, matrix, proven.texts)
    return render(
        Page(
            heading=f"{network.name}: what was meant, and what real packets did",
            matrix=matrix,
            verdict=f"{verdict(proven.proof)} {summary(result)}" if proven else summary(result),
            holds=result.holds and (proven is None or proven.proof.holds),
            explanations=explanations,
            tallies=tally(result.observations, matrix),
            differences=tuple(Differing(line) for line in differences(result)),
            drawings=(Drawing("The network", picture(network), STYLE),),
            untried=tuple(untried(result)),
            trial=tuple(_listings(trial, claims)),
        )
    )


def _listings(trial: Trial, claims: tuple[Claim, ...]) -> Iterator[Listing]:
    result = trial.result
    yield Listing(
        f"{len(result.checks)} behaviours: names, connections, files",
        ("what", "meant", "seen"),
        tuple(
            (one.subject, one.expected, one.seen + (" (inconclusive)" if one.holds is None else ""))
            for one in result.checks
        ),
        frozenset(at for at, one in enumerate(result.checks) if one.differs),
    )
    yield _leases(result)
    tried = _claims(claims, result.evidence)
    yield Listing(
        f"{len(tried)} claims",
        ("claim", "verdict", "evidence", "where"),
        tuple(
            (claim.text, claim.verdict, f"{one.outcome} {one.note}".strip(), str(claim.span)) for claim, one in tried
        ),
        frozenset(at for at, (_, one) in enumerate(tried) if one.outcome is Outcome.REFUTED),
    )
    told = f"{len(result.loaded)} things that the files ask for, read back"
    yield Listing(
        f"Time; {told}", ("stage", "seconds"), tuple((name, f"{taken:.2f}") for name, taken in result.seconds)
    )


def _leases(result: TwinResult) -> Listing:
    def text(value: object) -> str:
        return str(value) if value is not None else "none"

    return Listing(
        f"{len(result.leases)} DHCP leases",
        ("zone", "card", "address", "router", "resolver", "domain"),
        tuple(
            (one.zone, one.mac, text(one.address), text(one.router), text(one.resolver), one.domain)
            for one in result.leases
        ),
        frozenset(at for at, one in enumerate(result.leases) if not one.holds),
    )


def _claims(claims: tuple[Claim, ...], evidence: tuple[Evidence, ...]) -> list[tuple[Claim, Evidence]]:
    """Refuted first, then what nothing was learnt about, then the confirmed; in each in the file's order."""
    order = [Outcome.REFUTED, Outcome.INCONCLUSIVE, Outcome.CONFIRMED]
    by_id = {claim.id: claim for claim in claims}
    known = [(by_id[item.claim], item) for item in evidence if item.claim in by_id]
    return sorted(known, key=lambda pair: (order.index(pair[1].outcome), pair[0].span, pair[0].id))
