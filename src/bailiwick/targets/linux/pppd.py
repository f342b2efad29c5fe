"""PPPoE sessions (pppd(8)); the route by one is networkd's, the answer to its DNS offer is no."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import Interface, LinkKind, Plan
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner, comments

PPPOE_MTU = 1492
"""1500 less the 8 bytes of PPPoE and PPP (RFC 2516 7)."""


def sessions(plan: Plan) -> tuple[Interface, ...]:
    """The interfaces that pppd makes, in the plan's order."""
    return tuple(i for i in plan.interfaces if i.kind is LinkKind.PPP)


def peer_name(session: Interface) -> str:
    """The name of a session's options file, apart from those that a person keeps there."""
    return f"bailiwick-{(session.place or session.name).split(':', 1)[-1]}"


def peers(plan: Plan) -> tuple[Artifact, ...]:
    """One options file for each session, readable by root alone: it is where the password comes to stand."""
    return tuple(
        artifact(
            f"/etc/ppp/peers/{peer_name(session)}",
            (*banner(f"The PPPoE session of {session.name}", plan.router), *_options(session)),
            mode=0o600,
            reload=f"systemctl restart {unit_name(session)}",
            secrets={placeholder(session.ppp_secret): session.ppp_secret},
        )
        for session in sessions(plan)
    )


def unit_name(session: Interface) -> str:
    """The systemd unit that keeps a session up."""
    return f"bailiwick-pppoe-{(session.place or session.name).split(':', 1)[-1]}.service"


def placeholder(secret: str) -> str:
    """What stands for a secret's value; the value goes in as ``quote`` would write it, without the outer quotes."""
    return f"@SECRET:{secret}@"


def quote(text: str) -> str:
    """One word of an options file: in double quotes a backslash keeps the next character (options.c, getword).

    Raises ValueError for control characters.
    """
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise ValueError(f"pppd cannot be given {text!r}")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _options(session: Interface) -> Iterator[Line]:
    ids = (session.id,)
    mtu = str(session.mtu or PPPOE_MTU)
    yield Line("plugin pppoe.so", ids)
    yield Line(f"nic-{session.parent}", ids)
    if session.ppp_service:
        yield Line(f"pppoe-service {quote(session.ppp_service)}", ids)
    yield Line(f"ifname {session.name}", ids)
    yield Line(f"user {quote(session.ppp_user)}", ids)
    yield Line(f"password {quote(placeholder(session.ppp_secret))}", ids)
    yield Line("hide-password")
    yield from comments("The provider proves nothing to us, and gives us our address.")
    yield Line("noauth")
    yield Line("noipdefault")
    yield from comments("Routes are networkd's; names are asked of the resolvers that the home file gives.")
    yield Line("nodefaultroute")
    yield Line("noipv6", ids)
    yield from comments("RFC 2516: the session's packets are 8 bytes shorter than Ethernet's.")
    yield Line(f"mtu {mtu}", ids)
    yield Line(f"mru {mtu}", ids)
    for name in ("noaccomp", "nopcomp", "noccp", "nobsdcomp", "nodeflate", "novj"):
        yield Line(name)
    yield from comments("A dead line is noticed within a minute and dialled again for ever.")
    yield Line("lcp-echo-interval 15")
    yield Line("lcp-echo-failure 4")
    yield Line("persist")
    yield Line("maxfail 0")
    yield Line("holdoff 5")
