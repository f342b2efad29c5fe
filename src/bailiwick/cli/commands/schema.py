"""``bailiwick schema``: the home file's JSON Schema."""

from __future__ import annotations

import json

import click

from bailiwick.cli.status import Status
from bailiwick.language.json_schema import json_schema


@click.command("schema")
def command() -> Status:
    """Print the home file's JSON Schema, for an editor that completes and checks while you type.

    In VS Code with the YAML extension: write the output beside your file as schema.json, and start the file with
    the line: # yaml-language-server: $schema=schema.json
    """
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return Status.HOLDS
