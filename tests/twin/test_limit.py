from __future__ import annotations

import pytest

from bailiwick.twin import TwinOptions, try_network
from tests.twin.homes import plain

pytestmark = pytest.mark.real


def test_packets_that_were_left_out_are_said() -> None:
    one = plain()
    result = try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(limit=40))
    assert {missing.name: missing.note for missing in result.untried}["every packet"].startswith("40 of ")
    assert result.holds
