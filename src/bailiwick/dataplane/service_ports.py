"""Ports of a MikroTik's own services: apart from its reader, as the proof of any router names them.

What writes a script has its own table (``targets.routeros``): whoever reads it back is to find a wrong port there.
"""

from __future__ import annotations

SERVICES = {
    "telnet": 23,
    "ftp": 21,
    "www": 80,
    "ssh": 22,
    "www-ssl": 443,
    "api": 8728,
    "winbox": 8291,
    "api-ssl": 8729,
}
"""Of ``/ip service``, with the ports that they have where nothing else is said (manual, "Services")."""
