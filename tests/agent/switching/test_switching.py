"""A device goes from what its owner had to a home's files, from home to home, and back: on real daemons."""

from __future__ import annotations

import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bailiwick.twin.scene.namespaces import CommandFailed, run_in, within
from tests.agent.switching.conftest import HOME
from tests.agent.switching.device import Contents, Device, SwitchRefused, changes, files_of
from tests.agent.switching.monitor import monitored

pytestmark = [pytest.mark.real, pytest.mark.slow]

DEEP = pytest.mark.deep
NETWORK = "/etc/systemd/network/10-bailiwick-"
OLD = "192.168.11.200"
"""Its owner's address of it."""
ALONE = "a guard stands: what passes now is what the old rules and the new ones both let pass"
PROBE = """
import socket, sys
while True:
    for address in sys.argv[1:]:
        try:
            socket.create_connection((address, 22), 0.02).close()
            print("open", address, flush=True)
        except OSError:
            pass
"""


def answers(device: Device, address: str, seconds: float = 30.0) -> bool:
    """Whether it does within that time; one who does not is given a second at the least."""
    end = time.monotonic() + seconds
    while True:
        try:
            run_in(device.box.wall.stations["near"].netns, "busybox", "ping", "-c", "1", "-W", "1", address)
        except CommandFailed:
            if time.monotonic() > end:
                return False
        else:
            return True


def gone(device: Device, address: str) -> None:
    """Until the device is without it: what goes by a commit goes behind it."""
    end = time.monotonic() + 30
    while f"{address}/" in addresses(device):
        assert time.monotonic() < end, address


def addresses(device: Device) -> str:
    return device.box.run("ip", "-br", "-4", "address")


def process(device: Device, unit: str = "bailiwick-dnsmasq@main") -> str:
    return device.box.run("systemctl", "show", "-P", "MainPID", unit).strip()


def quiet(told: list[str]) -> list[str]:
    """What was done, without what is said every time."""
    return [one for one in told if one != ALONE and "open connections ended" not in one]


def before_in(told: list[str], *words: str) -> bool:
    """They are told in this order."""
    places = [next(at for at, one in enumerate(told) if word in one) for word in words]
    return places == sorted(places)


@contextmanager
def asked_from_outside(device: Device, *more: str, patience: float = 0.0) -> Iterator[list[str]]:
    """Whether the provider's side ever reaches the SSH daemon meanwhile: a word for each time; the first is waited
    for with that patience in the end."""
    heard: list[str] = []
    with within(device.box.wall.stations["isp"].netns):
        probe = subprocess.Popen(["python3", "-c", PROBE, "192.168.1.77", *more], stdout=subprocess.PIPE, text=True)
    try:
        yield heard
        assert probe.stdout is not None
        if select.select([probe.stdout], [], [], patience)[0]:
            heard.append(probe.stdout.readline())
    finally:
        probe.kill()
        heard.extend(probe.communicate()[0].split("\n")[:-1])


@pytest.fixture(scope="module")
def as_it_stands(device: Device, first: int) -> dict[str, object]:
    """The look of the first generation, once its old address is gone."""
    device.committed(first)
    gone(device, OLD)
    return dict(device.look())


def test_the_first_takes_over_from_what_was_there(device: Device, first: int) -> None:
    box = device.box
    assert device.unlike(first) == []
    assert before_in(device.told, "guard", "files are in place", "firewall is loaded", "networking.service is stopped")
    assert before_in(device.told, "nftables.service is stopped", "card eth1 is called wan0", "networkd is started")
    assert device.tables.index("add table inet bailiwick") < device.tables.index("delete table inet filter")
    assert "delete table inet bailiwick" not in device.tables
    assert "wan0" in addresses(device)
    assert "192.168.11.254/24" in addresses(device)
    assert box.run("nft", "list", "tables").split() == ["table", "inet", "bailiwick"]
    assert box.run("systemctl", "is-enabled", "networking", "nftables", ok=False).split() == ["masked", "masked"]
    assert box.run("sysctl", "-n", "net.ipv4.ip_forward", "net.ipv4.conf.eth0.rp_filter").split() == ["1", "0"]
    for unit in ("bailiwick-firewall", "bailiwick-exits", "systemd-networkd", "bailiwick-dnsmasq@main"):
        assert box.run("systemctl", "is-active", unit).strip() == "active"


def test_the_old_address_answers_until_it_is_confirmed(device: Device, first: int) -> None:
    assert answers(device, "192.168.11.254")
    assert answers(device, OLD)
    with monitored(device.box, "ip", "monitor", "link") as heard:
        device.committed(first)
        gone(device, OLD)
    assert answers(device, "192.168.11.254")
    assert not answers(device, OLD, 0)
    assert not [line for line in heard if "NO-CARRIER" in line or "DOWN" in line]


def test_once_more_does_nothing(device: Device, first: int, as_it_stands: dict[str, object]) -> None:
    pid, rules = process(device), device.box.run("nft", "-a", "list", "table", "inet", "bailiwick")
    with monitored(device.box, "ip", "monitor", "link", "address", "route", "rule") as heard:
        told = device.switch(first)
    assert quiet(told) == []
    assert (process(device), heard) == (pid, [])
    assert device.box.run("nft", "-a", "list", "table", "inet", "bailiwick") == rules


BY_HAND = (
    {
        "nft flush ruleset": "the firewall is loaded",
        "systemctl stop bailiwick-dnsmasq@main": "bailiwick-dnsmasq@main.service is started",
        "sysctl -w net.ipv4.conf.all.log_martians=0": "1 settings of the kernel are changed",
        "rm /etc/systemd/system/nftables.service; systemctl daemon-reload": "nftables.service is masked",
    },
    {
        "nft add rule inet bailiwick input accept": "the firewall is loaded",
        "ip rule add pref 5 from 10.0.0.1 lookup main protocol 142": "the exits are loaded",
        "systemctl disable bailiwick-dnsmasq@main": "bailiwick-dnsmasq@main.service is enabled",
        "chmod 644 /etc/bailiwick/dnsmasq/main.conf; chown nobody /etc/bailiwick/dnsmasq/main.conf": "1 files are",
        "ip address del 192.168.11.254/24 dev eth0": "",
    },
    {"nft delete element inet bailiwick zones.broadcasts '{ 192.168.11.255 }'": "the firewall is loaded"},
)


@pytest.mark.parametrize("done", BY_HAND, ids=["closed", "opened", "an element"])
def test_what_was_changed_by_hand_is_mended(
    device: Device, first: int, as_it_stands: dict[str, object], done: dict[str, str]
) -> None:
    for command in done:
        device.box.run("sh", "-c", command)
    assert len(changes(as_it_stands, device.look())) >= len(done)
    said = " ".join(device.switch(first))
    assert all(told in said for told in done.values()), said
    assert [str(one) for one in changes(as_it_stands, device.look())] == []


def test_only_what_changed_is_touched(device: Device, first: int, as_it_stands: dict[str, object]) -> None:
    """Another name in the resolver: one daemon is restarted, and the kernel sees nothing of it."""
    other = device.stage(files_of(HOME.replace("printer.lan: 192.168.11.220", "printer.lan: 192.168.11.221")))
    pid = process(device)
    with monitored(device.box, "ip", "monitor", "link", "address", "route") as heard:
        told = device.switch(other)
    assert quiet(told) == ["1 files are in place", "bailiwick-dnsmasq@main.service has taken up its files"]
    assert heard == []
    assert process(device) != pid
    device.back(first)


def test_another_subnet_leaves_the_other_link_alone(
    device: Device, first: int, as_it_stands: dict[str, object]
) -> None:
    home = HOME.replace("192.168.11", "192.168.12")
    other = device.stage(files_of(home))
    with monitored(device.box, "ip", "monitor", "link", "address") as heard:
        told = device.switch(other)
    assert "networkd has read its files again" in told
    assert "192.168.12.254/24" in addresses(device)
    assert "192.168.11" not in addresses(device)
    assert not [line for line in heard if "wan0" in line]
    assert not [line for line in heard if "NO-CARRIER" in line]
    device.back(first)
    assert [str(one) for one in changes(as_it_stands, device.look())] == []


def bridge(contents: Contents, kind: str = "bridge", more: str = "") -> None:
    """A link of its own, beside the home's."""
    contents[f"{NETWORK}extra.netdev"] = f"[NetDev]\nName=extra\nKind={kind}\n{more}".encode()
    contents[f"{NETWORK}extra.network"] = b"[Match]\nName=extra\n[Network]\nAddress=10.9.9.1/24\n" + (
        b"LinkLocalAddressing=no\nIPv6AcceptRA=no\nConfigureWithoutCarrier=yes\n"
    )


def index(device: Device) -> str:
    return device.box.run("cat", "/sys/class/net/extra/ifindex").strip()


def test_a_link_comes_is_made_anew_and_goes(device: Device, first: int, as_it_stands: dict[str, object]) -> None:
    made = files_of(HOME)
    links = (*made[0].links, "extra")
    one = device.stage(made, bridge, links=links)
    other = device.stage(made, lambda c: bridge(c, more="[Bridge]\nSTP=yes\n"), links=links)
    third = device.stage(made, lambda c: bridge(c, kind="veth", more="[Peer]\nName=extra2\n"), links=links)
    device.switch(one)
    assert "10.9.9.1/24" in addresses(device)
    was = index(device)
    device.switch(other)
    assert "10.9.9.1/24" in addresses(device)
    assert index(device) != was
    assert device.box.run("cat", "/sys/class/net/extra/bridge/stp_state").strip() == "1"
    device.switch(third)
    assert device.box.run("test", "-e", "/sys/class/net/extra2", ok=False) == ""
    assert "10.9.9.1/24" in addresses(device)
    assert "the link extra is deleted" in device.back(first)
    assert [str(one) for one in changes(as_it_stands, device.look())] == []


def test_rules_that_nft_refuses_change_nothing_in_the_kernel(
    device: Device, first: int, as_it_stands: dict[str, object]
) -> None:
    def change(contents: Contents) -> None:
        contents["/etc/bailiwick/firewall.nft"] += b"table inet bailiwick { chain input { nonsense } }\n"

    other = device.stage(files_of(HOME), change)
    with pytest.raises(SwitchRefused, match="syntax error") as refused:
        device.switch(other)
    assert refused.value.step == "firewall"
    assert device.box.run("nft", "list", "chain", "inet", "bailiwick", "input").count("drop") > 3
    device.back(first)
    assert [str(one) for one in changes(as_it_stands, device.look())] == []


def test_a_daemon_that_does_not_stand_is_told(device: Device, first: int, as_it_stands: dict[str, object]) -> None:
    def change(contents: Contents) -> None:
        contents["/etc/bailiwick/dnsmasq/main.conf"] += b"no-such-option\n"

    other = device.stage(files_of(HOME), change)
    with pytest.raises(SwitchRefused, match=r"bailiwick-dnsmasq@main\.service") as refused:
        device.switch(other)
    assert refused.value.step in ("services", "settle")
    device.back(first)
    assert [str(one) for one in changes(as_it_stands, device.look())] == []


def test_without_nft_nothing_is_changed(device: Device, first: int, as_it_stands: dict[str, object]) -> None:
    other = device.stage(files_of(HOME.replace("lan -> router: ssh, icmp", "lan -> router: ssh")))
    device.box.run("mv", "/usr/sbin/nft", "/usr/sbin/nft.away")
    try:
        with pytest.raises(SwitchRefused, match="nft") as refused:
            device.switch(other)
    finally:
        device.box.run("mv", "/usr/sbin/nft.away", "/usr/sbin/nft")
    assert refused.value.step == "guard"
    assert [str(one) for one in changes(as_it_stands, device.look())] == []


def test_a_setting_that_is_dropped_is_as_it_was_before(
    device: Device, first: int, as_it_stands: dict[str, object]
) -> None:
    def change(contents: Contents) -> None:
        path = "/etc/sysctl.d/90-bailiwick.conf"
        contents[path] = contents[path].replace(b"net/ipv4/tcp_rfc1337 = 1\n", b"")

    assert device.box.run("sysctl", "-n", "net.ipv4.tcp_rfc1337").strip() == "1"
    device.switch(device.stage(files_of(HOME), change))
    assert device.box.run("sysctl", "-n", "net.ipv4.tcp_rfc1337").strip() == "0"
    device.back(first)
    assert device.box.run("sysctl", "-n", "net.ipv4.tcp_rfc1337").strip() == "1"


MOMENTS = ["guard", "files are", "firewall is", "has read", "taken up"]


@pytest.mark.parametrize("words", [one if one == "files are" else pytest.param(one, marks=DEEP) for one in MOMENTS])
def test_a_switch_that_was_killed_leaves_nothing_half(
    device: Device, first: int, as_it_stands: dict[str, object], words: str
) -> None:
    """Wherever it was: the same operation leads back, and forward."""
    other = device.stage(files_of(HOME.replace("192.168.11", "192.168.13").replace("internet: any", "internet: web")))
    assert device.killed(other, words)
    tables = device.box.run("nft", "list", "tables").split()
    assert {"bailiwick", "bailiwick_guard", "bailiwick_guard_old"} <= set(tables)
    if words == "files are":  # what was cut off is still due, though no file differs any more
        assert device.unlike(other) == []
        assert "bailiwick-dnsmasq@main.service has taken up its files" in device.switch(other)
        assert "192.168.13.254/24" in addresses(device)
    device.back(first)
    assert [str(one) for one in changes(as_it_stands, device.look())] == []


def test_back_to_what_was_there_before_and_never_open(device: Device, first: int) -> None:
    """The owner's own rules stand again before ours go, and the SSH daemon is never seen from the provider's side."""
    lease = addresses(device).split("192.168.1.")[1].split("/")[0]
    with asked_from_outside(device, f"192.168.1.{lease}") as heard:
        told = device.back(0)
        time.sleep(0.5)
        assert answers(device, OLD)
    assert heard == []
    assert before_in(told, "nftables.service is started again", "networking.service is started again")
    assert "the card wan0 is called eth1" in told
    assert [str(one) for one in changes(device.before, device.look())] == []
    assert not device.box.run("sh", "-c", "ls -d /etc/bailiwick /usr/lib/bailiwick", ok=False)

    with asked_from_outside(device, f"192.168.1.{lease}") as heard:
        device.switch(first)
    assert heard == []
    device.back(0)
    assert [str(one) for one in changes(device.before, device.look())] == []


def test_a_rule_less_device_would_be_seen(device: Device, first: int) -> None:
    """The probe hears what it listens for."""
    device.back(0)
    device.box.run("nft", "flush", "ruleset")
    with asked_from_outside(device, patience=60) as heard:
        pass
    assert heard
