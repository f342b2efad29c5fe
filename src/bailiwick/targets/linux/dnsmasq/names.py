"""What a resolver knows by itself, whom it asks for the rest, and what it does not believe (dnsmasq(8))."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from bailiwick.plan.model import ResolverInstance
from bailiwick.targets.lines import Line, comments
from bailiwick.targets.linux.dnsmasq.syntax import option

SPECIAL = ("home.arpa", "invalid", "local", "localhost", "onion", "test")
"""Names that the world's DNS has nothing to say about: RFC 6761, 6762, 7686, 8375."""

CANARY = "use-application-dns.net"
"""Where a browser looks whether it may send its queries past the network's resolver (Mozilla's canary domain)."""

REBIND_KNOWN = tuple(
    IPv4Network(text)
    for text in ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
)
"""What ``stop-dns-rebind`` takes for private (rfc1035.c, private_net), as far as a zone may lie in it."""


def names(resolver: ResolverInstance, home_subnets: Iterable[IPv4Network]) -> Iterator[Line]:
    """The DNS part of an instance. ``home_subnets`` are every zone's."""
    ids = (resolver.id,)
    yield from comments("Nothing is read from the router's own files, and the version is nobody's business.")
    for name in ("no-hosts", "no-resolv", "no-poll", "no-ident"):
        yield option(name)
    yield option("cache-size", str(resolver.cache), ids=ids)
    yield from comments("1232 bytes cross every path unfragmented.")
    yield option("edns-packet-max", "1232")
    yield from comments("Names and addresses of the home are never asked of the world.")
    for name in ("domain-needed", "bogus-priv", "dns-loop-detect"):
        yield option(name)
    yield from _own_domains(resolver)
    yield option("local", f"/{CANARY}/")
    if resolver.rebind_protection:
        yield from _rebinding(resolver, home_subnets)
    for upstream in resolver.upstreams:
        bound = f"@{resolver.upstream_interface}" if resolver.upstream_interface else ""
        yield option("server", f"{upstream}{bound}", ids=ids)
    if resolver.records:
        yield from comments("The first name of an address is the one that a reverse query finds.")
    for record in sorted(resolver.records, key=lambda r: (r.address, not r.reverse, r.name)):
        yield option("host-record", record.name, str(record.address), ids=(*ids, f"record:{record.name}"))


def _own_domains(resolver: ResolverInstance) -> Iterator[Line]:
    ids = (resolver.id,)
    own = dict.fromkeys((resolver.domain, *(domain for domain, _ in resolver.zone_domains)))
    for domain in (*own, *(name for name in SPECIAL if name not in own)):
        yield option("local", f"/{domain}/", ids=ids if domain in own else ())
    yield option("domain", resolver.domain, ids=ids)
    for domain, subnet in resolver.zone_domains:
        yield option("domain", domain, str(subnet), ids=ids)


def _rebinding(resolver: ResolverInstance, home_subnets: Iterable[IPv4Network]) -> Iterator[Line]:
    ids = (resolver.id,)
    yield from comments("An answer from the world that points into the home is dropped.")
    yield option("stop-dns-rebind", ids=ids)
    for domain in resolver.rebind_ok:
        yield option("rebind-domain-ok", f"/{domain}/", ids=ids)
    for subnet in home_subnets:
        if not any(subnet.subnet_of(known) for known in REBIND_KNOWN):
            yield option("bogus-nxdomain", str(subnet), ids=ids)
