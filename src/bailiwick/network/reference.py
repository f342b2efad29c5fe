"""The page of what the language already knows: services by name, and what each preset says."""

from __future__ import annotations

from bailiwick.network.catalogue import CATALOGUE, ICMP_TYPES, PROTOCOLS
from bailiwick.network.presets import PRESETS, Setting


def reference() -> str:
    """Markdown, for ``docs/services.md``."""
    lines = [
        "# Services and presets",
        "",
        "The services that have a name. Besides, a sentence may say `tcp/8080`, `udp/5000-5010`, `icmp/echo-request`,",
        "a protocol, `proto/50`, a service of the home's own (`services:`), or `any`.",
        "",
        "| service | on the wire |",
        "|---|---|",
        *(f"| `{name}` | {', '.join(f'`{part}`' for part in CATALOGUE[name])} |" for name in sorted(CATALOGUE)),
        "",
        f"Protocols: {', '.join(f'`{name}`' for name in PROTOCOLS)}. "
        f"ICMP types: {', '.join(f'`{name}`' for name in ICMP_TYPES)}, or a number.",
        "",
        "## Presets",
        "",
        "A zone's `preset` stands for these lines and settings; what the zone says itself wins.",
        "",
    ]
    for preset, setting in PRESETS.items():
        lines += [f"### {preset}", "", *_setting(setting), ""]
    return "\n".join(lines)


def _setting(setting: Setting) -> list[str]:
    targets = {"*": "every other zone"}
    sentences = [f"- ZONE -> {targets.get(to, to)}: {', '.join(services)}" for to, services in setting.sentences]
    keys = [key for key, on in (("isolate", setting.isolate), ("force-dns", setting.force_dns)) if on]
    return ["```", *sentences, *(f"{key}: yes" for key in keys), "```"]
