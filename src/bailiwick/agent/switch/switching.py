"""The switch of the device from whatever state it is in to a generation, or to the origin.

One operation for forward, back, boot and uninstall: every step looks at what is, does what is lacking, and can be done
again. In this order no moment is more open than the old rules and the new ones both allow: the guard first, then files,
settings, the firewall, links and services; rivals that guard the machine are back before our own rules go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bailiwick.agent.commands import CommandFailed, run
from bailiwick.agent.connections.reconcile import NotReconciled, reconcile
from bailiwick.agent.disk import record
from bailiwick.agent.disk.durable import NotWritten
from bailiwick.agent.disk.pointer import Damaged
from bailiwick.agent.look.scope import NETWORK
from bailiwick.agent.model import ORIGIN
from bailiwick.agent.places import Places
from bailiwick.agent.switch import guard, installing, links, networkd, reloads, rivals, services, settings, settling
from bailiwick.agent.switch.installing import Target
from bailiwick.agent.switch.unit_states import states
from bailiwick.agent.window.decisions import Phase
from bailiwick.dataplane.linux import GUARD

Tell = Callable[[str], None]
FAILURES = (CommandFailed, NotWritten, Damaged, NotReconciled, settings.NotSet, settling.Unsettled, OSError, ValueError)
UNIT_FILES = ("/etc/systemd/system/", "/usr/lib/systemd/system/")


class SwitchFailed(Exception):
    """``step`` of the switch, and why, in the words of the tool that refused."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"{step}: {why}")
        self.step = step
        self.why = why


@dataclass(slots=True)
class _Switch:
    """One run. ``changed`` are paths that the running system has not taken up; ``fresh`` units that were started."""

    places: Places
    target: Target
    tell: Tell
    back: bool
    changed: tuple[str, ...] = ()
    fresh: list[str] = field(default_factory=list)

    def steps(self) -> Iterable[tuple[str, Callable[[], None]]]:
        """In their order."""
        yield "guard", self.guard
        yield "files", self.files
        yield "settings", self.settings
        yield "firewall", self.firewall
        yield "exits", self.exits
        yield "rivals", self.rivals
        yield "networkd", self.networkd
        yield "services", self.services
        yield "guard", self.withdraw
        yield "connections", self.connections
        yield "settle", self.settle

    def guard(self) -> None:
        if guard.stand(self.target):
            self.tell("a guard stands: what passes now is what the old rules and the new ones both let pass")

    def files(self) -> None:
        installing.sweep(self.places, self.target.files)
        unlike = installing.unlike(self.target)
        kept = {} if self.back else networkd.old_addresses(self.target)
        self.changed = tuple(sorted({*unlike, *installing.due(self.places)}))
        if unlike:
            installing.note_due(self.places, unlike)
            installing.install(self.target, unlike)
            self.tell(f"{len(unlike)} files are in place")
        if networkd.keep_old(self.places, kept):
            self.changed = (*self.changed, *(kept or {f"{NETWORK}*.network.d/": ""}))
            installing.note_due(self.places, self.changed)
            for path in kept:
                self.tell(f"the old address answers until the new one is confirmed: {path}")

    def settings(self) -> None:
        plan = services.plan(self.target)
        if any(path.startswith(UNIT_FILES) for path in self.changed):
            run("systemctl", "daemon-reload")
        self.told(services.enabled(self.places, plan))
        if lacking := reloads.modules(self.target, self.changed):
            self.tell(f"not every module could be loaded: {lacking}")
        reloads.udev(self.target, self.changed)
        if done := settings.apply(self.places, settings.wanted(self.target)):
            self.tell(f"{len(done)} settings of the kernel are changed")

    def firewall(self) -> None:
        if reloads.firewall(self.target, self.changed):
            self.tell("the firewall is loaded")

    def exits(self) -> None:
        if reloads.exits(self.target, self.changed):
            self.tell("the exits are loaded")

    def rivals(self) -> None:
        plan = services.plan(self.target)
        self.told(rivals.quiet(self.places, plan.rivals))
        self.told(services.come_back(plan, rivals.FILTERS))

    def networkd(self) -> None:
        gone = (*links.obsolete(self.target, self.changed), *links.in_the_way(self.target))
        links.delete(gone)
        self.told(f"the link {name} is deleted" for name in gone)
        self.told(links.detach(self.target))
        leaves = links.abandoned(self.target)
        plan = services.plan(self.target)
        stopped = services.stop(plan)
        self.told(stopped)
        runs = self.networkd_runs()
        if (not runs or self.target.generation.number == ORIGIN) and not services.managed(plan):
            # By the names that they still have; a networkd that ran before us gives them what its own files say.
            links.release(leaves)
        if not runs and self.target.generation.number == ORIGIN:
            links.unset(leaves)
        if not runs:
            self.told(links.put_down(self.target, leaves))
        renamed = links.rename(self.target)
        self.told(renamed)
        if runs:
            self.told(links.add_vlans(self.target))
        if said := networkd.take_up(self.target, self.changed, bool(gone or renamed)):
            self.tell(said)
        if runs and leaves:
            links.release(networkd.unmanaged(leaves))
        self.told(links.put_down(self.target, leaves))
        # Links that were made now have settings of their own.
        settings.apply(self.places, settings.wanted(self.target))

    def networkd_runs(self) -> bool:
        return states((services.NETWORKD,))[services.NETWORKD].runs

    def services(self) -> None:
        plan = services.plan(self.target)
        self.told(services.come_back(plan))
        said = services.start(self.target, self.changed, but=(services.NETWORKD,))
        self.fresh += [one.split(" ", 1)[0] for one in said]
        self.told(said)

    def withdraw(self) -> None:
        self.told(f"{what} is gone" for what in reloads.go(self.target))
        if self.target.generation.file(reloads.FIREWALL) or reloads.there():
            guard.withdraw()

    def connections(self) -> None:
        """Of the origin, and of a hypervisor, whose bridge alone we filter, the rules of packets are somebody else's:
        where they cannot be judged, that is told, and no failure."""
        if not reloads.there():
            return
        try:
            reconcile(self.places, self.tell)
        except NotReconciled as failure:
            if self.target.generation.file(GUARD):
                raise
            self.tell(str(failure))

    def settle(self) -> None:
        settling.settle(self.target, self.tell, self.fresh, exact=self.back)

    def told(self, sentences: Iterable[str]) -> None:
        for one in sentences:
            self.tell(one)


def switch(places: Places, target: int, tell: Tell, back: bool | None = None) -> None:
    """Make the device be as generation ``target`` says (0: the origin). ``tell`` gets a sentence for each thing done.

    Forward it ends with the first step that fails. ``back`` (None: as the record of the apply says): it goes on to the
    last one, so that as much as possible is put back, and no address of another generation is kept. Raises
    SwitchFailed.
    """
    back = _goes_back(places, target) if back is None else back
    try:
        found = installing.read(places, target)
    except FAILURES as failure:
        raise SwitchFailed("read", str(failure)) from failure
    one = _Switch(places, found, tell, back)
    failures: list[tuple[str, str]] = []
    for step, do in one.steps():
        try:
            do()
        except FAILURES as failure:
            if not back:
                raise SwitchFailed(step, str(failure)) from failure
            tell(f"{step}: {failure}")
            failures.append((step, str(failure)))
    if failures:
        raise SwitchFailed(failures[0][0], "; ".join(f"{step}: {why}" for step, why in failures))
    try:
        installing.none_due(places)
    except NotWritten as failure:
        raise SwitchFailed("files", str(failure)) from failure


def restore(places: Places, target: int, tell: Tell) -> None:
    """The files and units of a generation, before the network comes up; nothing else runs yet. Raises SwitchFailed.

    Whatever reads these files at boot reads them after this; units are queued to start, as the boot that is going on
    was planned with those that were enabled before.
    """
    step = "read"
    try:
        found = installing.read(places, target)
        step = "files"
        installing.sweep(places, found.files)
        unlike = installing.unlike(found)
        installing.install(found, unlike)
        networkd.keep_old(places, {})
        if unlike:
            tell(f"{len(unlike)} files are put back")
        step = "units"
        plan = services.plan(found)
        rivals.mask_all(places, plan.rivals)
        if any(path.startswith(UNIT_FILES) for path in unlike):
            run("systemctl", "daemon-reload")
        for said in services.enabled(places, plan):
            tell(said)
        services.queue(plan)
    except FAILURES as failure:
        raise SwitchFailed(step, str(failure)) from failure


def _goes_back(places: Places, target: int) -> bool:
    try:
        window = record.load(places)
    except (record.Unreadable, NotWritten, Damaged):
        return True
    return window is not None and window.old == target and window.phase is not Phase.SWITCHING


def committed(places: Places, number: int) -> None:
    """Generation ``number`` is confirmed: the addresses that answered until then go. Raises SwitchFailed."""
    try:
        if networkd.keep_old(places, {}) and number != ORIGIN:
            run("networkctl", "reload")
    except FAILURES as failure:
        raise SwitchFailed("networkd", str(failure)) from failure
