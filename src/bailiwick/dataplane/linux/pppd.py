"""pppd's peers (pppd(8)): which interface a session has, and over which it runs."""

from __future__ import annotations

import shlex
from ipaddress import IPv4Network

from bailiwick.dataplane.linux.draft import Draft, spoken
from bailiwick.dataplane.model import Route
from bailiwick.dataplane.tally import Line

_ONE = frozenset(
    {"user", "name", "password", "mtu", "mru", "lcp-echo-interval", "lcp-echo-failure", "lcp-max-configure", "maxfail"}
    | {"holdoff", "idle", "unit", "ifname", "linkname", "remotename", "ipparam", "logfile", "plugin", "connect"}
    | {"disconnect", "init", "debug-level", "rp_pppoe_service", "rp_pppoe_ac", "pppoe-service", "pppoe-ac", "set"}
    | {"child-timeout", "lcp-restart", "ipcp-restart", "ms-dns", "defaultroute-metric", "host-uniq", "up_sdnotify"}
)
_BARE = frozenset(
    {"noauth", "auth", "noipdefault", "nodefaultroute", "defaultroute", "replacedefaultroute", "noreplacedefaultroute"}
    | {"noipv6", "+ipv6", "ipv6cp-use-ipaddr", "persist", "nopersist", "hide-password", "show-password", "noaccomp"}
    | {"nopcomp", "noccp", "nobsdcomp", "nodeflate", "novj", "novjccomp", "default-asyncmap", "debug", "nodetach"}
    | {"usepeerdns", "nolog", "lock", "nolock", "local", "ipcp-accept-remote", "ipcp-accept-local", "lcp-echo-adaptive"}
    | {
        "nocrtscts",
        "modem",
        "nomp",
        "updetach",
        "dump",
        "nodefaultroute6",
        "defaultroute6",
        "noproxyarp",
        "nomppe",
        "noip",
    }
)
EVERY = IPv4Network("0.0.0.0/0")


def read_peer(draft: Draft, file: str, text: str) -> None:
    """One file of ``/etc/ppp/peers``. The session's address comes from the provider; its default goes with it."""
    said: dict[str, str] = {}
    lines: dict[str, Line] = {}
    under: str | None = None
    first: Line | None = None
    for line, spoken_ in spoken(file, text):
        first = first or line
        try:
            words = shlex.split(spoken_, comments=True)
        except ValueError:
            draft.ledger.unknown(line, "a quotation without its end")
            continue
        name, value = (words[0], words[1] if len(words) > 1 else "") if words else ("", "")
        if name in _BARE or name in _ONE:
            said[name], lines[name] = value, line
            draft.ledger.understood()
        elif name.startswith("nic-") or (len(words) == 1 and "plugin" in said and "/" not in name):
            under = name.removeprefix("nic-")
            draft.ledger.understood()
        else:
            draft.ledger.unknown(line, "an option of pppd that nobody here knows")
    if first is None:
        return
    name = said.get("ifname") or f"ppp{said.get('unit', '0')}"
    draft.interface(name, kind="ppp", dynamic=True, parent=under, line=lines.get("ifname", first))
    if under is not None and under not in draft.interfaces:
        draft.interface(under, kind="ethernet")
    asked = next((key for key in ("defaultroute", "replacedefaultroute") if key in said), None)
    if asked is not None:
        metric = said.get("defaultroute-metric", "0")
        number = int(metric) if metric.isdecimal() else 0
        draft.routes.append(Route(EVERY, interface=name, metric=number, lasting=False, line=lines[asked]))
