#!/bin/sh
# Loads the firewall: one transaction that empties this table, fills it anew and keeps its base chains in place,
# so that no packet meets a moment without rules and no connection is lost. On any error the rules that were
# loaded before stay as they are. Usage: load-firewall [FILE]
set -eu

file=${1:-/etc/bailiwick/firewall.nft}
family=inet
table=bailiwick

exec 9<"$file"
flock 9

# What the table holds now: maps before sets before chains, for a map may point at a chain. A base chain is kept
# where the new file has it too.
leftovers() {
    nft --terse list table "$family" "$table" | awk -v file="$file" -v table="$family $table" '
        BEGIN { while ((getline line < file) > 0) if (line ~ /^\tchain /) { split(line, w, " "); wanted[w[2]] = 1 } }
        /^\t(map|set|chain) / { kind = $1; name = $2; if (kind == "chain") regular[name] = 1; else print_later[kind, ++n[kind]] = name }
        /^\t\ttype .* hook / { if (name in wanted) delete regular[name] }
        END {
            for (i = 1; i <= n["map"]; i++) print "delete map " table " " print_later["map", i]
            for (i = 1; i <= n["set"]; i++) print "delete set " table " " print_later["set", i]
            for (name in regular) print "delete chain " table " " name
        }'
}

transaction() {
    if nft list tables "$family" | grep -qx "table $family $table"; then
        printf 'flush table %s %s\n' "$family" "$table"
        leftovers
    fi
    # The file replaces the whole table when it is loaded by hand; here its chains stay.
    grep -vx "delete table $family $table" "$file"
}

content=$(transaction)
printf '%s\n' "$content" | nft -f -
