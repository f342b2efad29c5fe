"""One configuration file for each dnsmasq that runs."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import DhcpServer, Plan, ResolverInstance
from bailiwick.targets.artifact import Artifact
from bailiwick.targets.lines import Line, artifact, banner, comments, paragraphs
from bailiwick.targets.linux.dnsmasq.leases import leases
from bailiwick.targets.linux.dnsmasq.names import names
from bailiwick.targets.linux.dnsmasq.syntax import option


def instance_name(resolver: ResolverInstance) -> str:
    """``main``, or the exit's name."""
    return resolver.id.split(":", 1)[1]


def instances(plan: Plan) -> tuple[Artifact, ...]:
    """Nothing for a main instance that neither answers DNS nor serves DHCP anywhere."""
    out: list[Artifact] = []
    for resolver in plan.resolvers:
        dhcp = plan.dhcp if resolver.exit is None else ()
        if not (resolver.serves or dhcp):
            continue
        name = instance_name(resolver)
        lines = (
            *banner(_purpose(resolver), plan.router),
            *paragraphs(
                _common(resolver, dhcp),
                names(resolver, plan.home_subnets) if resolver.serves else (),
                *leases(dhcp, resolver.records),
            ),
        )
        reload = f"systemctl restart bailiwick-dnsmasq@{name}.service"
        out.append(artifact(f"/etc/bailiwick/dnsmasq/{name}.conf", lines, reload=reload))
    return tuple(out)


def _purpose(resolver: ResolverInstance) -> str:
    if resolver.exit is not None:
        return f"DNS for those who leave by {instance_name(resolver)}"
    return "DNS and DHCP" if resolver.serves else "DHCP; another host answers DNS"


def _common(resolver: ResolverInstance, dhcp: tuple[DhcpServer, ...]) -> Iterator[Line]:
    ids = (resolver.id,)
    yield option("port", str(resolver.port if resolver.serves else 0), ids=ids)
    yield from comments("On these interfaces alone, also when they come later; never on a wildcard address.")
    yield option("bind-dynamic")
    served = {server.interface: server.id for server in dhcp}
    answering = resolver.interfaces if resolver.serves else ()
    for name in dict.fromkeys((*answering, *served)):
        yield option("interface", name, ids=(*ids, *([served[name]] if name in served else [])))
    if resolver.exit is not None:
        yield option("except-interface", "lo", ids=ids)
    for name in answering:
        if name not in served:
            yield option("no-dhcp-interface", name, ids=ids)
    yield option("pid-file")
    yield option("log-facility", "-")
