"""What goes wrong while a script is imported, a second time too."""

from __future__ import annotations

import pytest

from bailiwick.dataplane.routeros.importing import faults

TABLE = "/routing table add name=by-lte fib\n"
ROUTE = "/ip route add dst-address=0.0.0.0/0 gateway=203.0.113.1"
AGAIN = "/ip route remove [ find dst-address=0.0.0.0/0 ]\n"


@pytest.mark.parametrize(
    ("script", "sentences"),
    [
        (f"{AGAIN}{ROUTE}\n{ROUTE} distance=2\n", []),
        (
            f"{AGAIN}{ROUTE}\n{ROUTE} distance=1\n",
            ["this route is as good as the one in line 2: it may be taken or not"],
        ),
        (f"{AGAIN}{ROUTE} disabled=yes\n{ROUTE}\n", []),
        (f"{ROUTE}\n", ["imported again, it leaves 1 more in /ip route"]),
        (f"{AGAIN}{ROUTE} routing-table=by-lte\n", ["there is no /routing table `by-lte`: the import stops here"]),
        (
            "/ip address remove [ find address=192.0.2.1/24 ]\n/ip address add address=192.0.2.1/24\n",
            ["/ip address has no `interface` here"],
        ),
        (
            "/interface ethernet switch set switch1 mirror-source=ether2 mirror-target=nowhere\n",
            ["`nowhere` is no port to copy to: the import stops here"],
        ),
        (
            "/interface/ethernet/switch set switch1 mirror-source=ether2 mirror-target=nowhere\n",
            ["`nowhere` is no port to copy to: the import stops here"],
        ),
    ],
)
def test_faults_of_an_import(script: str, sentences: list[str]) -> None:
    assert [sentence for _, sentence in faults(script, "router.rsc")] == sentences
