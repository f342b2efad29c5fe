"""The agent as one file: the same for the same sources, whole, and with Python's own library alone."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from bailiwick.apply.agent import Agent
from bailiwick.apply.agent_file import AgentFile, agent_file
from bailiwick.apply.protocol import Garbled, Refusal
from bailiwick.apply.transport import Local, Unreachable
from tests.apply.stub import Stub


class Here(Local):
    """This machine, as whoever runs the test, with its own Python."""

    def argv(self, words: Sequence[str], fresh: bool) -> tuple[str, ...]:
        return (sys.executable, *words[1:])


@pytest.fixture
def program(tmp_path: Path) -> AgentFile:
    made = agent_file()
    return AgentFile(made.data, made.sha256, str(tmp_path / "state"))


def test_the_same_sources_give_the_same_bytes() -> None:
    first = agent_file()
    agent_file.cache_clear()

    assert agent_file() == first
    entries = zipfile.ZipFile(io.BytesIO(first.data)).infolist()
    assert {(entry.date_time, entry.compress_type) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED)
    }


def test_it_holds_three_rooms_and_nothing_else() -> None:
    names = zipfile.ZipFile(io.BytesIO(agent_file().data)).namelist()
    rooms = {name.split("/")[1] for name in names if name.count("/") > 1}

    assert rooms == {"agent", "dataplane", "packets"}
    assert {name for name in names if name.count("/") < 2} == {"__main__.py", "bailiwick/__init__.py"}
    assert all(name.endswith(".py") for name in names)


@pytest.mark.parametrize("compiled", [False, True], ids=["sources", "compiled"])
def test_a_timer_that_is_ready_has_every_module_in_memory_and_no_library_but_python_s(
    program: AgentFile, compiled: bool
) -> None:
    Agent(Here(), program)._push()
    (zipped,) = Path(program.path).parent.glob("*.zip")
    place = str(zipped) if compiled else program.path
    modules = {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in zipfile.ZipFile(io.BytesIO(program.data)).namelist()
        if name.startswith("bailiwick/agent/") and not name.endswith("__main__.py")
    }
    script = (
        "import sys\n"
        f"sys.path.insert(0, {place!r})\n"
        "from bailiwick.agent.machine import Machine\n"
        "from bailiwick.agent.places import Places\n"
        "Machine(Places()).ready()\n"
        "print(sys.modules['bailiwick.agent'].__file__, *sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    file, *there = done.stdout.split()
    assert file.startswith(f"{place}/bailiwick/")
    assert modules - {*there} == set()


def test_it_is_pushed_when_it_is_not_there_and_only_then(program: AgentFile) -> None:
    agent = Agent(Here(), program)
    with pytest.raises(Refusal, match="no command"):
        agent.ask("nosuch")
    path = Path(program.path)
    before = path.stat()

    assert path.read_bytes() == program.data
    assert stat.S_IMODE(before.st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o711
    others = [one for one in path.parent.iterdir() if one != path]
    assert [(one.suffix, stat.S_IMODE(one.stat().st_mode)) for one in others] == [(".zip", 0o600)]
    with pytest.raises(Refusal):
        agent.ask("nosuch")
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_an_agent_that_comes_damaged_is_not_kept(program: AgentFile) -> None:
    damaged = AgentFile(program.data + b"x", program.sha256, program.state)
    with pytest.raises(Unreachable, match="came damaged"):
        Agent(Here(), damaged).ask("nosuch")

    assert not Path(program.state).exists()


def test_a_link_in_the_place_of_its_directory_is_not_followed(program: AgentFile, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    Path(program.state).mkdir()
    (Path(program.state) / "agent").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unreachable):
        Agent(Here(), program).ask("nosuch")

    assert not list((tmp_path / "elsewhere").iterdir())


def test_what_is_no_answer_is_never_taken_for_one(tmp_path: Path) -> None:
    stub = Stub(tmp_path)
    stub.says("facts", "bad command name sh (line 1 column 1)")
    stub.says("drift", errors="Segmentation fault\n", status=139)
    stub.says("live", '["a list"]')
    for command, words in (("facts", "bad command name"), ("drift", "status 139.*Segmentation"), ("live", "a list")):
        with pytest.raises(Garbled, match=words):
            stub.agent.ask(command)


def test_an_answer_with_a_status_that_is_no_refusal_is_none(tmp_path: Path) -> None:
    with pytest.raises(Garbled):
        Stub(tmp_path).says("facts", {"agent": "1"}, status=3).agent.ask("facts")


def _imported(program: AgentFile) -> str:
    """Where a module of the agent comes from, when the pushed file is run."""
    script = f"import runpy, sys\nsys.argv = ['agent', 'nosuch']\nsys.path.insert(0, {program.path!r})\n"
    script += f"try:\n    runpy.run_path({program.path!r}, run_name='__main__')\nexcept SystemExit:\n    pass\n"
    script += "print(sys.modules['bailiwick.agent.main'].__file__)\n"
    command = [sys.executable, "-I", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return done.stdout.splitlines()[-1]


@pytest.mark.slow
def test_it_runs_compiled_and_from_its_sources_where_that_is_damaged(program: AgentFile) -> None:
    Agent(Here(), program)._push()
    (compiled,) = Path(program.path).parent.glob("*.zip")

    assert _imported(program) == f"{compiled}/bailiwick/agent/main.pyc"
    data = bytearray(compiled.read_bytes())
    data[len(data) // 2] ^= 1
    compiled.write_bytes(data)
    assert _imported(program) == f"{program.path}/bailiwick/agent/main.py"
    compiled.unlink()
    assert _imported(program) == f"{program.path}/bailiwick/agent/main.py"
