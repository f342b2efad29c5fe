"""A trial as one self-contained page: no script, no font, no picture from elsewhere; works from a mail attachment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from bailiwick.claims.claim import Claim, Evidence, Outcome
from bailiwick.claims.matrix import Cell
from bailiwick.claims.wording import place_words
from bailiwick.intent import Meant
from bailiwick.report.picture import picture
from bailiwick.report.tally import Tally, axis, tally
from bailiwick.report.trial_text import differences, summary, untried
from bailiwick.workflow.trial import Trial


@dataclass(frozen=True, slots=True)
class Square:
    """One cell as the page shows it; ``anchor`` is where its sentences stand, "" where there is nothing to say."""

    row: str
    column: str
    anchor: str
    services: tuple[str, ...]
    derived: tuple[str, ...]
    sentences: tuple[Meant, ...]
    tally: Tally
    possible: bool

    @property
    def kind(self) -> str:
        if not self.possible:
            return "void"
        if self.tally.differed:
            return "differs"
        return "every" if "any" in self.services else "some" if self.services or self.derived else "none"


def page(trial: Trial) -> str:
    """HTML, with everything in it escaped."""
    environment = Environment(
        loader=PackageLoader("bailiwick.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    result, matrix = trial.result, trial.matrix
    seen = tally(result.observations, matrix)
    rows = axis(matrix.rows, (row for row, _ in seen))
    columns = axis(matrix.columns, (column for _, column in seen))
    meant = {sentence.id: sentence for sentence in trial.checked.intent.meant}
    squares = [
        [_square(row, column, matrix.cells.get((row, column)), seen, meant) for column in columns] for row in rows
    ]
    network = trial.checked.read.network
    return environment.get_template("report.html.j2").render(
        name=network.name,
        holds=result.holds,
        summary=summary(result),
        differences=list(differences(result)),
        untried=list(untried(result)),
        columns=[place_words(column) for column in columns],
        squares=squares,
        picture=Markup(picture(network)),
        leases=result.leases,
        checks=result.checks,
        claims=_claims(trial.checked.intent.claims(), result.evidence),
        seconds=result.seconds,
        loaded=len(result.loaded),
    )


def _square(
    row: str,
    column: str,
    cell: Cell | None,
    seen: Mapping[tuple[str, str], Tally],
    meant: Mapping[str, Meant],
) -> Square:
    count = seen.get((row, column))
    return Square(
        row=place_words(row),
        column=place_words(column),
        anchor=f"{row}--{column}".replace(":", "-") if cell is not None and cell.sentences else "",
        services=cell.services if cell is not None else (),
        derived=cell.derived if cell is not None else (),
        sentences=tuple(meant[name] for name in cell.sentences if name in meant) if cell is not None else (),
        tally=count or Tally(),
        possible=cell is not None or count is not None,
    )


def _claims(claims: tuple[Claim, ...], evidence: tuple[Evidence, ...]) -> list[tuple[Claim, Evidence]]:
    """Refuted first, then what nothing was learnt about, then the confirmed; in each in the file's order."""
    order = [Outcome.REFUTED, Outcome.INCONCLUSIVE, Outcome.CONFIRMED]
    by_id = {claim.id: claim for claim in claims}
    known = [(by_id[item.claim], item) for item in evidence if item.claim in by_id]
    return sorted(known, key=lambda pair: (order.index(pair[1].outcome), pair[0].span, pair[0].id))
