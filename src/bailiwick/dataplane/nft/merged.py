"""Two negated fields that lie side by side, which an nft may have loaded as one comparison of both.

nft 1.0.6 loads ``tcp sport != 53 tcp dport != 53`` as "not (53 and 53)" and lists it as it was written
(``nft --debug=netlink``): the listing cannot tell which of the two the kernel has. Sure is what both agree on.
"""

from __future__ import annotations

from collections.abc import Sequence

from bailiwick.dataplane.rules import Among, AnyOf, Family, Step, Unknown
from bailiwick.packets import header

_NEIGHBOURS = (
    frozenset({header.SOURCE_PORT, header.DESTINATION_PORT}),
    frozenset({header.ICMP_TYPE, header.ICMP_CODE}),
)
DOUBT = "two fields side by side are not equal to something: nft may have loaded it as not both"


def unmerged(path: Sequence[Step]) -> tuple[tuple[Step, ...], bool]:
    """The steps with an unknown where the two readings differ, and whether there is one."""
    steps: list[Step] = []
    found = False
    before: int | None = None
    for step in path:
        if isinstance(step, Among) and _single(step):
            first = steps[before] if before is not None else None
            if isinstance(first, Among) and frozenset({first.field, step.field}) in _NEIGHBOURS:
                assert before is not None
                del steps[before]
                unknown = Unknown(DOUBT, steady=True, key=f"{DOUBT}: {first} {step}")
                steps += [AnyOf(((first,), (step,))), AnyOf(((first, step), (unknown,)))]
                before, found = None, True
                continue
            before = len(steps)
        elif not (isinstance(step, Family) or (isinstance(step, Among) and step.field == header.PROTOCOL)):
            before = None
        steps.append(step)
    return tuple(steps), found


def _single(step: Among) -> bool:
    return step.negated and step.mask is None and step.values.size() == 1
