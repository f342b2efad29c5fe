"""Runs as a unit among the router's own: makes the wires and machines around it, waits until systemd has booted, looks.

The router is the guest itself: its network namespace is the first process's. Nothing of it is started from here.
"""

from __future__ import annotations

import os
import pickle
import platform
import socket
import subprocess
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bailiwick.twin.acts.leases import ask, leases
from bailiwick.twin.acts.listeners import listeners
from bailiwick.twin.acts.order import ALWAYS, WHERE_NAMED
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.loaded.read_back import read_back
from bailiwick.twin.options import CONTAINERS
from bailiwick.twin.result import Capability
from bailiwick.twin.scene.capabilities import (
    capabilities,
    has_vlans,
    has_wireguard,
    lacks_for_sessions,
    lacks_for_tunnels,
)
from bailiwick.twin.scene.namespaces import CommandFailed, run
from bailiwick.twin.scene.outside import start_providers
from bailiwick.twin.scene.router import Router
from bailiwick.twin.scene.wires import raise_scene
from bailiwick.twin.script import Script, Seen
from bailiwick.twin.stages.acting import probe_all
from bailiwick.twin.stages.booted.units import units
from bailiwick.twin.stages.machine.guest import FAULT, HELLO, PART, SCRIPT, SEEN, WORLD, open_port, tell_by
from bailiwick.twin.wire.conversations import Exchange
from bailiwick.twin.wire.prober import Prober

PLAYED = ("connections", "names", "IPv6")
"""Of the acts in every trial, those that ask the daemons which systemd has started."""
BOOT = 240.0  # seconds


class Booted(Router):
    """The router that systemd runs: nothing is started here, and its daemons' words are in the journal."""

    def boot(self) -> None:
        raise CommandFailed("only systemd boots this router")

    def log(self, name: str) -> str:
        return run("journalctl", "--no-pager", "--boot", "--unit", name, "--output", "cat")


def ready() -> None:
    """Tells systemd that the wires are there (sd_notify(3)), so that networkd may start."""
    address = os.environ["NOTIFY_SOCKET"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        notify.send(b"READY=1")


def booted() -> None:
    """Until no job is left (systemctl(1), is-system-running). Raises CommandFailed when it takes too long."""
    try:
        subprocess.run(["systemctl", "is-system-running", "--wait"], capture_output=True, check=False, timeout=BOOT)
    except subprocess.TimeoutExpired:
        jobs = run("systemctl", "list-jobs", "--no-pager")
        raise CommandFailed(f"systemd did not finish its boot within {BOOT:g} seconds; its jobs:\n{jobs}") from None


def wires(script: Script) -> Layout:
    """Everything around the router. Raises CommandFailed."""
    Path("/run/stage").mkdir()
    if CONTAINERS in script.options.acts:
        # Docker loads it, and every bridge shows its packets to the filters from then on: the wires are to say no.
        run("modprobe", "br_netfilter")
    run("ip", "netns", "attach", ROUTER, "1")
    able = {"vlans": has_vlans(), "sessions": not lacks_for_sessions()}
    able["tunnels"] = has_wireguard() and not lacks_for_tunnels()
    layout = script.layout.real(filtering=False, **able)
    raise_scene(script.plan, layout)
    start_providers(script.network, script.plan, layout)
    return layout


def _without_switches(one: Capability) -> Capability:
    """One machine boots here: the router."""
    note = "only the router boots here: plain wires stand in for them, and try --vm has them"
    return replace(one, note=note) if one.name == "switches" else one


def _act(script: Script, tell: Callable[[str], None]) -> Seen:
    marks = [("", time.monotonic())]

    def lap(name: str) -> None:
        marks.append((name, time.monotonic()))
        tell(name)

    layout = wires(script)
    router = Booted(script.plan, script.tree, layout, script.options.ready)
    router.plug_tunnels()
    able = tuple(_without_switches(one) for one in capabilities(script.network, script.plan, layout))
    lap("wires")
    ready()
    booted()
    lap("systemd")
    checks = list(units(script.tree, script.plan))
    router.wait()
    router.raise_tunnels()
    loaded = read_back(script.tree, router)
    router.talkative()
    lap("router")
    stage = Stage(script, layout, router, Prober(layout, router.macs()), Exchange())
    try:
        checks += listeners(stage)
        stage.sightings = probe_all(stage.prober, script)
        lap("packets")
        for name, play in (*ALWAYS, *WHERE_NAMED):
            if name in PLAYED or name in script.options.acts:
                checks += play(stage)
                lap(name)
        given = leases(ask(layout), script.network)
        lap("leases")
    finally:
        stage.prober.close()
        stage.exchange.close()
    laps = tuple((name, at - before) for (name, at), (_, before) in zip(marks[1:], marks, strict=False))
    return Seen(stage.sightings, (), tuple(checks), given, loaded, able, laps)


def main() -> None:
    """The result goes by the port; the guest is ended from outside."""
    port = open_port(BOOT)  # udev comes to it when it has loaded all that it finds
    tell_by(port, HELLO, platform.release().encode())
    try:
        script: Script = pickle.loads(SCRIPT.read_bytes())
        word, data = SEEN, pickle.dumps(_act(script, lambda part: tell_by(port, PART, part.encode())))
    except (CommandFailed, OSError) as error:
        word, data = WORLD, str(error).encode()
    except BaseException:  # noqa: BLE001  # told in full: it is a fault of the program's own
        word, data = FAULT, traceback.format_exc().encode()
    tell_by(port, word, data)


if __name__ == "__main__":
    main()
