from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bailiwick.language import Diagnostic, Document, Problems, load, loads

ROOT = Path(__file__).parents[2]
HOME = "name: home\nzones:\n  lan: {subnet: 192.168.40.0/24}\n"


def refused(files: dict[str, str]) -> tuple[Diagnostic, ...]:
    with pytest.raises(Problems) as caught:
        loads(files)
    return caught.value.diagnostics


def test_both_examples_are_read() -> None:
    one, apps = (load(ROOT / f"examples/{name}.yaml") for name in ("one-router", "public-apps"))
    assert one.home.dns.cache == 2000
    assert one.home.zones["lan"].dhcp is not None
    assert one.home.zones["lan"].dhcp.lease == 12 * 3600
    assert apps.home.uplinks["wan"].pppoe is not None
    assert apps.home.uplinks["wan"].pppoe.password.name == "pppoe"
    assert apps.home.hosts["gate"].ports["eth1"].link == "hv/ens1"
    assert apps.home.hosts["gate"].ports["eth3"].link == "ap/uplink"
    assert len(apps.lists["cloudflare"]) == 15


def test_every_place_is_where_its_text_stands() -> None:
    document = load(ROOT / "examples/public-apps.yaml")
    lines = document.sources[str(ROOT / "examples/public-apps.yaml")].split("\n")
    for path, span in document.spans.keys.items():
        assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == path[-1]
    aliases = document.spans.value("hosts", "cloud", "aliases", 0)
    assert lines[aliases.line - 1][aliases.column - 1 : aliases.end_column - 1] == "files"


def test_a_default_points_at_what_was_written() -> None:
    spans = loads({"home.yaml": HOME}).spans
    assert str(spans.value("zones", "lan", "dhcp", "lease")) == "home.yaml:3:8"
    assert str(spans.value("dns", "cache")) == "home.yaml:1:1"


def test_includes_join_sections_and_lists() -> None:
    document = loads(
        {
            "net/home.yaml": f"include: [zones/iot.yaml]\n{HOME}"
            "policy:\n  - lan -> internet: web\ntests:\n  deny: []\n",
            "net/zones/iot.yaml": "include: ../more.yaml\nzones:\n  iot: {subnet: 192.168.50.0/24}\n"
            "policy:\n  - iot -> internet: any\ntests: {deny: [iot -> lan: any]}\ngroups: {a: {file: a.txt}}\n",
            "net/more.yaml": "zones:\n  dmz: {subnet: 192.168.60.0/24}\n",
            "net/zones/a.txt": "\ufeff10.0.0.1 # one\n\n10.1.0.0/16\r\n10.2.0.1-10.2.0.9\n",
        },
        "net/home.yaml",
    )
    assert list(document.home.zones) == ["lan", "iot", "dmz"]
    assert [str(s) for s in document.home.policy] == ["lan -> internet: web", "iot -> internet: any"]
    assert len(document.home.tests.deny) == 1
    assert document.spans.key("zones", "dmz").file == "net/more.yaml"
    assert [(n.text, str(n.span)) for n in document.lists["a"]] == [
        ("10.0.0.1", "net/zones/a.txt:1:1"),
        ("10.1.0.0/16", "net/zones/a.txt:3:1"),
        ("10.2.0.1-10.2.0.9", "net/zones/a.txt:4:1"),
    ]


def test_short_forms_are_written_out() -> None:
    home = loads(
        {
            "home.yaml": HOME
            + "hosts:\n  r: {ports: {e0: lan, e1: 'lan, iot', e2: [iot], e3: sw/1, e4: {native: lan}}}\n"
            "groups: {a: lan, b: 10.0.0.0/8, c: [a, b]}\nservices: {s: tcp/1, t: [tcp/1, udp/2], u: 'tcp/3, tcp/4'}\n"
            "dns: {upstreams: 9.9.9.9, force: lan}\n"
        }
    ).home
    ports = home.hosts["r"].ports
    assert (ports["e0"].zone, ports["e1"].trunk, ports["e2"].trunk) == ("lan", ("lan", "iot"), ("iot",))
    assert (ports["e3"].link, ports["e4"].native) == ("sw/1", "lan")
    assert [home.groups[g].members for g in "abc"] == [("lan",), ("10.0.0.0/8",), ("a", "b")]
    assert home.services == {"s": ("tcp/1",), "t": ("tcp/1", "udp/2"), "u": ("tcp/3", "tcp/4")}
    assert home.dns.upstreams == ("9.9.9.9",)


def test_what_yaml_would_guess_is_text() -> None:
    home = loads(
        {
            "home.yaml": "name: no\nzones:\n  on: {subnet: 192.168.40.0/24, dhcp: {range: .10-.20}}\n"
            "hosts:\n  null: {zone: on, address: .10, mac: 12:34:56:10:20:30}\n"
        }
    ).home
    assert home.name == "no"
    assert home.hosts["null"].address == ".10"
    assert home.hosts["null"].mac == "12:34:56:10:20:30"


def test_an_alias_repeats_a_value() -> None:
    text = "name: home\nzones:\n  lan: {subnet: 10.1.0.0/24, dhcp: &d {range: .5-.9}}\n"
    text += "  iot: {subnet: 10.2.0.0/24, dhcp: *d}\n"
    zones = loads({"home.yaml": text}).home.zones
    assert zones["lan"].dhcp == zones["iot"].dhcp


def test_aliases_cannot_grow_without_end() -> None:
    layers = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
    found = refused({"home.yaml": f"name: home\na0: &a0 [x]\n{layers}groups: {{g: *a29}}\n"})
    assert {d.code for d in found} == {"unknown-key", "value-shape"}


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
@pytest.mark.parametrize("depth", [50, 900, 200_000])
def test_any_depth_is_refused_and_never_a_traceback(opening: str, depth: int) -> None:
    assert refused({"home.yaml": f"name: home\nzones:\n  {opening * depth}"})


def test_a_large_file_is_not_a_deep_one() -> None:
    hosts = "".join(f"  h{i}: {{zone: lan, address: .{i % 250}}}\n" for i in range(1500))
    assert len(loads({"home.yaml": f"{HOME}hosts:\n{hosts}"}).home.hosts) == 1500


@pytest.mark.parametrize(
    ("raw", "code", "place"),
    [
        (b"name: home\ndomain: caf\xe9.lan\n", "file-encoding", (2, 12)),
        ("name: home\n".encode("utf-16"), "file-encoding", (1, 1)),
        (b"name: ho\x00me\n", "yaml-character", (1, 9)),
        ("name: h\u00e9 # \u5bb6\ndomain: a\x07\n".encode(), "yaml-character", (2, 10)),
        (b"", "file-empty", (1, 1)),
        (b"\xef\xbb\xbfname: home\r\nzonse: {}\r\n", "unknown-key", (2, 1)),
        (b"name: home\rzonse: {}\r", "unknown-key", (2, 1)),
        (b"#" * (17 << 20), "file-size", (1, 1)),
    ],
)
def test_bytes_that_are_no_home_file(raw: bytes, code: str, place: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_bytes(raw)
    with pytest.raises(Problems) as caught:
        load(path)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert (diagnostic.span.line, diagnostic.span.column) == place


def test_a_folder_or_nothing_is_no_home_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(Problems) as caught:
            load(path)
        assert caught.value.diagnostics[0].code == "file-missing"


def test_includes_without_end_are_refused(tmp_path: Path) -> None:
    """A folder that holds itself: each name differs, the file is the same."""
    (tmp_path / "d").symlink_to(".")
    (tmp_path / "home.yaml").write_text("include: d/home.yaml\n")
    with pytest.raises(Problems) as caught:
        load(tmp_path / "home.yaml")
    assert "include-loop" in {d.code for d in caught.value.diagnostics}


def test_problems_carry_the_text_they_quote() -> None:
    with pytest.raises(Problems) as caught:
        loads({"home.yaml": "include: b.yaml\nname: home\n", "b.yaml": "zonse: {}\n"})
    assert set(caught.value.sources) == {"home.yaml", "b.yaml"}


def test_each_mistake_is_told_once() -> None:
    found = refused(
        {"home.yaml": "name: home\ngroups:\n  a: [x y, 'b c']\nhosts:\n  h: {zone: [1], address: {}, mac: 5}\n"}
    )
    assert len({d.span for d in found}) == len(found) == 5


def test_reading_is_deterministic() -> None:
    first, second = (load(ROOT / "examples/public-apps.yaml") for _ in range(2))
    assert isinstance(first, Document)
    assert first == second


def test_pydantic_is_fetched_on_first_use_alone() -> None:
    """A command that reads no home file does not wait for it."""
    code = "import sys, bailiwick.language, bailiwick.language.rendering; sys.exit('pydantic' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
