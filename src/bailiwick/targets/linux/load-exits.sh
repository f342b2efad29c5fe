#!/bin/sh
# Loads /etc/bailiwick/exits.batch: the rules and closed tables of those who leave by one uplink alone.
# Safe to run at any time, and again: the new rules come to stand beside the old before those go, so that no packet
# of theirs ever falls to the main table. When the batch is refused, the rules stay as they were.
set -eu

batch=/etc/bailiwick/exits.batch
numbers="141 142 143 144 145 146 147 148 149" # of ours: each load marks its rules with a free one

new=
for number in $numbers; do
    if ! ip -4 -N rule show | grep -q " proto $number\$"; then
        new=$number
        break
    fi
done
if [ -z "$new" ]; then
    echo "load-exits: rules bear all of the protocols $numbers: flush one with 'ip rule flush protocol'" >&2
    exit 1
fi

ip -4 route flush table all protocol "$new" # of a load that was refused; each source has its rule "unreachable" too
if ! sed "s/ protocol 141\$/ protocol $new/" "$batch" | ip -4 -batch -; then
    ip -4 rule flush protocol "$new"
    echo "load-exits: $batch was refused; the rules are as they were" >&2
    exit 1
fi

for number in $numbers; do
    if [ "$number" != "$new" ]; then
        ip -4 rule flush protocol "$number"
        ip -4 route flush table all protocol "$number"
    fi
done
