"""What conntrack is asked: the words one by one, and the whole match held against the kernel's own procedure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random

import pytest

from bailiwick.dataplane.iptables.names import WITH_PORTS
from bailiwick.dataplane.rules import Accept, Among, AnyOf, Step, Unknown
from bailiwick.packets.header import Direction, State, Status
from tests.dataplane.iptables.rules_of import is_in, steps_of

TRACKED = is_in("state", (0, 2))
NEW = is_in("state", State.NEW)


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        ("-m state --state NEW", [NEW]),
        ("-m state --state ! NEW", [is_in("state", 0, negated=True)]),
        ("-m conntrack --ctstate RELATED,ESTABLISHED", [is_in("state", 1, 2)]),
        ("-m conntrack ! --ctstate INVALID,UNTRACKED", [is_in("state", 3, 4, negated=True)]),
        ("-m conntrack --ctstate DNAT", [TRACKED, is_in("status", Status.DNAT, mask=Status.DNAT)]),
        ("-m conntrack --ctstate NEW,DNAT", [AnyOf(((NEW,), (TRACKED, is_in("status", 1, mask=1))))]),
        ("-m conntrack ! --ctstate SNAT,DNAT", [AnyOf(((TRACKED, is_in("status", 1, 2, 3, mask=3)),), negated=True)]),
        ("-m conntrack --ctstatus CONFIRMED", [TRACKED, is_in("status", 4, mask=4)]),
        ("-m conntrack --ctstatus NONE", [TRACKED, is_in("protocol")]),
        ("-m conntrack --ctdir REPLY", [TRACKED, is_in("direction", 1)]),
        ("-p tcp -m conntrack --ctstate NEW --ctproto 6", [is_in("protocol", 6), NEW, is_in("protocol", 6)]),
        (
            "-p udp -m conntrack --ctstate NEW --ctorigsrcport 68",
            [
                is_in("protocol", 17),
                NEW,
                is_in("direction", 0),
                Among("protocol", WITH_PORTS),
                is_in("source_port", 68),
            ],
        ),
    ],
)
def test_words(rule: str, steps: list[Step]) -> None:
    assert steps_of(f"{rule} -j ACCEPT") == (*steps, Accept())


def test_a_new_packet_that_no_nat_has_touched_is_asked_itself() -> None:
    """The form that a router at somebody's home has in every line."""
    asked = steps_of("-m conntrack --ctstate NEW --ctproto 17 --ctorigdstport 67 -j ACCEPT")[2]
    assert isinstance(asked, AnyOf)
    assert asked.options[0] == (
        is_in("direction", 0),
        is_in("status", 0, mask=1),
        Among("protocol", WITH_PORTS),
        is_in("destination_port", 67),
    )
    assert [type(tests[-1]) for tests in asked.options] == [Among, Unknown]


# ---- against conntrack_mt, written down again from xt_conntrack.c for whole tuples


@dataclass(frozen=True)
class Seen:
    """A packet, and the tuples of its connection as (source, destination, source port, destination port)."""

    state: State
    direction: Direction
    status: int
    protocol: int
    header: tuple[int, int, int, int]
    original: tuple[int, int, int, int]
    reply: tuple[int, int, int, int]
    connection_protocol: int


def packets() -> Iterator[Seen]:
    """As the filter table sees them: after destination NAT, before source NAT; replies the other way round."""
    for state, direction, dnat, snat, protocol, error in product(
        State, Direction, (False, True), (False, True), (6, 17), (False, True)
    ):
        if (state is State.NEW and direction is Direction.REPLY) or (error and state is not State.RELATED):
            continue
        if state in (State.INVALID, State.UNTRACKED) and (dnat or snat):
            continue
        for source, destination, port in product((1, 2), (1, 2), (22, 80)):
            original = (source, destination, 1000, port)
            server = (9, 8080) if dnat else (destination, port)
            client = (8, 2000) if snat else (source, 1000)
            reply = (server[0], client[0], server[1], client[1])
            header = (source, server[0], 1000, server[1])
            if direction is Direction.REPLY:
                header = (server[0], source, server[1], 1000)
            if error:  # sent by some router on the way, to whichever end
                header = (7, source, 0, 0)
            status = Status.DNAT * dnat | Status.SNAT * snat
            yield Seen(state, direction, status, 1 if error else protocol, header, original, reply, protocol)


WANTED = {"ctorigsrc": 0, "ctorigdst": 1, "ctorigsrcport": 2, "ctorigdstport": 3}
WANTED_REPLY = {"ctreplsrc": 0, "ctrepldst": 1, "ctreplsrcport": 2, "ctrepldstport": 3}


def kernel(seen: Seen, options: list[tuple[str, str, bool]]) -> bool:
    connected = seen.state in (State.NEW, State.ESTABLISHED, State.RELATED)
    stated = False
    for name, value, negated in options:
        if name == "ctstate":
            stated = True
            held = seen.state.name in value.split(",")
            held |= connected and bool(seen.status & Status.DNAT) and "DNAT" in value.split(",")
            held |= connected and bool(seen.status & Status.SNAT) and "SNAT" in value.split(",")
            if held is negated:
                return False
    if not connected:
        return stated
    for name, value, negated in options:
        if name == "ctproto":
            held = seen.connection_protocol == int(value)
        elif name == "ctdir":
            held = seen.direction.name == value
        elif name in WANTED:
            held = seen.original[WANTED[name]] == number(value)
        elif name in WANTED_REPLY:
            held = seen.reply[WANTED_REPLY[name]] == number(value)
        else:
            continue
        if held is negated:
            return False
    return True


def number(text: str) -> int:
    return int(text.rpartition(".")[2])


def reader(steps: tuple[Step, ...], seen: Seen) -> tuple[bool, bool]:
    """Whether the steps certainly and possibly hold."""
    must = may = True
    for step in steps:
        if isinstance(step, AnyOf):
            each = [reader(tests, seen) for tests in step.options]
            held = (any(sure for sure, _ in each), any(maybe for _, maybe in each))
            if step.negated:
                held = (not held[1], not held[0])
        elif isinstance(step, Unknown):
            held = (False, True)
        else:
            assert isinstance(step, Among)
            value = field(seen, step.field)
            one = ((value if step.mask is None else value & step.mask) in step.values) is not step.negated
            held = (one, one)
        must, may = must and held[0], may and held[1]
    return must, may


def field(seen: Seen, name: str) -> int:
    source, destination, source_port, destination_port = seen.header
    return {
        "state": seen.state, "status": seen.status, "direction": seen.direction, "protocol": seen.protocol,
        "source": 0x0A000000 + source, "destination": 0x0A000000 + destination,
        "source_port": source_port, "destination_port": destination_port,
    }[name]  # fmt: skip


def some_options(random: Random) -> list[tuple[str, str, bool]]:
    options = []
    if random.random() < 0.7:
        states = random.sample(("NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED", "DNAT", "SNAT"), 2)
        options.append(("ctstate", ",".join(states), random.random() < 0.4))
    names = [*WANTED, *WANTED_REPLY, "ctproto", "ctdir"]
    for name in random.sample(names, random.randint(0 if options else 1, 2)):
        if name == "ctdir":
            options.append((name, random.choice(("ORIGINAL", "REPLY")), False))
            continue
        choices = ("22", "80", "8080", "1000", "2000") if name.endswith("port") else ("10.0.0.1", "10.0.0.9")
        value = random.choice(("6", "17") if name == "ctproto" else choices)
        options.append((name, value, random.random() < 0.4))
    return options


@pytest.mark.parametrize("share", [0, *(pytest.param(n, marks=pytest.mark.deep) for n in range(1, 10))])
def test_the_match_holds_where_the_kernel_says_so(share: int) -> None:
    seen = list(packets())
    certain = total = 0
    for seed in range(share * 50, share * 50 + 50):
        options = some_options(Random(seed))
        words = " ".join(f"{'! ' * negated}--{name} {value}" for name, value, negated in options)
        steps = steps_of(f"-m conntrack {words} -j ACCEPT")[:-1]
        for packet in seen:
            must, may = reader(steps, packet)
            held = kernel(packet, options)
            assert must <= held <= may, (words, packet)
            certain += must is may
            total += 1
    assert certain > total * 0.6  # an unknown everywhere would be right, too


@pytest.mark.parametrize("option", ["ctorigsrc 10.0.0.1", "ctreplsrc 10.0.0.1", "ctorigsrc 10.0.0.0/8"])
def test_a_filter_stands_between_the_two_nats(option: str) -> None:
    """After destination and before source NAT these addresses are the packet's own, NAT or not; not so in mangle."""
    asked = f"-m conntrack --ctstate NEW,ESTABLISHED --{option} -j ACCEPT"
    assert "Unknown" not in repr(steps_of(asked))
    assert "Unknown" in repr(steps_of(asked, table="mangle"))
