"""What differs between the Debian suites that we write for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Platform:
    name: str
    foreign_next_hops: bool  # networkd.conf(5) knows ManageForeignNextHops=, since systemd 256


PLATFORMS = {
    platform.name: platform
    for platform in (
        Platform("debian-12", foreign_next_hops=False),
        Platform("debian-13", foreign_next_hops=True),
    )
}


def platform_of(name: str) -> Platform:
    """Raises ValueError for a platform that nothing is known about."""
    try:
        return PLATFORMS[name]
    except KeyError:
        raise ValueError(f"no facts about the platform {name!r}; known: {', '.join(sorted(PLATFORMS))}") from None
