#!/bin/sh
# Says what this machine lacks of the needs in /etc/bailiwick/needs. Options of the kernel are tried, in a network
# namespace that is thrown away: nothing of the machine's own is touched. Usage: preflight [FILE]
# Exit status: 0 all is there, 1 something is missing, 2 the list is not understood, 3 nothing can be tried.
set -eu

file=${1:-/etc/bailiwick/needs}
missing=0

lacks() {
    printf 'preflight: %s\n' "$*" >&2
    missing=1
}

if ! unshare -n true 2>/dev/null; then
    echo "preflight: no network namespace can be made: run this as root, on a kernel with CONFIG_NET_NS" >&2
    exit 3
fi

# tries SCRIPT: whether it succeeds in a namespace of its own
tries() { unshare -n sh -ec "$1" >/dev/null 2>&1; }

kernel() {
    case $1 in
        bridge-vlan)
            tries 'ip link add br0 type bridge' ||
                { lacks "the kernel makes no bridge (CONFIG_BRIDGE, module bridge)"; return; }
            tries 'ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0
                   bridge vlan add dev br0 vid 2 self' ||
                lacks "the kernel's bridge filters no VLANs (CONFIG_BRIDGE_VLAN_FILTERING)"
            ;;
        bridge-filter)
            command -v nft >/dev/null || return 0 # that is a need of its own
            tries 'nft "table bridge a { chain b { type filter hook prerouting priority -300; policy accept;
                   iifname { c, d } ether type { 8021q, 8021ad } drop; }; }"' ||
                lacks "the kernel's bridge filters no frames (CONFIG_NF_TABLES_BRIDGE, module nf_tables)"
            ;;
        vlan)
            tries 'ip link add br0 type bridge; ip link add link br0 name v2 type vlan id 2' ||
                lacks "the kernel has no 802.1Q interfaces (CONFIG_VLAN_8021Q, module 8021q)"
            ;;
        tun)
            [ -c /dev/net/tun ] || { lacks "there is no /dev/net/tun (CONFIG_TUN, module tun)"; return; }
            tries 'ip tuntap add dev t0 mode tap' || lacks "the kernel makes no taps (CONFIG_TUN, module tun)"
            ;;
        matchall)
            tries 'ip link set lo up; tc qdisc add dev lo clsact' ||
                { lacks "the kernel has no clsact (CONFIG_NET_SCH_INGRESS, module sch_ingress)"; return; }
            tries 'ip link set lo up; tc qdisc add dev lo clsact
                   tc filter add dev lo ingress matchall action mirred egress mirror dev lo' ||
                lacks "the kernel mirrors no port (CONFIG_NET_CLS_MATCHALL and CONFIG_NET_ACT_MIRRED," \
                    "modules cls_matchall and act_mirred)"
            ;;
        kvm)
            [ -c /dev/kvm ] || lacks "there is no /dev/kvm: switch virtualisation on in the firmware" \
                "(CONFIG_KVM, module kvm_intel or kvm_amd)"
            ;;
        *) return 1 ;;
    esac
}

# card NAME MAC PATH: the one with this address, or at this place; else of this name
card() {
    for device in /sys/class/net/*; do
        # A VLAN or a bridge borrows its card's address.
        if grep -qE '^DEVTYPE=(vlan|bridge)$' "$device/uevent" 2>/dev/null; then continue; fi
        [ "$2" = - ] || [ "$(cat "$device/address" 2>/dev/null)" = "$2" ] || continue
        if [ "$3" != - ]; then
            udevadm info -q property "$device" 2>/dev/null | grep -qxF "ID_PATH=$3" || continue
        fi
        [ "$2$3" != -- ] || [ "${device##*/}" = "$1" ] || continue
        return
    done
    where=
    [ "$2" = - ] || where=" with the address $2"
    [ "$3" = - ] || where="$where at $3"
    lacks "there is no card $1$where"
}

pci() { # ADDRESS GUEST
    [ -e "/sys/bus/pci/devices/$1" ] || { lacks "there is no PCI card $1 for $2 (lspci -D)"; return; }
    [ -e "/sys/bus/pci/devices/$1/iommu_group" ] ||
        lacks "the PCI card $1 of $2 has no IOMMU group: switch it on in the firmware, and boot with" \
            "intel_iommu=on where it is Intel's"
}

usb() { # VENDOR:PRODUCT GUEST
    count=0
    for device in /sys/bus/usb/devices/*; do
        [ -e "$device/idVendor" ] || continue
        if [ "$(cat "$device/idVendor"):$(cat "$device/idProduct")" = "$1" ]; then count=$((count + 1)); fi
    done
    case $count in
        0) lacks "there is no USB card $1 for $2 (lsusb)" ;;
        1) ;;
        *) lacks "there are $count USB cards $1: nothing tells which of them is $2's" ;;
    esac
}

# disk GUEST IMAGE: its own, or the image that it is made from. Debian's "generic" image has the full kernel, which a
# card that is passed through and PPPoE need; "genericcloud" has not.
disk() {
    images=/var/lib/libvirt/images
    [ -e "$images/$1.qcow2" ] || [ -e "$images/$2.qcow2" ] ||
        lacks "there is no $images/$2.qcow2 to make the disk of $1 from: put Debian's" \
            "$2-generic-amd64.qcow2 of https://cloud.debian.org/images/cloud/ there"
}

while read -r kind first second third || [ -n "$kind" ]; do
    case $kind in
        '' | '#'*) continue ;;
        kernel) kernel "$first" || { echo "preflight: $file: a need that nobody knows: kernel $first" >&2; exit 2; } ;;
        card) card "$first" "$second" "$third" ;;
        disk) disk "$first" "$second" ;;
        pci) pci "$first" "$second" ;;
        usb) usb "$first" "$second" ;;
        program) command -v "$first" >/dev/null || lacks "there is no $first: install $second" ;;
        user) id -u "$first" >/dev/null 2>&1 || lacks "there is no user $first: install libvirt-daemon-system" ;;
        systemd)
            version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
            [ "${version:-0}" -ge "$first" ] || lacks "systemd is ${version:-not there}, and must be $first or newer"
            ;;
        *) echo "preflight: $file: a need that nobody knows: $kind" >&2; exit 2 ;;
    esac
done <"$file"
exit "$missing"
