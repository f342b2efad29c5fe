"""IPv6 beside IPv4: what is shut for the one and open for the other."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.network.model import Place
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.region import Region
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity, Unreplayed
from bailiwick.proof.audit.reading import shown
from bailiwick.proof.audit.remedies import drop_the_rest
from bailiwick.proof.audit.services import words
from bailiwick.proof.audit.view import ROUTER, View
from bailiwick.proof.audit.zones import Zone


def six(context: Context) -> Iterator[Finding]:
    """One for all pairs of places; the worst of them is shown."""
    if 4 not in context.views:
        return
    if 6 not in context.views:
        yield from _unseen(context)
        return
    four, view = context.views[4], context.views[6]
    used = any(address.version == 6 for one in context.device.interfaces.values() for address in one.addresses)
    pairs = [(row, column, region) for row, column in _pairs(view) if (region := _opener(four, view, row, column))]
    outside = [one for one in pairs if one[0].outside]
    worst = outside or pairs
    if not worst:
        return
    try:
        seen = context.replay(view).passing(worst[0][2], {header.DESTINATION_PORT: IntervalSet.single(22)})
    except Unreplayed as error:
        context.defect(error)
        return
    severity = Severity.HIGH if outside and used else Severity.MEDIUM if used or outside else Severity.LOW
    rows = shown(dict.fromkeys(row.name for row, _, _ in worst))
    columns = shown(dict.fromkeys("the router itself" if c is ROUTER else c.name for _, c, _ in worst))
    hook = "input" if worst[0][1] is ROUTER else "forward"
    text = "What IPv4 keeps shut passes by IPv6."
    if not used:
        text += " No interface has an IPv6 address of its own, but each has a link-local one as soon as IPv6 is on."
    yield Finding(
        "open-ipv6",
        severity,
        f"By IPv6, {rows} reach{'es' if len({row.id for row, _, _ in worst}) == 1 else ''} {columns} "
        f"by {', '.join(words(view.space, worst[0][2]))}, which IPv4 does not let through.",
        text,
        str(seen),
        (),
        drop_the_rest(view.syntax, hook, 6),
    )


def _pairs(view: View) -> Iterator[tuple[Zone, Zone]]:
    for row in view.zones.all:
        if row.id == Place.UNKNOWN:
            continue
        yield from ((row, column) for column in (ROUTER, *view.zones.inside) if column.id != row.id)


def _opener(four: View, view: View, row: Zone, column: Zone) -> Region:
    """What passes by IPv6 though no TCP at all passes by IPv4."""
    nothing = view.space.nothing
    tcp = IntervalSet.single(6)
    shut = not four.passes & four.pair(row, column) & four.space.among(header.PROTOCOL, tcp)
    return view.passes & view.pair(row, column) & view.space.among(header.PROTOCOL, tcp) if shut else nothing


def _unseen(context: Context) -> Iterator[Finding]:
    off = context.device.settings.get("net.ipv6.conf.all.disable_ipv6") == "1"
    if context.device.platform == "routeros" or off or not any(True for _ in context.rules(context.main)):
        return
    what = "ip6tables-save" if context.syntax == "iptables" else "nft list ruleset"
    yield Finding(
        "unseen-ipv6",
        Severity.NOTE,
        "The files say nothing of IPv6: while it is on, nothing that is said here holds for it.",
        "Linux has IPv6 on, and lets everything through, until somebody says otherwise.",
        remedy=f"add the output of {what}, or switch it off: sysctl net.ipv6.conf.all.disable_ipv6=1",
    )
