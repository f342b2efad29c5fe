"""Beyond the uplinks: the provider's DHCP server, and its access concentrator for PPPoE (pppoe-server(8), pppd(8))."""

from __future__ import annotations

import shlex
import subprocess
import time
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from bailiwick.network.model import Addressing, Network, Uplink
from bailiwick.plan.model import LinkKind, Plan
from bailiwick.twin.layout import Layout, Line
from bailiwick.twin.scene.concentrator import CARD, WIRE, Concentrator, concentrators
from bailiwick.twin.scene.files import SECRET, written
from bailiwick.twin.scene.namespaces import CommandFailed, within

LEASE = "1h"
READY = 20.0  # seconds; an emulated processor takes several
SESSION = "session"
"""The concentrator's end of a PPP link."""
OPTIONS = """\
require-chap
name provider
lcp-echo-interval 4
lcp-echo-failure 3
noipv6
noccp
novj
ifname {session}
logfile {log}
"""
CARRIED_BY_THE_KERNEL = """\
#!/bin/sh
# pppoe-server asks for: pty "pppoe -n -I CARD -e SESSION:MAC ..." and options. The kernel carries the session instead.
set -f
shift
for word in $1; do
    [ "$last" != -e ] || session=$word
    last=$word
done
shift
exec pppd plugin pppoe.so nic-{wire} pppoe-sess "$session" "$@"
"""
JOINED = """\
#!/bin/sh
# Before each session's interface is up (pppd(8), ip-pre-up): the one before is gone, and its filters point nowhere.
tc qdisc del dev {card} clsact 2>/dev/null
exec tc -batch {commands}
"""


@dataclass(frozen=True, slots=True)
class Provider:
    """A DHCP server beyond one uplink, with one address to give."""

    server: subprocess.Popen[bytes]
    log: Path

    def wait(self) -> None:
        """Raises CommandFailed when it does not start."""
        deadline = time.monotonic() + READY
        while "started, version" not in (said := self.log.read_text(errors="replace")):
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise CommandFailed(f"the provider's DHCP server did not start: {said.strip()}")
            time.sleep(0.01)


_running: dict[str, Provider] = {}
"""By the uplink's id."""


_serving: dict[str, subprocess.Popen[bytes]] = {}
"""By the uplink's id."""


def start_providers(network: Network, plan: Plan, layout: Layout) -> None:
    """A server beyond each uplink that asks for its address, by DHCP or PPPoE: one address, the one the stage decided.

    Raises CommandFailed when one does not start.
    """
    for one in concentrators(plan, layout):
        if one.interface.kind is LinkKind.PPP:
            serve(one, one.line.address.ip)
    for uplink in network.uplinks.values():
        if uplink.addressing is Addressing.DHCP:
            line = layout.line(uplink.id)
            _running[uplink.id] = _start(uplink, line, line.address.ip)
    for provider in _running.values():
        provider.wait()


def _home(one: Concentrator) -> Path:
    return Path(f"/run/stage/{one.namespace}")


def serve(one: Concentrator, address: IPv4Address) -> None:
    """The provider answers on the session's wire, and gives this address.

    Its ``/etc/ppp`` is its own: the router's is beside it in the same mount namespace.
    """
    home, interface = _home(one), one.interface
    home.mkdir(exist_ok=True)
    Path("/etc/ppp").mkdir(exist_ok=True)
    (home / "options").write_text(OPTIONS.format(session=SESSION, log=home / "log"))
    (home / "chap-secrets").write_text(f'"{written(interface.ppp_user)}" * "{written(SECRET)}" *\n')
    (home / "pass").write_text("".join(f"{line}\n" for line in one.passing(SESSION)))
    for name, script in (
        ("pppd", CARRIED_BY_THE_KERNEL.format(wire=WIRE)),
        ("ip-pre-up", JOINED.format(card=CARD, commands=home / "pass")),
    ):
        (home / name).write_text(script)
        (home / name).chmod(0o755)
    server = ["pppoe-server", "-F", "-I", WIRE, "-C", "provider", "-L", str(one.line.far), "-R", str(address)]
    server += ["-N", "1", "-O", "/etc/ppp/options", "-q", "/etc/ppp/pppd"]
    if interface.ppp_service:
        server += ["-S", interface.ppp_service]
    inside = f"mount --bind {home} /etc/ppp; exec {shlex.join(server)}"
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", inside]
    with within(one.namespace), (home / "server").open("wb") as out:
        _serving[one.line.uplink] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def hang_up(one: Concentrator) -> None:
    """The provider ends the session (LCP's Terminate-Request, RFC 1661 §5.5) and answers no more."""
    server = _serving.pop(one.line.uplink)
    server.terminate()
    server.wait()


def session_said(one: Concentrator) -> str:
    """What the provider's side has to say."""
    said = [
        path.read_text(errors="replace").strip()
        for path in (_home(one) / "server", _home(one) / "log")
        if path.exists()
    ]
    return "; ".join(text[-800:] for text in said if text) or "the provider's server says nothing"


def renumber(uplink: Uplink, line: Line, address: IPv4Address) -> None:
    """The provider forgets whom it gave what, and from now on gives this address. Raises CommandFailed."""
    old = _running[uplink.id]
    old.server.kill()
    old.server.wait()
    _leases(uplink).unlink(missing_ok=True)
    _running[uplink.id] = _start(uplink, line, address)
    _running[uplink.id].wait()


def _leases(uplink: Uplink) -> Path:
    return Path(f"/run/stage/provider.{uplink.name}.leases")


def _start(uplink: Uplink, line: Line, address: IPv4Address) -> Provider:
    log = Path(f"/run/stage/provider.{uplink.name}.log")
    command = [
        "dnsmasq",
        "--no-daemon",
        "--conf-file=/dev/null",
        "--port=0",
        "--interface=eth0",
        "--bind-interfaces",
        "--no-ping",
        "--dhcp-authoritative",
        f"--dhcp-range={address},{address},{line.address.netmask},{LEASE}",
        f"--dhcp-option=option:router,{line.far}",
        f"--dhcp-leasefile={_leases(uplink)}",
        "--pid-file=",
    ]
    with within(f"uplink.{uplink.name}.far"), log.open("wb") as out:
        return Provider(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out), log)
