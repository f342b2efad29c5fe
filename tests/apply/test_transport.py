"""How a command gets to a device, and what is said when it does not."""

from __future__ import annotations

import shlex
import subprocess
import time
from pathlib import Path

import pytest

from bailiwick.apply.process import run
from bailiwick.apply.transport import BadAddress, Cut, Ended, Local, Ssh, Unreachable, transport_to
from bailiwick.apply.transport.way import as_root

WORDS = ("python3", "-I", "/var/lib/bailiwick/agent/ab.pyz", "facts")


def after(argv: tuple[str, ...], option: str) -> list[str]:
    return [argv[number + 1] for number, word in enumerate(argv) if word == option]


def test_ssh_asks_nobody_unless_somebody_is_there() -> None:
    assert "BatchMode=yes" in after(Ssh("gate").argv(WORDS, False), "-o")
    assert "BatchMode=yes" not in after(Ssh("gate", interactive=True).argv(WORDS, False), "-o")


def test_a_fresh_connection_shares_none() -> None:
    shared = Ssh("gate").argv(WORDS, False)
    fresh = Ssh("gate").argv(WORDS, True)

    assert not {"ControlMaster=no", "ControlPath=none"} & set(shared)
    assert {"ControlMaster=no", "ControlPath=none"} <= set(fresh)


def test_another_configuration_is_named_and_the_address_stands_after_the_options() -> None:
    argv = Ssh("me@gate", Path("/tmp/config")).argv(WORDS, False)

    assert after(argv, "-F") == ["/tmp/config"]
    assert argv[-3:-1] == ("--", "me@gate")


@pytest.mark.parametrize("address", ["", "-oProxyCommand=x", "a b", "a\nb", "a\0b"])
def test_an_address_that_ssh_would_take_for_something_else_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        transport_to(address)


def test_local_is_this_machine() -> None:
    assert isinstance(transport_to("local"), Local)
    assert isinstance(transport_to("gate"), Ssh)


REFUSALS = [
    ("@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@ Host key verification failed.", "another than the one"),
    ("Host key verification failed.", "not known yet"),
    ("ssh: Could not resolve hostname gate: Name or service not known", "knows no host gate"),
    ("me@gate: Permission denied (publickey).", "does not let this user in"),
    ("ssh: connect to host gate port 22: Connection refused", "nothing listens for ssh"),
    ("ssh: connect to host gate port 22: Connection timed out", "cannot be reached"),
    ("ssh: connect to host gate port 22: No route to host", "cannot be reached"),
    ("/home/me/.ssh/config: line 3: Bad configuration option: hots", "Bad configuration option"),
]


@pytest.mark.parametrize(("errors", "words"), REFUSALS)
def test_what_ssh_refuses_is_one_sentence(errors: str, words: str) -> None:
    failure = Ssh("gate").failure(Ended(255, 0, errors))

    assert isinstance(failure, Unreachable)
    assert words in str(failure)
    assert "\n" not in str(failure)


@pytest.mark.parametrize(("lines", "errors"), [(1, "Connection to gate closed by remote host."), (0, "")])
def test_a_connection_that_ends_amid_a_command_leaves_open_what_was_done(lines: int, errors: str) -> None:
    assert isinstance(Ssh("gate").failure(Ended(255, lines, errors)), Cut)


def test_a_word_of_refusal_after_an_answer_began_is_a_cut() -> None:
    assert isinstance(Ssh("gate").failure(Ended(255, 2, "Timeout, server gate not responding: timed out")), Cut)


@pytest.mark.parametrize("transport", [Ssh("gate"), Local()])
@pytest.mark.parametrize(
    ("status", "errors", "words"),
    [
        (94, "", "no python3"),
        (93, "", "no sudo"),
        (95, "its Python is 3.9, and the agent needs 3.11 or newer.", "3.9"),
        (1, "sudo: a password is required\n", "without a password (a password is required)"),
    ],
)
def test_who_may_not_be_root_or_has_no_python_is_told(
    transport: Ssh | Local, status: int, errors: str, words: str
) -> None:
    failure = transport.failure(Ended(status, 0, errors))

    assert isinstance(failure, Unreachable)
    assert words in str(failure)


def test_a_refusal_of_the_agent_s_is_none_of_the_way_s() -> None:
    assert Ssh("gate").failure(Ended(1, 1, "")) is None
    assert Local().failure(Ended(1, 1, "sudo: unable to resolve host gate\n")) is None
    assert Local().failure(Ended(0, 1, "")) is None


def shell(tmp_path: Path, words: tuple[str, ...], tools: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The line that a login shell is given, with no program but ``tools``."""
    for name, text in {"sh": 'exec /bin/sh "$@"', **tools}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    line = as_root(words)
    return subprocess.run(
        ["/bin/sh", "-c", line], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )


PYTHON = {"python3": 'echo "$@"'}


def test_root_runs_it_and_quotes_survive(tmp_path: Path) -> None:
    done = shell(tmp_path, ("python3", "-c", "a 'b' \"c\" $d"), {**PYTHON, "id": "echo 0"})

    assert done.stdout == "-c a 'b' \"c\" $d\n"


def test_anyone_else_runs_it_by_sudo(tmp_path: Path) -> None:
    done = shell(tmp_path, WORDS, {**PYTHON, "id": "echo 1000", "sudo": 'echo "sudo $*"'})

    assert done.stdout == f"sudo -n {shlex.join(WORDS)}\n"


@pytest.mark.parametrize(("tools", "status"), [({"id": "echo 0"}, 94), ({**PYTHON, "id": "echo 7"}, 93)])
def test_without_python_or_sudo_nothing_is_run(tmp_path: Path, tools: dict[str, str], status: int) -> None:
    done = shell(tmp_path, WORDS, tools)

    assert (done.returncode, done.stdout) == (status, "")


def test_a_process_is_given_bytes_and_heard_by_lines() -> None:
    heard: list[str] = []
    ended = run(["sh", "-c", "cat; echo more; echo bad >&2; exit 3"], b"one\ntwo\n", heard.append, 30)

    assert heard == ["one\n", "two\n", "more\n"]
    assert ended == Ended(3, 3, "bad\n")


def test_a_process_that_reads_nothing_does_not_block_us() -> None:
    assert run(["true"], b"x" * (1 << 20), lambda _line: None, 30).status == 0


@pytest.mark.slow
def test_a_process_that_does_not_answer_is_ended() -> None:
    heard: list[str] = []
    began = time.monotonic()
    with pytest.raises(Cut, match="no answer within"):
        run(["sh", "-c", "echo x; exec sleep 60"], b"", heard.append, 3)

    assert heard == ["x\n"]
    assert time.monotonic() - began < 30


def test_a_program_that_is_missing_is_named() -> None:
    with pytest.raises(Unreachable, match="no program nosuchprogram"):
        run(["nosuchprogram"], b"", lambda _line: None, 1)


def test_what_hears_may_stop_it() -> None:
    def stop(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(["yes"], b"", stop, 30)
