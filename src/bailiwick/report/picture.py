"""The network as a picture: the world above, the router in the middle, a card for each zone below: one SVG."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bailiwick.network.model import Addressing, Network, Uplink, Zone

WIDTH, MARGIN = 960, 24
CARD, GAP = 216, 16
LINE, SHOWN = 17, 6

STYLE = """
.network text { font: 13px system-ui, sans-serif; fill: #1d2733; }
.network .name { font-weight: 600; font-size: 15px; }
.network .small { font-size: 12px; fill: #566575; }
.network .box { fill: #ffffff; stroke: #93a1b0; }
.network .world { fill: #e8f0f8; stroke: #7d9cba; }
.network .router { fill: #fff4de; stroke: #c79a3b; }
.network .way { stroke: #93a1b0; fill: none; stroke-width: 1.5; }
.network .tunnel { stroke-dasharray: 5 4; }
.network .strip { fill: #4b7fb5; }
@media (prefers-color-scheme: dark) {
  .network text { fill: #e3e9ef; }
  .network .small { fill: #a3b1bf; }
  .network .box { fill: #1b232c; stroke: #5b6b7a; }
  .network .world { fill: #1c2b3a; stroke: #587da1; }
  .network .router { fill: #3a2f17; stroke: #b58d3c; }
}
"""


def picture(network: Network) -> str:
    """An SVG document of ``WIDTH`` pixels; the same network gives the same bytes."""
    uplinks = tuple(network.uplinks.values())
    cards = tuple(network.zones.values())
    columns = max(1, min(4, len(cards)))
    rows = [cards[at : at + columns] for at in range(0, len(cards), columns)]
    lines = {zone.name: _lines(network, zone) for zone in cards}
    body: list[str] = [*_world(uplinks), *_router(network)]
    bottom = 268
    for row in rows:
        height = 56 + LINE * max(len(lines[zone.name]) for zone in row)
        left = (WIDTH - len(row) * (CARD + GAP) + GAP) // 2
        for at, zone in enumerate(row):
            body += _card(zone, lines[zone.name], left + at * (CARD + GAP), bottom, height)
        bottom += height + 44
    title = f"The network {network.name}: {len(cards)} zones behind {network.router.name}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="network" role="img" width="{WIDTH}"'
            f' viewBox="0 0 {WIDTH} {bottom}">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            *body,
            "</svg>",
            "",
        ]
    )


def _world(uplinks: tuple[Uplink, ...]) -> Iterator[str]:
    middle = WIDTH // 2
    yield _box("world", middle - 90, MARGIN, 180, 36, radius=18)
    yield _text("name", middle, MARGIN + 23, "internet", anchor="middle")
    left = (WIDTH - len(uplinks) * (CARD + GAP) + GAP) // 2
    for at, uplink in enumerate(uplinks):
        center = left + at * (CARD + GAP) + CARD // 2
        kind = "way tunnel" if uplink.tunnel else "way"
        yield _way(kind, center, MARGIN + 36 if center == middle else MARGIN + 48, center, 96)
        if center != middle:
            yield _path(kind, f"M {middle} {MARGIN + 36} V {MARGIN + 48} H {center}")
        yield _box("box", center - CARD // 2, 96, CARD, 48)
        yield _text("name", center, 116, uplink.name, anchor="middle")
        yield _text("small", center, 134, f"{uplink.port}, {_addressing(uplink)}", anchor="middle")
        yield _path(kind, f"M {center} 144 V 160 H {middle} V 176")


def _router(network: Network) -> Iterator[str]:
    middle = WIDTH // 2
    yield _box("router", middle - 120, 176, 240, 48)
    yield _text("name", middle, 196, network.router.name, anchor="middle")
    yield _text("small", middle, 214, f"router, {network.router.platform}", anchor="middle")


def _card(zone: Zone, lines: tuple[str, ...], left: int, top: int, height: int) -> Iterator[str]:
    middle, center = WIDTH // 2, left + CARD // 2
    # Every row of cards hangs on one rail above it; the rails hang on the trunk below the router.
    yield _path("way", f"M {middle} 224 V {top - 22} H {center} V {top}")
    yield _box("box", left, top, CARD, height)
    yield f'<rect class="strip" x="{left}" y="{top}" width="5" height="{height}" rx="2"/>'
    yield _text("name", left + 16, top + 22, zone.name)
    tag = f"VLAN {zone.vlan}, " if zone.vlan is not None else ""
    yield _text("small", left + 16, top + 40, f"{tag}{zone.subnet}")
    for number, line in enumerate(lines):
        yield _text("", left + 16, top + 60 + LINE * number, line)


def _lines(network: Network, zone: Zone) -> tuple[str, ...]:
    here = [
        f"{host.name} {leg.address}" for host in network.hosts.values() for leg in host.legs if leg.place == zone.id
    ]
    here += [f"{device.name}, {device.kind}" for device in network.devices.values() if device.place == zone.id]
    if zone.dhcp is not None and zone.dhcp.pool is not None:
        here.append(f"guests of DHCP .{zone.dhcp.pool[0].packed[-1]} to .{zone.dhcp.pool[1].packed[-1]}")
    if zone.isolate:
        here.append("clients apart from each other")
    return (*here[: SHOWN - 1], f"and {len(here) - SHOWN + 1} more") if len(here) > SHOWN else tuple(here)


def _addressing(uplink: Uplink) -> str:
    return {
        Addressing.DHCP: "DHCP",
        Addressing.STATIC: str(uplink.address),
        Addressing.PPPOE: "PPPoE",
        Addressing.TUNNEL: "tunnel",
    }[uplink.addressing]


def _box(kind: str, left: int, top: int, width: int, height: int, *, radius: int = 6) -> str:
    return f'<rect class="{kind}" x="{left}" y="{top}" width="{width}" height="{height}" rx="{radius}"/>'


def _way(kind: str, x1: int, y1: int, x2: int, y2: int) -> str:
    return f'<path class="{kind}" d="M {x1} {y1} L {x2} {y2}"/>'


def _path(kind: str, way: str) -> str:
    return f'<path class="{kind}" d="{way}"/>'


def _text(kind: str, left: int, top: int, text: str, anchor: str = "start") -> str:
    short = text if len(text) <= 30 else f"{text[:29]}…"
    return f'<text class="{kind}" x="{left}" y="{top}" text-anchor="{anchor}">{escape(short)}</text>'
