"""How old the connection above a process is: of a /proc made by hand, and of real sshd processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bailiwick.agent.connection import Unknown, began, ends

TICKS = os.sysconf("SC_CLK_TCK")
TTY1, SERIAL, PTS = os.makedev(4, 1), os.makedev(204, 64), os.makedev(136, 3)
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTENS, SERVES = "1001", "1002"


def process(
    proc: Path, pid: int, parent: int, program: str, *, tty: int = 0, began: float = 5.0, sockets: tuple[str, ...] = ()
) -> None:
    """One more; its name has a bracket and a blank in it, as a name may (proc_pid_stat(5))."""
    directory = proc / str(pid)
    (directory / "net").mkdir(parents=True)
    (directory / "fd").mkdir()
    fields = ["S", str(parent), "1", "1", str(tty), *["0"] * 14, str(int(began * TICKS)), "0"]
    (directory / "stat").write_text(f"{pid} (a) b) {' '.join(fields)}\n")
    if program:
        (directory / "exe").symlink_to(f"/usr/sbin/{program}")
    for number, inode in enumerate(sockets):
        (directory / "fd" / str(number)).symlink_to(f"socket:[{inode}]")
    lines = (
        f"   0: 00000000:0016 00000000:0000 0A 0:0 0:0 0 0 0 {LISTENS} 1\n",
        f"   1: 0A0B0A0A:0016 140B0A0A:C001 01 0:0 0:0 0 0 0 {SERVES} 1\n",
    )
    (directory / "net" / "tcp").write_text(HEAD + "".join(lines))
    (directory / "net" / "tcp6").write_text(HEAD)


def daemon(proc: Path) -> None:
    process(proc, 1, 0, "systemd", began=0.0)
    process(proc, 10, 1, "sshd", began=1.0, sockets=(LISTENS,))


def test_the_process_that_serves_this_connection_alone_is_meant(tmp_path: Path) -> None:
    daemon(tmp_path)
    process(tmp_path, 20, 10, "sshd", began=100.0, sockets=(SERVES,))
    process(tmp_path, 21, 20, "sshd", began=103.0, sockets=(SERVES,))
    process(tmp_path, 22, 21, "sudo", began=104.0)
    process(tmp_path, 23, 22, "python3.11", tty=PTS, began=105.0)
    assert began(23, tmp_path) == 100.0, "from its first packet on, not from when the password was right"


def test_both_ends_are_read(tmp_path: Path) -> None:
    daemon(tmp_path)
    process(tmp_path, 20, 10, "sshd-session", sockets=(SERVES,))
    process(tmp_path, 21, 20, "python3.11")
    wanted = ("10.10.11.10", "10.10.11.20") if sys.byteorder == "little" else ("10.11.10.10", "20.11.10.10")
    assert ends(21, tmp_path) == wanted


def test_a_daemon_that_was_replaced_on_the_disk_is_known_still(tmp_path: Path) -> None:
    daemon(tmp_path)
    process(tmp_path, 20, 10, "sshd (deleted)", began=100.0, sockets=(SERVES,))
    process(tmp_path, 21, 20, "python3.11")
    assert began(21, tmp_path) == 100.0


@pytest.mark.parametrize("tty", [TTY1, SERIAL])
def test_the_machines_own_console_has_no_beginning(tmp_path: Path, tty: int) -> None:
    daemon(tmp_path)
    process(tmp_path, 20, 1, "bash", tty=tty)
    process(tmp_path, 21, 20, "python3.11", tty=tty)
    assert began(21, tmp_path) is None
    assert ends(21, tmp_path) == ("", "")


@pytest.mark.parametrize("tty", [0, PTS])
def test_what_came_nobody_knows_how_is_refused(tmp_path: Path, tty: int) -> None:
    """A tmux that was begun under an old connection has no daemon above it, and a pseudo-terminal."""
    daemon(tmp_path)
    process(tmp_path, 20, 1, "tmux", tty=tty)
    process(tmp_path, 21, 20, "python3.11", tty=tty)
    with pytest.raises(Unknown, match="neither by SSH nor from the machine's own console"):
        began(21, tmp_path)


def test_below_the_listening_daemon_itself_nothing_is_known(tmp_path: Path) -> None:
    daemon(tmp_path)
    process(tmp_path, 21, 10, "python3.11")
    with pytest.raises(Unknown, match="listens itself"):
        began(21, tmp_path)


def test_a_process_that_went_meanwhile_is_refused(tmp_path: Path) -> None:
    process(tmp_path, 21, 20, "python3.11")
    with pytest.raises(Unknown, match="process 20"):
        began(21, tmp_path)


ASK = """
import sys, time
print("there", flush=True)
sys.stdin.readline()
from bailiwick.agent import connection
print(connection.began(), *connection.ends())
"""


@dataclass(frozen=True)
class Server:
    """An sshd in namespaces of its own, where it listens on the loopback."""

    pid: int
    directory: Path

    def ssh(self, *options: str) -> list[str]:
        inside = ["nsenter", f"--target={self.pid}", "--net", "--pid", "--mount", "--"]
        known = ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.directory}/known"]
        return [*inside, "ssh", "-F", "none", "-q", "-i", f"{self.directory}/key", *known, *options, "root@127.0.0.1"]

    def ask(self, *options: str) -> subprocess.Popen[str]:
        """There, and it answers once it is given a line."""
        source = Path(__file__).parents[3] / "src"
        remote = f"PYTHONPATH={source} {sys.executable} -c '{ASK}'"
        command = [*self.ssh(*options), remote]
        asked = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert asked.stdout is not None
        assert asked.stdout.readline() == "there\n"
        return asked

    def answer(self, asked: subprocess.Popen[str]) -> tuple[float, str, str]:
        told, _ = asked.communicate("\n", timeout=60)
        began, local, remote = told.split()
        return float(began), local, remote


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if os.geteuid() != 0 or shutil.which("sshd") is None:
        pytest.skip("needs root, and openssh-server")
    directory = tmp_path_factory.mktemp("sshd")
    for name in ("key", "host"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)], check=True)
    (directory / "config").write_text(
        f"ListenAddress 127.0.0.1\nHostKey {directory}/host\nAuthorizedKeysFile {directory}/key.pub\n"
        "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none\n"
    )
    script = (
        f"set -e; mount -t tmpfs tmpfs /run; mkdir -m 755 /run/sshd; ip link set lo up;"
        f"/usr/sbin/sshd -D -e -f {directory}/config & echo started; wait"
    )
    command = ["unshare", "-nmpf", "--mount-proc", "--kill-child", "--propagation", "private", "sh", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "started\n"
            children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
            made = Server(int(children[0]), directory)
            for _ in range(600):
                if subprocess.run([*made.ssh(), "true"], stdin=subprocess.DEVNULL, check=False).returncode == 0:
                    break
                time.sleep(0.05)
            else:
                pytest.fail("sshd does not answer")
            yield made
        finally:
            running.kill()


def now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.mark.real
@pytest.mark.slow
def test_a_new_connection_is_new(server: Server) -> None:
    before = now()
    connected, local, remote = server.answer(server.ask())
    assert before - 1 / TICKS <= connected <= now()
    assert (local, remote) == ("127.0.0.1", "127.0.0.1")


@pytest.mark.real
@pytest.mark.slow
def test_a_shell_that_was_there_before_is_old(server: Server) -> None:
    """The question is asked now, by a process of now; the connection under it was there before."""
    shell = server.ask()
    time.sleep(0.3)
    settled = now()
    connected, _, _ = server.answer(shell)
    assert connected < settled - 0.2


@pytest.mark.real
@pytest.mark.slow
def test_a_new_session_on_a_shared_connection_is_old(server: Server) -> None:
    path = server.directory / "shared"
    master = subprocess.Popen([*server.ssh("-M", "-S", str(path)), "sleep", "60"], stdin=subprocess.DEVNULL)
    try:
        while not path.exists():
            time.sleep(0.02)
        time.sleep(0.3)
        settled = now()
        assert server.answer(server.ask("-S", str(path)))[0] < settled - 0.2
        assert server.answer(server.ask("-S", "none"))[0] >= settled - 1 / TICKS
    finally:
        master.kill()
        master.wait()
