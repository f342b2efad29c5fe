from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A user's PATH on Debian lacks sbin, where nft, dnsmasq and sysctl are; in a namespace of their own, users run them.
os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """What a test makes of it (the agent's commands run in this process, too) is no other test's."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases", action="store_true", help="rewrite what the golden cases under tests/cases expect"
    )
