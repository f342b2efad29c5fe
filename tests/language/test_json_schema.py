from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bailiwick.language import Problems, loads
from bailiwick.language.json_schema import json_schema
from tests.cases.blocks import input_files

ROOT = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft7Validator(json_schema())


class EditorsLoader(yaml.SafeLoader):
    """YAML as an editor reads it: 1.2's core types, `!secret` known as a custom tag."""


EditorsLoader.add_constructor("!secret", lambda loader, node: str(node.value))
EditorsLoader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if not tag.endswith((":timestamp", ":merge"))]
    for first, forms in copy.deepcopy(yaml.SafeLoader.yaml_implicit_resolvers).items()
}


class TextLoader(yaml.BaseLoader):
    """Every leaf as text."""


def faults(value: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(value)]


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema())


@pytest.mark.parametrize("loader", [EditorsLoader, TextLoader])
@pytest.mark.parametrize("name", ["one-router", "public-apps"])
def test_the_examples_are_valid(name: str, loader: type[yaml.SafeLoader]) -> None:
    text = (ROOT / f"examples/{name}.yaml").read_text(encoding="utf-8")
    assert faults(yaml.load(text, loader)) == []


GOOD = """
name: home
uplinks: {wan: {interface: router/eth0, address: dhcp}}
zones: {lan: {subnet: 192.168.40.0/24, vlan: 40, isolate: no}}
hosts: {router: {router: linux, ports: {eth1: [lan], eth2: sw/1, eth3: {zone: lan}}}}
groups: {a: lan, b: [lan, 10.0.0.1], c: {members: lan, file: list.txt}}
policy:
"""


@pytest.mark.parametrize(
    "sentence",
    [
        "lan -> internet: web",
        "lan, a except b -> internet: any except udp/443",
        "lan -> internet: [web, mail]",
        "lan -> internet: {services: web, log: yes, expires: 2027-01-31, comment: why}",
        "{from: lan, to: [internet, b], services: web}",
    ],
)
def test_what_the_reader_takes_is_valid(sentence: str) -> None:
    text = f"{GOOD}  - {sentence}\n"
    loads({"home.yaml": text, "list.txt": "10.0.0.1"})
    assert faults(yaml.load(text, EditorsLoader)) == []
    assert faults(yaml.load(text, TextLoader)) == []


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("subnet", "subnett"),
        GOOD.replace("192.168.40.0/24", "lan"),
        GOOD.replace("zones:", "zoness:"),
        GOOD + "  - lan -> internet\n",
        GOOD + "  - lan => internet: web\n",
        GOOD + "  - lan -> iot -> internet: web\n",
        GOOD + "  - lan -> internet: {log: yes}\n",
        GOOD + "  lan -> internet: web\n",
        GOOD + "platform: debian-14\n",
        GOOD.replace("interface: router/eth0, ", ""),
    ],
)
def test_a_mistake_is_not(text: str) -> None:
    with pytest.raises(Problems):
        loads({"home.yaml": text, "list.txt": "10.0.0.1"})
    assert faults(yaml.load(text, EditorsLoader))


def test_an_included_file_is_a_part() -> None:
    assert faults({"zones": {"lan": {"subnet": "192.168.40.0/24"}}}) == []


def test_what_the_schema_refuses_the_reader_refuses() -> None:
    """Never a false alarm in the editor: over every case, the schema is the more lenient of the two."""
    compared = 0
    for path in sorted((ROOT / "tests/cases").rglob("*.md")):
        files = input_files(path.read_text(encoding="utf-8"))
        if "home.yaml" not in files:
            continue  # The audit's cases are configurations without a home file.
        try:
            value = yaml.load(files["home.yaml"], TextLoader)
        except yaml.YAMLError:
            continue
        if faults(value):
            compared += 1
            with pytest.raises(Problems):
                loads(files)
    assert compared > 20
