#!/bin/sh
# Loads the firewall: one transaction that empties its tables' chains and fills them anew. Base chains, and sets and
# maps that the new file has too, stay in place, so that no packet meets a moment without rules and no connection is
# lost: an interval set that is made anew answers "not in it" for some microseconds after the rules that ask it are in
# force. For the same reason sets that are new here are made first, by a transaction of their own. On any error the
# rules that were loaded before stay as they are. Usage: load-firewall [FILE]
set -eu

file=${1:-/etc/bailiwick/firewall.nft}
family=inet
table=bailiwick

exec 9<"$file"
flock 9

is_loaded() { nft list tables "$1" | grep -qx "table $1 $table"; }

loaded=
if is_loaded "$family"; then
    loaded=$(nft --terse list table "$family" "$table")
fi
bridged=
if is_loaded bridge; then
    bridged=1
fi

# What the table holds beside what the file wants, as commands for nft. A heading is a set's type, size and flags, or
# a base chain's hook: with another one it cannot stay. "first": the sets that are not there yet. "then": what stays is
# emptied, the rest goes; maps before chains, for a map may point at a chain.
difference() {
    printf '%s\n' "$loaded" | awk -v what="$1" -v file="$file" -v table="$family $table" '
        function opened(line, w) {
            if (line !~ /^\t(map|set|chain) /) return 0
            split(line, w, " "); kind = w[1]; name = w[2]; heading = ""; return 1
        }
        function told(line) {
            sub(/[ \t]*#.*/, "", line); sub(/^\t\t/, "", line)
            if (line ~ /^(type|typeof|size|flags) /) heading = heading line ";"
        }
        BEGIN {
            while ((getline line < file) > 0) {
                if (opened(line)) { text = ""; data = kind == "set" }
                told(line)
                if (data) text = text line "\n"
                if (line == "\t}") { wanted[kind, name] = heading; if (data) { order[++sets] = name; content[name] = text }; data = 0 }
            }
        }
        opened($0) { known[kind, name] = 1; next }
        { told($0) }
        $0 == "\t}" {
            stays = (kind, name) in wanted && wanted[kind, name] == heading
            if (kind == "chain") { if (!stays) gone[++chains] = name }
            else if (stays) print_later[++later] = "flush " kind " " table " " name
            else print_later[++later] = "delete " kind " " table " " name
        }
        END {
            if (what == "first") {
                for (i = 1; i <= sets; i++) if (!(("set", order[i]) in known)) text_first = text_first content[order[i]]
                if (text_first != "") printf "table %s {\n%s}\n", table, text_first
            } else {
                for (i = 1; i <= later; i++) if (print_later[i] ~ / map /) print print_later[i]
                for (i = 1; i <= later; i++) if (print_later[i] ~ / set /) print print_later[i]
                for (i = 1; i <= chains; i++) print "delete chain " table " " gone[i]
            }
        }'
}

transaction() {
    if [ -n "$loaded" ]; then
        printf 'flush table %s %s\n' "$family" "$table"
        difference then
    fi
    # The bridges' table is one base chain, always the same but for its rules.
    if [ -n "$bridged" ] && grep -qx "table bridge $table" "$file"; then
        printf 'flush table bridge %s\n' "$table"
    elif [ -n "$bridged" ]; then
        printf 'delete table bridge %s\n' "$table"
    fi
    # The file replaces whole tables when it is loaded by hand; here their chains stay.
    grep -vx "delete table [a-z]* $table" "$file"
}

content=$(transaction)
if [ -n "$loaded" ]; then
    printf '%s\n' "$content" | nft --check -f -
    new=$(difference first)
    [ -z "$new" ] || printf '%s\n' "$new" | nft -f -
fi
printf '%s\n' "$content" | nft -f -
