"""The one script that a router with RouterOS keeps: it makes an encrypted backup, or none.

Without a password RouterOS saves a backup that anybody can read, with every key in it (manual, "Backup"). So the script
is held word by word: it asks, refuses what is short, and encrypts.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.model import Device
from bailiwick.network.model import Network
from bailiwick.proof.difference import Difference, Kind

NAME = "script.bailiwick-backup"
TEXT = (
    ':local one [/terminal/ask prompt="Password for the backup, 12 characters or more:"]; '
    ':local two [/terminal/ask prompt="The same once more:"]; '
    ':if ($one != $two) do={ :error "These are two passwords: nothing is saved." }; '
    ':if ([:len $one] < 12) do={ :error "Too short a password: nothing is saved." }; '
    "/system/backup/save name=bailiwick encryption=aes-sha256 password=$one; "
    ':put "Saved as bailiwick.backup: download it, then remove it here."'
)
"""What it says. The renderer has a text of its own, so that a wrong word there is seen."""


def backups(network: Network, device: Device) -> Iterator[Difference]:
    """Nothing of a router that runs Linux."""
    if not network.router.routeros:
        return
    kept = {key: text for key, text in device.settings.items() if key.startswith("script.")}
    text = kept.pop(NAME, None)
    name = NAME.removeprefix("script.")
    if text is None:
        yield Difference(Kind.SETTING, f"there is no script {name}, which makes encrypted backups")
    elif text != TEXT:
        yield Difference(Kind.SETTING, f"the script {name} is not the one that makes encrypted backups")
    for other in kept:
        yield Difference(Kind.SETTING, f"the script {other.removeprefix('script.')} is there, and nothing asks for it")
