"""What access ports drop: the rules in a real kernel, and who loads them when."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.targets.linux.hypervisor import enabled, hypervisor
from bailiwick.targets.linux.hypervisor.tags import tags
from bailiwick.targets.linux.hypervisor.takeover import takeover
from bailiwick.targets.linux.nftables import PATH
from tests.targets.hypervisor.machine_plans import BRIDGE, PORTS
from tests.targets.linux.private_stage import on_stage

TRUNKS = replace(BRIDGE, ports=(PORTS[0], PORTS[2], PORTS[6]), mirrors=())


def text(path: str) -> str:
    return next(one.text for one in tags(BRIDGE) if one.path == path)


def test_access_ports_are_named_and_no_others() -> None:
    assert 'iifname { "ens2", "tap-cloud", "tap-tv" } ether type { 8021q, 8021ad } drop' in text(PATH)
    for other in ("ens1", "ens3", "ens4", "tap-gate-lan"):
        assert f'"{other}"' not in text(PATH)


def test_the_line_leads_to_its_ports() -> None:
    rules = tags(BRIDGE)[0]
    number = next(n for n, line in enumerate(rules.text.splitlines(), 1) if "iifname" in line)
    assert rules.lines[number] == tuple(f"bridge-port:hv/{name}" for name in ("ens2", "tap-cloud", "tap-tv"))


def test_trunks_alone_need_nothing() -> None:
    assert tags(TRUNKS) == ()
    assert enabled(TRUNKS) == ("systemd-networkd.service",)
    page = takeover(TRUNKS, (), False).text
    assert "nft" not in page
    assert not {one.path for one in tags(BRIDGE)} & {one.path for one in hypervisor(TRUNKS, ())}


def test_no_bridge_without_them() -> None:
    waits = text("/etc/systemd/system/systemd-networkd.service.d/10-bailiwick.conf")
    assert "Requires=bailiwick-firewall.service\nAfter=bailiwick-firewall.service\n" in waits
    assert enabled(BRIDGE)[0] == "bailiwick-firewall.service"


LISTED = r"""
/usr/lib/bailiwick/load-firewall
nft -n list table bridge bailiwick >/run/once
nft 'add table inet of_somebody_else; add rule bridge bailiwick tags ether type 0x9100 drop'
/usr/lib/bailiwick/load-firewall
nft -n list table bridge bailiwick >/run/twice
cmp /run/once /run/twice; nft list tables; cat /run/once
nft -f /etc/bailiwick/firewall.nft; nft -n list table bridge bailiwick | cmp - /run/once
"""


@pytest.mark.real
def test_loaded_twice_is_loaded_once_and_others_tables_stay(tmp_path: Path) -> None:
    done = on_stage(tags(BRIDGE), tmp_path, LISTED)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("table inet of_somebody_else\n") or "\ntable inet of_somebody_else\n" in done.stdout
    rule = next(line for line in done.stdout.splitlines() if "iifname" in line)
    assert sorted(re.findall(r'"([\w-]+)"', rule)) == ["ens2", "tap-cloud", "tap-tv"]
    assert " ether type { 0x8100, 0x88a8 } drop " in rule
    assert "hook prerouting priority -300; policy accept;" in done.stdout


FRAMES = r"""
ip link add br0 type bridge; ip link set br0 up
for name in ens1 ens2 ens3 tap-tv; do
    ip link add "$name" type veth peer name "p-$name"
    echo 1 >"/proc/sys/net/ipv6/conf/p-$name/disable_ipv6"; ip link set "p-$name" up; ip link set "$name" master br0 up
done
/usr/lib/bailiwick/load-firewall
python3 - <<'EOF'
import socket
def ear(name):
    one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    one.bind((name, 0)); one.settimeout(1); return one
far = ear("p-ens3")
def sends(name, tags, number):
    head = b"\xff" * 6 + b"\x02\x00\x00\x00\x00\x01" + bytes.fromhex(tags) + b"\x88\xb5"
    ear(name).send(head + bytes([number]) * 50)
kinds = "", "81000028" "81000032", "81000000" "81000032", "88a80028" "81000032", "81000028"
ports = "p-ens1", "p-ens2", "p-tap-tv"
every = {1 + number: (port, kind) for number, (port, kind) in enumerate((p, k) for p in ports for k in kinds)}
for number, (port, kind) in every.items():
    sends(port, kind, number)
sends("p-ens1", "", 99)
seen = []
while 99 not in seen:
    got = far.recv(200)
    if got.endswith(got[-1:] * 50):  # and no greeting of the bridge's own
        seen.append(got[-1])
for number in sorted(set(seen) - {99}):
    print(*every[number])
EOF
"""


@pytest.mark.real
def test_the_kernel_drops_what_comes_to_an_access_port_with_a_tag_and_nothing_else(tmp_path: Path) -> None:
    """By a bridge that looks at no tags, as not every kernel's can: it would pass on all of these. The last frame is
    what all are waited for by."""
    done = on_stage(tags(BRIDGE), tmp_path, FRAMES)
    assert done.returncode == 0, done.stderr
    trunk = ["p-ens1 " + kind for kind in ("", "8100002881000032", "8100000081000032", "88a8002881000032", "81000028")]
    assert sorted(line.strip() for line in done.stdout.splitlines()) == sorted(
        line.strip() for line in (*trunk, "p-ens2", "p-tap-tv")
    )


TAKEN_UP = r"""
mkdir /run/bin
cat >/run/bin/networkctl <<'EOF'
#!/bin/sh
nft list chain bridge bailiwick tags 2>/dev/null | grep -c iifname
EOF
chmod +x /run/bin/networkctl
PATH=/run/bin:$PATH
/usr/lib/bailiwick/load-bridge || true
mv /etc/bailiwick/firewall.nft /run/away
/usr/lib/bailiwick/load-bridge || true
/usr/lib/bailiwick/load-bridge || true
nft list tables
echo nonsense >/etc/bailiwick/firewall.nft
/usr/lib/bailiwick/load-bridge 2>/dev/null || echo refused
"""


@pytest.mark.real
def test_no_port_is_taken_up_before_they_are_loaded(tmp_path: Path) -> None:
    """And they go when nothing asks for them."""
    done = on_stage(hypervisor(BRIDGE, ()), tmp_path, TAKEN_UP)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["1", "0", "0", "refused"]


@pytest.mark.real
def test_systemd_takes_debians_own_unit_with_ours_beside_it(tmp_path: Path) -> None:
    """``flush ruleset`` is followed by ours, whether it starts, is loaded again or stops."""
    beside = text("/etc/systemd/system/nftables.service.d/10-bailiwick.conf")
    for key in ("ExecStartPost", "ExecReload", "ExecStopPost"):
        assert f"\n{key}=/usr/lib/bailiwick/load-firewall\n" in beside
    done = on_stage(tags(BRIDGE), tmp_path, "systemd-analyze verify --man=no nftables.service")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


PREFLIGHT = r"""
mkdir /run/bin
printf '#!/bin/sh\nexit 1\n' >/run/bin/nft; chmod +x /run/bin/nft
PATH=/run/bin:$PATH /usr/lib/bailiwick/preflight 2>&1 | grep -e nft -e NF_ || true
mount --bind /dev/null "$(command -v nft)"
/usr/lib/bailiwick/preflight 2>&1 | grep -e nft -e NF_ || true
"""


@pytest.mark.real
def test_a_kernel_or_a_machine_without_nft_is_named(tmp_path: Path) -> None:
    done = on_stage(hypervisor(BRIDGE, ()), tmp_path, PREFLIGHT)
    assert done.stdout.splitlines() == [
        "preflight: the kernel's bridge filters no frames (CONFIG_NF_TABLES_BRIDGE, module nf_tables)",
        "preflight: there is no nft: install nftables",
    ], done.stderr
