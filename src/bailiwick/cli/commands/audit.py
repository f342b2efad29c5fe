"""``bailiwick audit``: the questions of a configuration that we did not write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bailiwick.cli.answer import FORMAT, Answer
from bailiwick.cli.status import Status

if TYPE_CHECKING:
    from bailiwick.workflow.auditing import Audited

SEVERITIES = ["high", "medium", "low", "note"]


@click.command("audit")
@click.argument("files", type=click.Path(path_type=Path, exists=True), nargs=-1, required=True, metavar="FILE...")
@click.option("--zone", "zones", metavar="NAME=WHAT", multiple=True, help="Call interfaces, or a network, by a name.")
@click.option("--outside", metavar="IFACE,…", multiple=True, help="These interfaces lead outside, and no others.")
@click.option("--services", metavar="NAME,…", multiple=True, help="Ask for these services alone: ssh, tcp/8080.")
@click.option(
    "--severity",
    type=click.Choice(SEVERITIES),
    default="medium",
    show_default=True,
    help="Exit with 1 when a finding of this severity, or a worse one, stands.",
)
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html", help="Write a page.")
@FORMAT
def command(
    *,
    files: tuple[Path, ...],
    zones: tuple[str, ...],
    outside: tuple[str, ...],
    services: tuple[str, ...],
    severity: str,
    report: Path | None,
    form: str,
) -> Status:
    """Say what reaches what in FILE..., and what is wrong with it.

    FILE is a dump of iptables-save, ip6tables-save, ipset save or nft list ruleset, a RouterOS export, what `ip addr`,
    `ip route`, `ip rule` and `bridge -j vlan` print, or a directory of `bailiwick build`. Files of one Linux device
    are read together. Nothing is sent anywhere, and the device is not asked.
    """
    from bailiwick.workflow.auditing import BadZone, NftMissing, Question, Unusable, audit_files

    answer = Answer("audit", files[0], form == "json")
    try:
        asked = Question(tuple(map(_pair, zones)), _words(outside), _services(services))
        audits = audit_files(files, asked)
    except (Unusable, BadZone) as error:
        return _refused(answer, str(error), Status.INPUT)
    except NftMissing as error:
        return _refused(answer, str(error), Status.WORLD)
    worst = min((one.severity for each in audits for one in each.audit.findings), default=len(SEVERITIES))
    _print(answer, audits)
    if report is not None:
        from bailiwick.report.audit_page import audit_page

        report.write_text(audit_page(audits), encoding="utf-8")
    return answer.close(Status.FAILS if worst <= SEVERITIES.index(severity) else Status.HOLDS)


def _print(answer: Answer, audits: tuple[Audited, ...]) -> None:
    if answer.json_form:
        from bailiwick.report.audit_records import audit_record

        answer.data(devices=[audit_record(one) for one in audits])
        return
    from bailiwick.cli.screen import screen
    from bailiwick.report.audit_text import audit_text

    terminal = screen()
    answer.text("\n\n".join(audit_text(one, terminal) for one in audits))


def _refused(answer: Answer, sentence: str, status: Status) -> Status:
    answer.note(f"error: {sentence}")
    answer.data(error=sentence)
    return answer.close(status)


def _pair(text: str) -> tuple[str, str]:
    name, equals, what = text.partition("=")
    if not equals or not name.strip() or not what.strip():
        raise click.UsageError(f"--zone {text}: write NAME=INTERFACE, NAME=INTERFACE,INTERFACE or NAME=NETWORK.")
    return name.strip(), what.strip()


def _words(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for text in texts for word in text.split(",") if word.strip())


def _services(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Raises click's UsageError for what is no service."""
    from bailiwick.proof.audit.service_names import matches

    names = _words(texts)
    for name in names:
        try:
            matches(name)
        except ValueError as error:
            raise click.UsageError(f"--services: {error}.") from None
    return names
