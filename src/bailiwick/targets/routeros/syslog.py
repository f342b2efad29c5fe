"""The log, sent to a host as well: BSD syslog over UDP, in the words of the declared release.

Source: MikroTik's manual, "Log": TCP and TLS are for CEF alone. Up to 7.17 the form is ``bsd-syslog``, from 7.18 on
``remote-log-format``. What stays in the device's memory is as before.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.ownership import LOG_ACTION, tag
from bailiwick.targets.routeros.release import release
from bailiwick.targets.routeros.syntax import command

FORMATS_SINCE = 18
"""The release 7.x from which on the remote form has a key of its own."""

SEVERITIES = ("critical", "error", "warning", "info")
"""Every message but debug ones has one of these topics."""


def syslog(plan: Plan) -> Iterator[Line]:
    """The action, and a row for each severity."""
    one = plan.log_server
    if one is None:
        return
    form = {"bsd-syslog": "yes"}
    if release(plan.platform) >= FORMATS_SINCE:
        form = {"remote-log-format": "syslog", "remote-protocol": "udp"}
    said = {"name": LOG_ACTION, "target": "remote", "remote": str(one.address), "remote-port": str(one.port), **form}
    yield command("/system logging action", "add", said | tag(one.id), (one.id,))
    for topic in SEVERITIES:
        yield command("/system logging", "add", {"topics": topic, "action": LOG_ACTION}, (one.id,))
