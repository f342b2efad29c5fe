"""The one call that reads a resolved home and says what it means."""

from __future__ import annotations

from collections import defaultdict

from bailiwick.intent.border import border
from bailiwick.intent.derived import openings, router
from bailiwick.intent.doors import doors, masks
from bailiwick.intent.forwards import hairpins, through
from bailiwick.intent.hygiene import hygiene
from bailiwick.intent.intent import Intent
from bailiwick.intent.meant import Kind, Meant
from bailiwick.intent.sentences import accepted, denied
from bailiwick.intent.services import meaning
from bailiwick.network.model import Match, Network, Permission
from bailiwick.packets.space import Cube, PacketSet


def mean(network: Network) -> Intent:
    """Raises nothing: a network that was resolved has a meaning."""
    frontier = border(network)
    spoken: dict[tuple[tuple[Match, ...], tuple[Match, ...]], PacketSet] = {}

    def services(sentence: Permission) -> PacketSet:
        key = (sentence.matches, sentence.but)
        if key not in spoken:
            spoken[key] = meaning(*key)
        return spoken[key]

    meant = []
    for sentence in network.policy:
        words = sentence.id.rsplit(":", 1)[-1].replace(",", ", ")
        text = f"{sentence.source.text} -> {sentence.target.text}: {words}"
        packets = accepted(frontier, sentence, services(sentence))
        meant.append(Meant(sentence.id, sentence.span, text, packets, Kind.POLICY, words))
    leading: dict[str, list[Cube]] = defaultdict(list)
    for one in meant:
        for cube in one.packets.cubes():
            for place in cube.egress.members:
                leading[place].append(cube)
    meant += openings(network, frontier)
    for forward in network.forwards:
        meant.append(through(forward))
        meant += hairpins(network, forward, leading[forward.place])
    meant.append(router(network))
    return Intent(
        network=network,
        meant=tuple(meant),
        hygiene=tuple(one for one in hygiene(network, frontier) if one.packets),
        denials=tuple((test, denied(frontier, test, services(test))) for test in network.deny),
        assurances=tuple((test, accepted(frontier, test, services(test))) for test in network.accept),
        doors=tuple(doors(network, frontier, meant)),
        masks=tuple(masks(network)),
    )


def asked_packets(intent: Intent, question: Permission) -> PacketSet:
    """The packets that a question is about: as its sentence would accept them, or else as a test would deny them."""
    frontier = border(intent.network)
    services = meaning(question.matches, question.but)
    natural = accepted(frontier, question, services)
    return natural if natural else denied(frontier, question, services)
