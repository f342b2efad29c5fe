"""Conversations through a router whose rules change under them: those refused end, the others lose nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Collection

import pytest

from bailiwick.agent.connections import ended
from bailiwick.twin.scene.namespaces import run_in, within
from tests.agent.reconcile.lab import GATE, OUTSIDE, PATIENCE, PUBLIC, SERVER, Lab, Talk, silent

pytestmark = pytest.mark.real

OPEN = ("lan -> dmz: tcp/8000, tcp/8001, udp/8000, udp/8001", "lan -> router: ssh", "lan, dmz -> internet: any")
CLOSED = ("lan -> dmz: tcp/8001, udp/8001", "lan, dmz -> internet: any")
DOORS = """
forward:
  web: {service: tcp/8443, to: server}
  game: {service: udp/8443, to: server}
"""


def ended_table(lab: Lab) -> bool:
    return "bailiwick_ended" in run_in(lab.router, "nft", "list", "tables")


def live(talks: dict[str, Talk], but: Collection[str] = ()) -> None:
    """All of them go on, both ways, and of those in ``but`` nothing passes any more."""
    for name in but:
        talks[name].speak()
    for name in talks.keys() - set(but):
        assert talks[name].alive, f"{name} does not go on"
    assert silent([talks[name] for name in but]), f"one of {but} goes on"


def test_what_the_new_rules_refuse_ends_and_the_rest_goes_on(lab: Lab) -> None:
    lab.load(*OPEN, rest=DOORS)
    talks = {
        "refused": lab.tcp(lab.lan, lab.dmz, SERVER, 8000),
        "refused datagrams": lab.udp(lab.lan, lab.dmz, SERVER, 8000),
        "accepted": lab.tcp(lab.lan, lab.dmz, SERVER, 8001),
        "accepted datagrams": lab.udp(lab.lan, lab.dmz, SERVER, 8001),
        "masqueraded": lab.tcp(lab.lan, lab.world, OUTSIDE, 443),
        "masqueraded datagrams": lab.udp(lab.lan, lab.world, OUTSIDE, 443),
        "to the router": lab.tcp(lab.lan, lab.router, GATE, 22),
        "from the router": lab.tcp(lab.router, lab.world, OUTSIDE, 53),
        "a door": lab.tcp(lab.world, lab.dmz, PUBLIC, 8443, (SERVER, 8443)),
        "a door's datagrams": lab.udp(lab.world, lab.dmz, PUBLIC, 8443, (SERVER, 8443)),
    }
    live(talks)

    untouched = lab.reconcile()
    assert (untouched.ended, untouched.unknown, untouched.kept) == ((), (), len(talks))
    assert not ended_table(lab)
    live(talks)

    lab.load(*CLOSED)
    live(talks)  # rules alone end nothing
    found = lab.reconcile()
    gone = {"refused", "refused datagrams", "to the router", "a door", "a door's datagrams"}
    assert (len(found.ended), len(found.unknown), found.kept) == (len(gone), 0, len(talks) - len(gone))
    live(talks, gone)
    assert lab.reconcile().ended == ()


def test_the_way_back(lab: Lab) -> None:
    """What the new rules allowed and the old refuse ends when the old come back; what both allow never notices."""
    lab.load(*CLOSED)
    both = lab.tcp(lab.lan, lab.dmz, SERVER, 8001)
    lab.load(*OPEN, rest=DOORS)
    lab.reconcile()
    meanwhile = {
        "refused": lab.tcp(lab.lan, lab.dmz, SERVER, 8000),
        "a door": lab.tcp(lab.world, lab.dmz, PUBLIC, 8443, (SERVER, 8443)),
    }
    lab.load(*CLOSED)
    assert len(lab.reconcile().ended) == 2
    live({**meanwhile, "both": both}, meanwhile)


def test_a_stream_that_is_accepted_loses_no_byte(lab: Lab) -> None:
    lab.load(*OPEN)
    talk = lab.tcp(lab.lan, lab.dmz, SERVER, 8001)
    said = heard = b""
    for turn in range(30):
        word = bytes([turn]) * 1000
        talk.caller.sendall(word)
        said += word
        if turn % 10 == 5:
            lab.load(*(CLOSED if turn % 20 == 5 else OPEN))
            lab.reconcile()
        while len(heard) < len(said):
            more = talk.answerer.recv(65536)
            assert more
            heard += more
    assert heard == said


def test_far_ends_bring_nothing_back(lab: Lab) -> None:
    """The server may open connections to the world: in the middle of one it might seem to begin one."""
    lab.load(*OPEN, rest=DOORS)
    door = lab.tcp(lab.world, lab.dmz, PUBLIC, 8443, (SERVER, 8443))
    game = lab.udp(lab.world, lab.dmz, PUBLIC, 8443, (SERVER, 8443))
    lab.load(*CLOSED)
    lab.reconcile()
    for talk in (door, game):
        talk.answerer.send(b"still there?")
    door.answerer.settimeout(PATIENCE)
    with pytest.raises(ConnectionResetError):
        door.answerer.recv(1)  # told at once, so that no program waits for a quarter of an hour
    assert silent([door, game])
    assert ended_table(lab)
    again = lab.tcp(lab.dmz, lab.world, OUTSIDE, 443)
    assert again.alive, "the server may open new ones"


@pytest.mark.parametrize("near", [True, False])
def test_a_real_beginning_passes(lab: Lab, *, near: bool) -> None:
    """Between the same ports as before: from the far end, and from the near one once the rules allow it again."""
    lab.load(*OPEN, rest=DOORS)
    door = lab.tcp(lab.world, lab.dmz, PUBLIC, 8443, (SERVER, 8443))
    port = door.caller.getsockname()[1]
    lab.load(*CLOSED)
    lab.reconcile()
    assert door.dead
    hang_up(door)
    if near:
        lab.load(*OPEN, rest=DOORS)
        lab.reconcile()
        again = lab.tcp(lab.world, lab.dmz, PUBLIC, 8443, (SERVER, 8443), source=port)
    else:
        again = lab.tcp(lab.dmz, lab.world, "9.8.7.1", port, source=8443)
    assert again.alive
    assert ended_table(lab), "what was ended stays so"
    hang_up(again)


def hang_up(talk: Talk) -> None:
    """At once, so that the ports are free again."""
    for one in (talk.caller, talk.answerer):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        one.close()


def test_a_hairpin(lab: Lab) -> None:
    """From the server's own zone and from another, through the uplink's address."""
    lab.load(*OPEN, "lan -> dmz: tcp/8443", rest=DOORS)
    talks = {
        "lan": lab.tcp(lab.lan, lab.dmz, PUBLIC, 8443, (SERVER, 8443)),
        "own": lab.tcp(lab.dmz, lab.dmz, PUBLIC, 8443, (SERVER, 8443)),
    }
    assert lab.reconcile().kept == 2
    live(talks)
    lab.load(*OPEN, rest=DOORS)
    assert len(lab.reconcile().ended) == 1
    live(talks, ["lan"])
    lab.load(*OPEN)
    assert len(lab.reconcile().ended) == 1
    live(talks, talks)


def test_another_translation(lab: Lab) -> None:
    """A door that leads to another port now: the old conversation ends, though the new rules accept its ends."""
    lab.load(*OPEN, rest=DOORS)
    door = lab.tcp(lab.world, lab.dmz, PUBLIC, 8443, (SERVER, 8443))
    lab.load(*OPEN, rest="forward:\n  web: {service: tcp/8443, to: server, port: 9443}\n")
    assert len(lab.reconcile().ended) == 1
    assert door.dead


def test_without_our_rules_nothing_of_ours_is_left(lab: Lab) -> None:
    lab.load(*OPEN, rest=DOORS)
    lab.tcp(lab.world, lab.dmz, PUBLIC, 8443, (SERVER, 8443))
    lab.load(*CLOSED)
    lab.reconcile()
    assert ended_table(lab)
    run_in(lab.router, "nft", "delete", "table", "inet", "bailiwick")
    lab.reconcile()
    assert not ended_table(lab)


def test_many_idle_connections(lab: Lab) -> None:
    lab.load(*OPEN)
    talks = [lab.tcp(lab.lan, lab.dmz, SERVER, 8000 + turn % 2) for turn in range(400)]
    with within(lab.lan):
        caller = socket.socket(type=socket.SOCK_DGRAM)
    with caller:
        for port in range(1000, 1600):
            caller.sendto(b"?", (OUTSIDE, port))
    lab.load(*CLOSED)
    found = lab.reconcile()
    assert (len(found.ended), found.kept, found.unknown) == (200, 800, ())
    assert {one.original.destination_port for one in found.ended} == {8000}
    by_turn = {str(turn): talk for turn, talk in enumerate(talks)}
    live(by_turn, [str(turn) for turn in range(0, 400, 2)])


def test_rules_that_nobody_can_read(lab: Lab) -> None:
    """A translation of somebody else's, at times: the kernel judges, and nothing that it accepts is lost."""
    lab.load(*OPEN)
    talk = lab.tcp(lab.lan, lab.dmz, SERVER, 8001)
    refused = lab.tcp(lab.lan, lab.dmz, SERVER, 8000)
    never = "ip saddr 192.168.11.0/24 limit rate over 1000000/second redirect"
    odd = f"table ip odd {{\nchain p {{\ntype nat hook prerouting priority -90;\n{never}\n}}\n}}\n"
    run_in(lab.router, "nft", "-f", "-", text=odd)
    lab.load(*CLOSED)
    found = lab.reconcile()
    assert (len(found.unknown), len(found.ended), found.kept) == (1, 1, 0), "one is refused either way"
    assert talk.alive, "picked up in the middle, and accepted"
    assert refused.dead


def test_the_table_of_what_ended_reads_back(lab: Lab) -> None:
    held = [
        ended.Silenced(4, "tcp . 192.168.30.5 . 8443 . 9.9.9.9 . 5000", 1000),
        ended.Silenced(6, "udp . 2001:db8::1 . 53 . 2001:db8::2 . 53", 300),
    ]
    with within(lab.router):
        ended.hold(held)
        ruleset = json.loads(run_in(lab.router, "nft", "-j", "list", "ruleset"))
        assert ended.there(ruleset)
        assert [one._replace(seconds=0) for one in ended.standing(ruleset)] == [one._replace(seconds=0) for one in held]
        assert all(0 < new.seconds <= old.seconds for new, old in zip(ended.standing(ruleset), held, strict=True))
        ended.hold(())
    assert not ended_table(lab)
