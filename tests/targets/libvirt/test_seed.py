from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bailiwick.plan.guests import Card, GuestMachine
from bailiwick.targets.libvirt.seed import seed
from tests.targets.hypervisor.machine_plans import CLOUD, GATE, GUESTS, TV

PACKAGES = ("nftables", "dnsmasq-base")


def read(guest: GuestMachine, name: str, asks: frozenset[str] = frozenset()) -> Any:
    files = seed(guest, PACKAGES if guest.router else (), asks, "")
    return yaml.safe_load(next(a.text for a in files if a.path == f"/etc/bailiwick/guests/{guest.name}/{name}"))


def test_nobody_has_a_password_and_the_key_is_a_secret() -> None:
    for artifact in seed(CLOUD, (), frozenset(), ""):
        assert artifact.mode == 0o600
        assert "passwd:" not in artifact.text.replace("lock_passwd: true", "")
    user = read(CLOUD, "user-data")
    assert user["ssh_pwauth"] is False
    assert user["users"][0]["lock_passwd"] is True
    assert user["users"][0]["ssh_authorized_keys"] == ["@SECRET:ssh-key@"]
    artifact = next(a for a in seed(CLOUD, (), frozenset(), "") if a.path.endswith("user-data"))
    assert artifact.secrets == {"@SECRET:ssh-key@": "ssh-key"}
    assert artifact.text.startswith("#cloud-config\n")


def test_a_guest_has_the_address_that_the_home_file_says() -> None:
    card = read(CLOUD, "network-config")["ethernets"]["eth0"]
    assert card["match"] == {"macaddress": "52:54:00:aa:00:05"}
    assert card["dhcp4"] is False
    assert card["addresses"] == ["192.168.20.5/24"]
    assert card["routes"] == [{"to": "0.0.0.0/0", "via": "192.168.20.1"}]
    assert card["nameservers"] == {"addresses": ["192.168.20.1"], "search": ["home.arpa"]}


def test_a_guest_without_an_address_asks_for_one() -> None:
    card = read(TV, "network-config")["ethernets"]["eth0"]
    assert card["dhcp4"] is True
    assert "addresses" not in card


def test_a_listener_asks_nobody_and_only_one_card_is_the_way_out() -> None:
    cards = (
        *CLOUD.cards,
        Card("dmz", "52:54:00:aa:00:07", tap="tap-2", address="192.168.30.5/24"),
        Card("mirror", "52:54:00:aa:00:08", tap="tap-3", listens=True),
    )
    found = read(replace(CLOUD, cards=cards), "network-config")["ethernets"]
    assert found["dmz"]["addresses"] == ["192.168.30.5/24"]
    assert "routes" not in found["dmz"]
    assert found["mirror"]["dhcp4"] is False
    assert "addresses" not in found["mirror"]


def test_the_router_gets_what_its_files_need_by_the_card_that_asks() -> None:
    user = read(GATE, "user-data")
    assert user["packages"] == list(PACKAGES)
    assert user["ntp"]["ntp_client"] == "systemd-timesyncd"
    found = read(GATE, "network-config", frozenset({"wan0"}))["ethernets"]
    assert set(found) == {"passed-through", "lan"}
    assert (found["passed-through"]["dhcp4"], found["lan"]["dhcp4"]) == (True, False)
    assert read(GATE, "network-config")["ethernets"]["passed-through"]["dhcp4"] is False
    written = user["write_files"][0]
    assert yaml.safe_load(written["content"]) == {"network": {"config": "disabled"}}
    assert "packages" not in read(CLOUD, "user-data")


@pytest.mark.parametrize("guest", GUESTS, ids=lambda guest: guest.name)
def test_no_guest_swaps(guest: GuestMachine) -> None:
    assert read(guest, "user-data")["mounts"] == [["swap"]]


def test_the_first_start_stays_the_first() -> None:
    assert read(CLOUD, "meta-data") == read(replace(CLOUD, memory=1, cpus=9), "meta-data")
    assert read(CLOUD, "meta-data")["instance-id"] == "bailiwick-hv-cloud"


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("cloud-init") is None, reason="no cloud-init (package cloud-init)")
def test_cloud_init_takes_every_seed(tmp_path: Path) -> None:
    path = tmp_path / "user-data"
    for guest in GUESTS:
        files = seed(guest, PACKAGES if guest.router else (), frozenset(), "")
        user = next(a.text for a in files if a.path.endswith("user-data"))
        for content, status in (
            (user, 0),
            (user.replace("packages:", "packagez:\n").replace("users:", "users: 3\n#"), 1),
        ):
            path.write_text(content, encoding="utf-8")
            done = subprocess.run(
                ["cloud-init", "schema", "--config-file", str(path)], capture_output=True, text=True, check=False
            )
            assert done.returncode == status, content + done.stdout + done.stderr
