#!/bin/sh
# Takes up the bridges and ports of /etc/systemd/network/10-bailiwick-*. networkd adds what the files say; before
# version 257 it takes no VLAN away that they no longer say, and it never changes a bridge that is there already.
# This does both, first: at no moment does a port carry more than what the old files and the new ones have in common,
# and no access port comes up before what it drops is loaded.
# Safe to run at any time, and again. Usage: load-bridge
set -eu

files=/etc/systemd/network
rules=/etc/bailiwick/firewall.nft

# said SECTION KEY FILE: the values of a key
said() {
    awk -v section="[$1]" -v key="$2=" '
        /^\[/ { inside = $0 == section }
        inside && index($0, key) == 1 { print substr($0, length(key) + 1) }' "$3"
}

# vlans DEVICE: what it carries now
vlans() { bridge vlan show dev "$1" | awk 'NR > 1 { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) { print $i; next } }'; }

# trim DEVICE FILE [self]: takes away every VLAN that the file does not say
trim() {
    wanted=" $({ said BridgeVLAN VLAN "$2"; said BridgeVLAN PVID "$2"; said BridgeVLAN EgressUntagged "$2"; } | tr '\n' ' ')"
    for vlan in $(vlans "$1"); do
        case $wanted in
            *" $vlan "*) ;;
            *) bridge vlan del dev "$1" vid "$vlan" ${3+"$3"} ;;
        esac
    done
}

for file in "$files"/10-bailiwick-*.netdev; do
    [ -e "$file" ] && [ "$(said NetDev Kind "$file")" = bridge ] || continue
    bridge=$(said NetDev Name "$file")
    [ -e "/sys/class/net/$bridge" ] || continue
    ip link set "$bridge" type bridge vlan_filtering 1 vlan_default_pvid 0
    trim "$bridge" "$files/10-bailiwick-$bridge.network" self
    for port in "/sys/class/net/$bridge/brif"/*; do
        port=${port##*/}
        [ -e "/sys/class/net/$port" ] || continue
        network=$files/10-bailiwick-$port.network
        if [ -e "$network" ] && [ "$(said Network Bridge "$network")" = "$bridge" ]; then
            trim "$port" "$network"
        elif [ -e "/sys/class/net/$port/tun_flags" ] && [ ! -e "$files/10-bailiwick-$port.netdev" ]; then
            ip link delete "$port" # a guest's that is no more
        else
            ip link set "$port" nomaster
        fi
    done
done

if [ -e "$rules" ]; then
    /usr/lib/bailiwick/load-firewall
elif nft list table bridge bailiwick >/dev/null 2>&1; then
    nft delete table bridge bailiwick
fi

networkctl reload
