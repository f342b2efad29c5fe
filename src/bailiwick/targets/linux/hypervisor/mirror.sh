#!/bin/sh
# Copies the frames of some ports, both ways, to another one, or ceases to. Safe to run again.
# Usage: mirror start|stop TARGET SOURCE...
set -eu

preference=14100 # marks our filters among those of others

usage() {
    echo "usage: mirror start|stop TARGET SOURCE..." >&2
    exit 2
}

[ $# -ge 3 ] || usage
what=$1 target=$2
shift 2

has_clsact() { tc qdisc show dev "$1" | grep -q '^qdisc clsact '; }

# Our filters alone; when there are none, tc says so and that is well.
forget() {
    has_clsact "$1" || return 0
    for way in ingress egress; do
        if tc filter show dev "$1" "$way" | grep -q " pref $preference "; then
            tc filter del dev "$1" "$way" pref "$preference"
        fi
    done
}

for source; do
    [ -e "/sys/class/net/$source" ] || { [ "$what" = stop ] && continue; }
    forget "$source"
    case $what in
        stop) ;;
        start)
            has_clsact "$source" || tc qdisc add dev "$source" clsact
            for way in ingress egress; do
                tc filter add dev "$source" "$way" pref "$preference" protocol all matchall \
                    action mirred egress mirror dev "$target"
            done
            ;;
        *) usage ;;
    esac
done
