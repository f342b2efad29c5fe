"""``bailiwick init``: five questions, a first home file, its matrix."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import click

from bailiwick.cli.answer import FORMAT, HOME, Answer, answered
from bailiwick.cli.screen import screen
from bailiwick.cli.status import Status
from bailiwick.intent import mean
from bailiwick.report.matrix_table import matrix_table
from bailiwick.report.records import matrix_record
from bailiwick.workflow import read_text
from bailiwick.workflow.first_home import Answers, first_home

_WORDS = re.compile(r"[,\s]+")


@click.command("init")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default=HOME)
@click.option("--defaults", is_flag=True, help="Ask nothing; what no option says is the usual.")
@click.option("--name", help="The home's name.")
@click.option("--uplink", help="The router's port towards the provider.")
@click.option("--address", help="How that port gets its address: dhcp, pppoe, or the address with its prefix.")
@click.option("--gateway", help="The provider's router, for an address with a prefix.")
@click.option("--user", help="The login's name, for pppoe.")
@click.option("--ports", help="The router's ports inside, as eth1,eth2.")
@click.option("--zones", help="The networks inside, your own first, as lan,iot,guest.")
@click.option("--manage-from", help="The zone from which the router is managed.")
@FORMAT
def command(file: Path, defaults: bool, form: str, **given: str | None) -> Status:
    """Write a first home file to FILE from five questions, and print its matrix. An existing file is left alone."""
    if file.exists():
        raise click.UsageError(f"{file} exists; it is left as it is.")
    text = first_home(_ask(given, silent=defaults or form == "json"))
    answer = Answer("init", file, form == "json")
    return answered(answer, lambda: _write(answer, text))


def _write(answer: Answer, text: str) -> Status:
    # Read before it is written: an answer that cannot stand in a home file leaves no file behind.
    home = read_text(str(answer.file), text, date.today())
    with answer.file.open("x", encoding="utf-8") as out:
        out.write(text)
    answer.diagnostics(home.warnings, home.document.sources)
    matrix = mean(home.network).matrix()
    answer.data(file=str(answer.file), matrix=matrix_record(matrix))
    answer.text(f"{answer.file} is written. Who reaches what:\n\n{matrix_table(matrix, screen())}")
    return Status.HOLDS


def _ask(given: dict[str, str | None], silent: bool) -> Answers:
    usual = Answers()

    def ask(key: str, question: str, default: str) -> str:
        value = given[key]
        if value is None:
            value = default if silent else click.prompt(question, default=default or None, err=True)
        return value.strip()

    name = ask("name", "What is your home called?", usual.name)
    uplink = ask("uplink", "Which port of the router leads to the provider?", usual.uplink)
    address = ask("address", "How does it get its address: dhcp, pppoe, or the address itself?", usual.address)
    gateway = user = ""
    if address == "pppoe":
        user = ask("user", "What is the login's name?", "me@provider.example" if silent else "")
    elif address != "dhcp":
        gateway = ask("gateway", "And what is the provider's router?", "")
    ports = _list(ask("ports", "Which ports lead inside?", ",".join(usual.ports)))
    zones = _list(ask("zones", "Which networks are inside, your own first? (lan, iot, guest, dmz, …)", "lan"))
    if not ports or not zones:
        raise click.UsageError("A home has at least one port and one zone inside.")
    manager = "mgmt" if "mgmt" in zones else zones[0]
    manage_from = ask("manage_from", "From which of them is the router managed?", manager)
    if manage_from not in zones:
        raise click.UsageError(f"{manage_from} is none of the zones: {', '.join(zones)}.")
    return Answers(name, uplink, address, gateway, user, ports, zones, manage_from)


def _list(text: str) -> tuple[str, ...]:
    return tuple(word for word in _WORDS.split(text) if word)
