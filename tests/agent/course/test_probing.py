"""What the device asks itself after a switch: sockets are real, in a network of their own; tools are played."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from bailiwick.agent.commands import CommandFailed
from bailiwick.agent.model import Probe
from bailiwick.agent.window import probing
from bailiwick.agent.window.probing import CannotAsk, ask, holds
from bailiwick.twin.scene.namespaces import batch, within
from bailiwick.twin.stages.contained.held import Held

UNIT = Probe("unit", "one.service")
ADDRESS = [{"addr_info": [{"local": "192.168.10.1", "prefixlen": 24}, {"local": "fe80::1", "prefixlen": 64}]}]


@dataclass
class Tools:
    """``units``: state, restarts; ``changes`` are called as the clock runs."""

    clock: float = 100.0
    state: str = "active"
    restarts: int = 0
    address: object = field(default_factory=lambda: ADDRESS)
    ways: object = field(default_factory=list)
    when: Callable[[Tools], None] = lambda tools: None

    def now(self) -> float:
        return self.clock

    def sleep(self, seconds: float) -> None:
        self.clock += seconds
        self.when(self)

    def run(self, *words: str, **_: object) -> str:
        if words[0] == "systemctl" and words[1] == "show":
            return f"ActiveState={self.state}\nNRestarts={self.restarts}\nInvocationID=a{self.restarts}\n"
        if words[0] == "systemctl":
            return "\n".join(self.state for _ in words[3:])
        return json.dumps(self.ways if "default" in words else self.address)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Tools:
    made = Tools()
    monkeypatch.setattr(probing, "run", made.run)
    return made


def asked(tools: Tools, *probes: Probe) -> tuple[list[tuple[str, bool]], tuple[str, ...]]:
    told: list[tuple[str, bool]] = []
    failed = ask(tools, probes, lambda probe, well, _: told.append((probe.what, well)))
    return told, failed


def test_a_unit_that_stays_up_for_ten_seconds_holds(tools: Tools) -> None:
    assert asked(tools, UNIT) == ([("one.service", True)], ())
    assert tools.clock == 110.0


def test_one_that_dies_within_them_does_not(tools: Tools) -> None:
    def die(now: Tools) -> None:
        now.state = "failed"

    tools.when = die
    assert asked(tools, UNIT) == ([("one.service", False)], ("one.service is failed",))


def test_nor_does_one_that_is_started_anew_again_and_again(tools: Tools) -> None:
    def restart(now: Tools) -> None:
        now.restarts += 1

    tools.when = restart
    _, failed = asked(tools, UNIT)
    assert failed == ("one.service did not stay up: it was started anew within 10 seconds",)


def test_what_need_not_hold_is_told_alone(tools: Tools) -> None:
    tools.state = "failed"
    assert asked(tools, Probe("unit", "one.service", must=False)) == ([("one.service", False)], ())


def test_units_at_this_moment(tools: Tools) -> None:
    assert probing.units_hold([UNIT, Probe("uplink", "wan")]) == ()
    tools.state = "activating"
    assert probing.units_hold([UNIT]) == ("one.service is activating",)
    assert probing.units_hold([Probe("unit", "one.service", must=False)]) == ()


def test_a_systemctl_that_fails_is_no_unit_that_is_up(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: str, **__: object) -> str:
        raise CommandFailed("`systemctl` cannot be run")

    monkeypatch.setattr(probing, "run", fails)
    assert asked(tools, UNIT)[1] == ("one.service is `systemctl` cannot be run",)
    assert probing.units_hold([UNIT]) == ("`systemctl` cannot be run",)


@pytest.mark.parametrize(
    ("at", "well"),
    [
        ("192.168.10.1/24", True),
        ("192.168.10.1", True),
        ("192.168.10.1/25", False),
        ("192.168.10.2", False),
        ("", True),
    ],
)
def test_an_interface_has_its_address(tools: Tools, at: str, well: bool) -> None:
    assert (holds(Probe("address", "eth1", at)) == "") is well


def test_a_link_local_address_alone_is_none(tools: Tools) -> None:
    tools.address = [{"addr_info": [{"local": "fe80::1", "prefixlen": 64}]}]
    assert holds(Probe("address", "eth1")) == "eth1 has an address: it has none such"


def test_what_comes_late_is_waited_for(tools: Tools) -> None:
    def lease(now: Tools) -> None:
        if now.clock >= 104:
            now.ways = [{"dev": "wan"}]

    tools.when = lease
    assert asked(tools, Probe("uplink", "wan")) == ([("wan", True)], ())
    assert tools.clock < 106


def test_but_not_for_ever(tools: Tools) -> None:
    tools.ways = [{"dev": "lan"}]
    assert asked(tools, Probe("uplink", "wan"))[1] == ("the default route leaves by wan: it does not",)
    assert 110 <= tools.clock < 112


@pytest.mark.parametrize(
    "probe", [Probe("smells", "x"), Probe("answers", "tcp", "127.0.0.1"), Probe("answers", "tcp/1", "nobody")]
)
def test_what_is_no_question_is_not_passed_over(probe: Probe) -> None:
    with pytest.raises(CannotAsk):
        holds(probe)


@pytest.fixture(scope="module")
def alone() -> Iterator[str]:
    try:
        held = Held()
    except OSError as error:
        pytest.skip(f"no network of its own: {error}")
    batch(["link set lo up"], held.path)
    yield held.path
    held.close()


@contextmanager
def answering(netns: str, kind: socket.SocketKind, port: int, answer: Callable[[bytes], bytes]) -> Iterator[None]:
    """Something at 127.0.0.1 there."""
    with within(netns), socket.socket(socket.AF_INET, kind) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the one before may wait for its end
        server.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            server.listen()

        def serve() -> None:
            try:
                if kind == socket.SOCK_STREAM:
                    server.accept()[0].close()
                else:
                    data, whence = server.recvfrom(4096)
                    server.sendto(answer(data), whence)
            except TimeoutError:
                pass

        server.settimeout(30)
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def reply(flags: int, answers: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:2] + flags.to_bytes(2, "big") + data[4:6] + answers.to_bytes(2, "big") + data[8:]


@pytest.mark.real
@pytest.mark.parametrize(
    ("flags", "answers", "well"),
    [(0x8180, 1, True), (0x8180, 0, False), (0x8183, 1, False), (0x0100, 1, False)],
    ids=["an answer", "no records", "no such name", "an echo"],
)
def test_a_resolver_is_asked(alone: str, flags: int, answers: int, well: bool) -> None:
    with answering(alone, socket.SOCK_DGRAM, 53, reply(flags, answers)):
        assert (holds(Probe("resolves", "nas.home.arpa", "127.0.0.1")) == "") is well


@pytest.mark.real
def test_another_questions_answer_is_none(alone: str) -> None:
    with answering(alone, socket.SOCK_DGRAM, 53, lambda data: b"\0\0" + reply(0x8180, 1)(data)[2:]):
        assert holds(Probe("resolves", "nas.home.arpa", "127.0.0.1")) != ""


@pytest.mark.real
def test_a_port_answers_or_is_silent(alone: str) -> None:
    answers, silent = Probe("answers", "tcp/8443", "127.0.0.1"), Probe("silent", "tcp/8443", "127.0.0.1")
    with answering(alone, socket.SOCK_STREAM, 8443, lambda data: data):
        assert holds(answers) == ""
    with answering(alone, socket.SOCK_STREAM, 8443, lambda data: data):
        assert holds(silent) == "127.0.0.1 is silent on tcp/8443: it answers"
    with within(alone):
        assert holds(answers) == "127.0.0.1 answers on tcp/8443: it does not"
        assert holds(silent) == ""
    with answering(alone, socket.SOCK_DGRAM, 123, lambda data: b"x"):
        assert holds(Probe("answers", "udp/123", "127.0.0.1")) == ""
