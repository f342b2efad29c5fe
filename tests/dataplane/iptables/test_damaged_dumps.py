"""Whatever is in a dump: every line has its place in the account, and no rule is lost in silence."""

from __future__ import annotations

from random import Random

import pytest

from bailiwick.dataplane.iptables import NotIptables, Reading, read, read_sets
from bailiwick.dataplane.rules import AnyOf, Goto, Jump, Unknown, Whatever
from tests.dataplane.iptables.dumps import Writer, damaged
from tests.dataplane.iptables.real_dumps import REAL, text_of

SETS = """create hosts hash:ip family inet hashsize 1024 maxelem 65536 timeout 300 comment
add hosts 10.0.0.1 timeout 20 comment "the \\"first\\""
create ports bitmap:port range 0-65535
add ports 80-90
create web hash:ip,port family inet hashsize 1024 maxelem 65536
add web 10.0.0.1,tcp:80
add web 10.0.0.1,icmp:8/0
create nets hash:net family inet hashsize 1024 maxelem 65536
add nets 10.0.0.0/8
add nets 10.1.0.0/16 nomatch
create all list:set size 8
add all nets
add all hosts
"""
ASKING = """*filter
:INPUT DROP [0:0]
-A INPUT -m set --match-set hosts src -j ACCEPT
-A INPUT -m set ! --match-set web src,dst -j ACCEPT
-A INPUT -m set --match-set all src -j ACCEPT
-A INPUT -m set --match-set ports dst -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j SET --add-set hosts src --timeout 60
COMMIT
"""


def sound(reading: Reading, text: str) -> None:
    """What must hold of every reading."""
    tally = reading.tally
    assert tally.adds_up
    assert tally.lines == len(text.removesuffix("\n").split("\n"))
    told = {line.number for line, _ in tally.unknown}
    left_out = {line.number for line, _ in (*tally.unknown, *tally.ignored)}
    rules = [rule for table in reading.tables for chain in table.chains.values() for rule in chain.rules]
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        if line.strip().startswith("-A") and number not in left_out:
            assert any(rule.line.number == number for rule in rules), line
    for table in reading.tables:
        for chain in table.chains.values():
            for rule in chain.rules:
                for step in rule.steps:
                    if isinstance(step, Jump | Goto):
                        assert table.chains[step.chain].hook is None
                    if isinstance(step, Whatever):
                        assert rule.line.number in told or rule.line.text.startswith(":")
                if rule.steps and isinstance(rule.steps[-1], Jump | Goto) and uncertain(rule.steps):
                    assert rule.line.number in told


def uncertain(steps: tuple[object, ...]) -> bool:
    return any(
        isinstance(step, Unknown) or (isinstance(step, AnyOf) and any(uncertain(tests) for tests in step.options))
        for step in steps
    )


def origin(random: Random) -> str:
    """A dump of ours, one that people use, two glued together, one with Windows line ends."""
    made = Writer(random, random.choice((4, 6))).dump(rules=4)
    match random.randrange(8):
        case 0:
            return made + Writer(random, random.choice((4, 6))).dump(rules=3)
        case 1:
            return made.replace("\n", "\r\n")
        case 2:
            return ASKING
        case 3 if REAL:
            lines = text_of(random.choice(REAL)).split("\n")
            start = random.randrange(len(lines))
            return "\n".join(["*filter", ":FORWARD DROP [0:0]", *lines[start : start + 12], "COMMIT", ""])
    return made


def tried(seed: int) -> None:
    random = Random(seed)
    text = damaged(origin(random), random)
    kept = damaged(SETS, random)
    sets = read_sets(kept)
    assert sets.tally.adds_up, kept
    try:
        reading = read(text, "dump", random.choice((None, 4, 6)), sets)
    except NotIptables as error:
        assert not any(line.strip().startswith("*") for line in text.split("\n"))
        assert str(error).startswith("dump:1: ")
        return
    sound(reading, text)


@pytest.mark.parametrize("share", range(4))
def test_a_damaged_dump_is_read_to_its_end(share: int) -> None:
    for seed in range(share * 500, (share + 1) * 500):
        tried(seed)


@pytest.mark.deep
@pytest.mark.parametrize("share", range(100))
def test_a_hundred_thousand_damaged_dumps_are_read_to_their_ends(share: int) -> None:
    for seed in range(1_000_000 + share * 1000, 1_000_000 + (share + 1) * 1000):
        tried(seed)


def test_a_text_without_tables_is_refused_with_its_place() -> None:
    for text in ("", "\n", "hello", "# a comment\n-A INPUT -j ACCEPT\n"):
        with pytest.raises(NotIptables, match=r"^rules:1: ") as caught:
            read(text, "rules")
        assert caught.value.line.file == "rules"
