"""What a generation's files ask of the running system, beside what that looks like: each difference with its file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bailiwick.agent.look import foreign
from bailiwick.agent.look.aspects import routing
from bailiwick.agent.look.aspects.fact import Fact, flags
from bailiwick.agent.look.aspects.machine import ABSENT
from bailiwick.agent.look.aspects.ruleset import ruleset
from bailiwick.agent.look.listing import ADDRESSES, RULES, VLANS, Listing, run, setting
from bailiwick.agent.look.live import Difference, Live, Scope, compare
from bailiwick.agent.look.scope import NETWORK, SYSCTL, assignments
from bailiwick.agent.model import Generation
from bailiwick.dataplane.linux import Draft, device, read_batch, read_links, read_rules, read_vlans
from bailiwick.dataplane.linux.draft import Ledger
from bailiwick.dataplane.linux.ini import assigned, sections
from bailiwick.dataplane.linux.networkd import read_networkd
from bailiwick.dataplane.model import Device, Interface, RoutingRule

FIREWALL = "/etc/bailiwick/firewall.nft"
BATCH = "/etc/bailiwick/exits.batch"
_KERNELS = {(4, 0, "local"), (4, 32766, "main"), (4, 32767, "default"), (6, 0, "local"), (6, 32766, "main")}
"""Version, preference and table of the rules that the kernel makes by itself (fib_rules(7) has the first three)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A look, the listing it was made of, and the scope of both. ``known``: what nft lists of a text once it is loaded,
    by the text, where it was asked before (``loaded``)."""

    live: Live
    listing: Listing
    scope: Scope
    known: Mapping[str, str] = field(default_factory=dict)

    def passing(self, link: str) -> bool:
        """Whether it comes and goes by itself, and is no sign of anything when it is away."""
        return any(fact.link == link for fact in self.live.beside.get("links", ()))


def unmet(generation: Generation, texts: Mapping[str, str], seen: Seen) -> tuple[Difference, ...]:
    """``texts`` by path: the generation's own, or those that lie on the disk in their place.

    Raises Unseen, and dataplane's Unreadable for a listing that is none."""
    found = [*_rules(texts, seen), *_settings(texts, seen), *_units(generation, seen)]
    wanted, there = _asked(texts), _there(seen.listing)
    for line, why in wanted.tally.unknown:
        found.append(Difference("files", line.file, "understood", f"not understood in line {line.number}: {why}"))
    for interface in wanted.interfaces.values():
        if interface.name != "lo":
            found += _link(interface, wanted, there, seen)
    found += [*_sizes(texts, seen), *_addresses(wanted, seen), *_strangers(wanted, there, seen)]
    found += [*_routes(wanted, seen), *_routing_rules(wanted, there, seen)]
    return tuple(found)


def _asked(texts: Mapping[str, str]) -> Device:
    draft = Draft()
    read_networkd(draft, {path: text for path, text in texts.items() if path.startswith(NETWORK)})
    if BATCH in texts:
        read_batch(draft, BATCH, texts[BATCH])
    return device(draft, "wanted")


def _there(listing: Listing) -> Device:
    draft = Draft()
    read_links(draft, ADDRESSES, listing.texts[ADDRESSES])
    read_vlans(draft, VLANS, listing.texts[VLANS])
    for version, name in RULES.items():
        read_rules(draft, name, listing.texts[name], version)
    return device(draft, "there")


def loaded(text: str) -> str:
    """What nft lists of a file once it is loaded, in a network namespace that is gone afterwards. Raises Unseen."""
    return run("unshare", "--net", "sh", "-c", "nft -f - && nft -j list ruleset", text=text)


def _listed(text: str, seen: Seen) -> str:
    known = seen.known.get(text)
    return loaded(text) if known is None else known


def _rules(texts: Mapping[str, str], seen: Seen) -> Iterator[Difference]:
    listed = json.loads(_listed(texts[FIREWALL], seen)) if FIREWALL in texts else {"nftables": []}
    ours, _ = ruleset(listed, {})
    if ours.lasting and not seen.live.aspects["rules"]:
        yield Difference("rules", ours.lasting[0].subject, "with all its rules", None, FIREWALL)
        return
    for one in compare("rules", tuple(ours.lasting), seen.live.aspects["rules"]):
        yield replace(one, source=FIREWALL)


def _settings(texts: Mapping[str, str], seen: Seen) -> Iterator[Difference]:
    looked = (*seen.live.aspects["settings"], *seen.live.beside.get("settings", ()))
    held = {fact.subject: fact.value for fact in looked}
    for path in sorted(path for path in texts if path.startswith(SYSCTL)):
        for key, (value, must) in assignments(texts[path]).items():
            found = held.get(key) or setting(key) or ABSENT  # a file changed by hand may have keys of its own
            if found != value and (must or found != ABSENT):
                yield Difference("settings", key, value, found, path)


def _units(generation: Generation, seen: Seen) -> Iterator[Difference]:
    ours = {file.path for file in generation.files}
    for fact in seen.live.aspects["units"]:
        state, *rest = fact.value.split(", ")
        if fact.subject in generation.enable:
            if state not in ("enabled", "static", "alias", "generated", "indirect"):
                yield Difference("units", fact.subject, "enabled", state, "the generation")
            if rest[:1] != ["running"]:
                yield Difference("units", fact.subject, "running", rest[0] if rest else state, "the generation")
        elif fact.subject in generation.disable:
            if state not in ("masked", "not there"):
                yield Difference("units", fact.subject, "masked", state, "the generation")
            if rest[:1] == ["running"]:
                yield Difference("units", fact.subject, "stopped", "running", "the generation")
        for more in rest[1:]:
            yield from _more(fact, more, ours)


def _more(fact: Fact, more: str, ours: set[str]) -> Iterator[Difference]:
    """Files that add to a unit of ours, and one that systemd has not read yet."""
    path = more.removeprefix("with ")
    if path == more:
        yield Difference("units", fact.subject, "as its file says", more)
    elif path not in ours:
        name, _, _ = fact.subject.partition("@")
        yield Difference("units", fact.subject, "", f"changed by {path}", whose="" if name in path else foreign.UNKNOWN)


def _link(asked: Interface, wanted: Device, there: Device, seen: Seen) -> Iterator[Difference]:
    source = asked.line.file if asked.line else ""
    held = there.interfaces.get(asked.name)
    if held is None or seen.passing(asked.name):
        if not asked.dynamic and held is None and asked.kind != "ppp":
            yield Difference("links", asked.name, asked.kind, None, source)
        return
    for name, one, other in _traits(asked, held, wanted, there):
        if one != other:
            wanted_, found = (f"{name} {value}".strip() for value in (one, other))
            yield Difference("links", asked.name, wanted_, found, source)
    if asked.vlan_line is not None or asked.bare or asked.tagged:
        for number in sorted(_carried(asked) | _carried(held)):
            one, other = (_vlan(interface, number) for interface in (asked, held))
            if one != other:
                yield Difference("vlans", f"{asked.name} VLAN {number}", one, other, source)


def _traits(asked: Interface, held: Interface, wanted: Device, there: Device) -> Iterator[tuple[str, object, object]]:
    """What is told of a link on both sides: a name, as asked for, as it is."""
    if asked.kind not in ("ethernet", "unknown"):
        yield "kind", asked.kind, held.kind
    if asked.kind == "vlan":
        yield "over", asked.parent, held.parent
        yield "VLAN", asked.vlan, held.vlan
    yield "port of", asked.master or "none", held.master or "none"
    yield "", "up", "up" if held.up else "down"
    yield "", _isolated(asked), _isolated(held)
    for key in ("vlan_filtering", "default_pvid"):
        setting = f"bridge.{asked.name}.{key}"
        if setting in wanted.settings:
            one, other = (side.settings.get(setting, "0").replace("none", "0") for side in (wanted, there))
            yield key.replace("_", " "), one, other


def _sizes(texts: Mapping[str, str], seen: Seen) -> Iterator[Difference]:
    """``MTUBytes=`` of systemd.network(5) and systemd.netdev(5), where a file says one."""
    held = {str(link["ifname"]): str(link.get("mtu")) for link in seen.listing.data(ADDRESSES)}
    for path in sorted(path for path in texts if path.startswith(NETWORK)):
        found = sections(path, texts[path], Ledger())
        for names, name in (("Match", "Link"), ("NetDev", "NetDev")):
            for size in assigned(found, name, "MTUBytes")[-1:]:
                for link in assigned(found, names, "Name"):
                    if held.get(link, size) != size:
                        yield Difference("links", link, f"mtu {size}", f"mtu {held[link]}", path)


def _isolated(interface: Interface) -> str:
    return "isolated" if interface.isolated else "not isolated"


def _carried(interface: Interface) -> frozenset[int]:
    native = frozenset() if interface.untagged is None else frozenset({interface.untagged})
    return interface.tagged | interface.bare | native


def _vlan(interface: Interface, number: int) -> str | None:
    if number not in _carried(interface):
        return None
    leaves = "leaves untagged" if number in interface.bare and number not in interface.tagged else "leaves tagged"
    return f"{leaves}, native" if number == interface.untagged else leaves


def _addresses(wanted: Device, seen: Seen) -> Iterator[Difference]:
    held = {fact.subject for fact in seen.live.aspects["addresses"]}
    there = {fact.link for fact in seen.live.aspects["links"]}
    asked: set[str] = set()
    for interface in wanted.interfaces.values():
        for address in interface.addresses:
            subject = f"{interface.name} {address.with_prefixlen}"
            asked.add(subject)
            away = interface.name in seen.live.silent or interface.name not in there
            if subject not in held and not away:
                yield Difference("addresses", subject, "", None, interface.line.file if interface.line else "")
    for fact in seen.live.aspects["addresses"]:
        if fact.subject not in asked and fact.link != "lo":
            yield _new("addresses", fact, wanted)


def _strangers(wanted: Device, there: Device, seen: Seen) -> Iterator[Difference]:
    """Links that no file asks for: a card that is not used is none; a port of a bridge of ours is, whoever plugs it."""
    for fact in (*seen.live.aspects["links"], *seen.live.beside.get("links", ())):
        held = there.interfaces[fact.link]
        if fact.link in wanted.interfaces or held.kind == "loopback":
            continue
        if held.master in wanted.interfaces:
            by = f", made by {fact.whose}" if fact.whose else ""
            yield Difference("links", fact.link, None, f"a port of {held.master}, which no file says{by}")
        elif fact.whose or not fact.value.startswith("ether,"):
            yield Difference("links", fact.link, None, fact.value, whose=fact.whose or foreign.UNKNOWN)


def _routes(wanted: Device, seen: Seen) -> Iterator[Difference]:
    held = Counter(fact.exact for fact in seen.live.aspects["routes"])
    links = {fact.link for fact in seen.live.aspects["links"]}
    asked: set[str] = set()
    for route in wanted.routing.routes:
        more = {"metric": route.metric, "table": route.table}
        key = routing.key(route.kind, route.prefix, route.interface, route.gateway, more)
        asked.add(key)
        stands = route.lasting and (route.interface is None or route.interface in links - seen.live.silent)
        if stands and not held[key]:
            what = f"{route.prefix} metric {route.metric} table {route.table}"
            words = flags((("", route.kind), ("via", route.gateway), ("dev", route.interface)))
            yield Difference("routes", what, words, None, route.line.file if route.line else "")
    for fact in seen.live.aspects["routes"]:
        if fact.exact not in asked and not fact.value.endswith(routing.KERNELS):
            yield _new("routes", fact, wanted)


def _new(aspect: str, fact: Fact, wanted: Device) -> Difference:
    """Ours to explain where it hangs on a link of ours, or on none; else somebody else's."""
    ours = not fact.link or fact.link in wanted.interfaces
    return Difference(aspect, fact.subject, None, fact.value, whose="" if ours else foreign.UNKNOWN)


def _routing_rules(wanted: Device, there: Device, seen: Seen) -> Iterator[Difference]:
    """The rules were read in the order of the listing, one for each of its entries."""
    told = [(version, one) for version, name in RULES.items() for one in seen.listing.data(name)]
    left = Counter(_plain(rule) for rule in wanted.routing.rules)
    kernels = {own for own in _KERNELS if own[0] in {version for version, _ in told}}
    for (version, one), rule in zip(told, there.routing.rules, strict=True):
        subject, value = routing.rule_key(version, one)
        own = (version, rule.priority, rule.table)
        if left[_plain(rule)]:
            left[_plain(rule)] -= 1
        elif own in kernels and one.get("protocol") == "kernel":
            kernels.discard(own)
        elif not foreign.of_routing_rule(one):
            yield Difference("policy routing", subject, None, value)
    for rule in wanted.routing.rules:
        if left[_plain(rule)]:
            left[_plain(rule)] -= 1
            line = rule.line
            words = line.text.removeprefix("rule add ") if line else ""
            yield Difference("policy routing", f"IPv{rule.family or 4} rule {rule.priority}", words, None, BATCH)
    for version, priority, table in sorted(kernels):
        yield Difference("policy routing", f"IPv{version} rule {priority}", f"lookup {table}", None, "the kernel")


def _plain(rule: RoutingRule) -> RoutingRule:
    return replace(rule, line=None, family=rule.family or 4)
