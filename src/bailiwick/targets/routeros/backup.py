"""An encrypted backup on request: a script that asks for the password when it is run, so that none lies on the device.

Sources: MikroTik's manual, "Backup" (without a password the file is not encrypted) and "Scripting" (who runs a script
from the command line does so with rights of his own, and needs at least the script's). ``/terminal ask prompt=`` is in
the console of every release that is written for; what is typed is seen, for how it is hidden no page says. Nothing runs
the script by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.targets.lines import Line, comments
from bailiwick.targets.routeros.hardening import PASSWORD_LEAST
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command

NAME = "bailiwick-backup"

FILE = "bailiwick"
"""RouterOS adds ``.backup``. The next one takes its place, for flash is small."""

POLICY = "ftp,read,write,policy,test,password,sensitive"
"""What a backup takes; the rest of a new script's rights (reboot, sniffing) it has no use for."""

SOURCE = (
    f':local one [/terminal/ask prompt="Password for the backup, {PASSWORD_LEAST} characters or more:"]',
    ':local two [/terminal/ask prompt="The same once more:"]',
    ':if ($one != $two) do={ :error "These are two passwords: nothing is saved." }',
    f':if ([:len $one] < {PASSWORD_LEAST}) do={{ :error "Too short a password: nothing is saved." }}',
    f"/system/backup/save name={FILE} encryption=aes-sha256 password=$one",
    f':put "Saved as {FILE}.backup: download it, then remove it here."',
)


def backup() -> Iterator[Line]:
    """The script. A password that is short or empty ends it before anything is saved."""
    yield from comments(f"An encrypted backup, whenever you ask for it: /system/script/run {NAME}")
    said = {"name": NAME, "policy": POLICY, "source": "; ".join(SOURCE), **tag("backup")}
    yield command("/system script", "add", said, ("backup",))
