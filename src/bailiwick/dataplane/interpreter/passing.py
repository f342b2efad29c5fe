"""A packet on its way through a device: the fields that rules read and change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bailiwick.dataplane.interpreter.packet import Address, Connection, Ends, Header
from bailiwick.dataplane.interpreter.trace import Step
from bailiwick.packets.header import Direction, State, Status


@dataclass(slots=True)
class Passing:
    """``tracked``: conntrack has an entry for it, so that its status, direction and mark can be asked.

    Before conntrack, and for an invalid or untracked packet, it has none (nft_ct.c, xt_conntrack.c).
    """

    header: Header
    iif: str | None
    oif: str | None
    source: Address
    destination: Address
    source_port: int
    destination_port: int
    mark: int
    ct_mark: int
    state: State
    status: Status
    dynamic: str | None
    dynamic_source: str | None
    hook: str = ""
    tracked: bool = False
    notrack: bool = False
    known: Connection | None = None
    first: Ends | None = None
    settled: set[str] = field(default_factory=set)
    """``destination`` or ``source`` once NAT has decided about it."""
    fasttracked: bool = False
    scrambled: dict[str, str] = field(default_factory=dict)
    """Fields that may be anything by now, and what did that."""
    steps: list[Step] = field(default_factory=list)

    @classmethod
    def of(cls, header: Header, known: Connection | None) -> Passing:
        return cls(
            header=header,
            iif=header.iif,
            oif=None,
            source=header.source,
            destination=header.destination,
            source_port=header.source_port,
            destination_port=header.destination_port,
            mark=header.mark,
            ct_mark=known.mark if known else header.ct_mark,
            state=State.INVALID,
            status=known.status | Status.CONFIRMED if known else header.status,
            dynamic=header.dynamic,
            dynamic_source=header.dynamic_source,
            known=known,
        )

    @property
    def family(self) -> int:
        return self.destination.version

    @property
    def direction(self) -> Direction:
        return self.header.direction

    @property
    def ends(self) -> Ends:
        return Ends(
            self.source, self.source_port, self.destination, self.destination_port, self.dynamic_source, self.dynamic
        )

    def track(self) -> None:
        """What conntrack does with it at priority -200 of prerouting and output."""
        if self.notrack or self.header.state is State.UNTRACKED:
            self.state = State.UNTRACKED
            return
        self.state = self.header.state
        self.tracked = self.state is not State.INVALID
        if self.tracked and self.first is None:
            self.first = self.ends

    def as_header(self) -> Header:
        return replace(
            self.header,
            iif=self.iif,
            source=self.source,
            destination=self.destination,
            source_port=self.source_port,
            destination_port=self.destination_port,
            mark=self.mark,
            ct_mark=self.ct_mark,
            state=self.state,
            status=self.status,
            dynamic=self.dynamic,
            dynamic_source=self.dynamic_source,
        )
