#!/bin/bash
#
# The Test over spindled and two designs, as `make problem' runs it over all:
# who has the problem, and who gets it when its pool is full.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh

# verdict DESIGN COLUMN
verdict() {
	awk -F, -v design="$1" -v name="$2" '
	NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) col = i }
	$1 == design { print $col }' "$tmp/table.csv"
}

# Verdicts are about timeouts.  A client that is late by less than these does
# not change them, and a busy machine need not be measured again.
stream="-r 200 -m 2ms -t 2s -l 300ms -M 20s -B 250ms"

ok "t/problem/run" env OUT="$tmp" VERDICTS=1 STREAM="$stream" \
    t/problem/run epoll pool hash shared idle limit
sed 's/^/# /' "$tmp/out"

is "an event loop that reads in the loop has the problem" \
    "$(verdict epoll problem)" yes
is "a pool larger than the number of long reads has not" \
    "$(verdict pool problem)" no
is "and has it when they fill it" "$(verdict pool problem_full)" yes
is "spindled's hash has it" "$(verdict hash problem)" yes
for policy in shared idle; do
	is "$policy has not" "$(verdict $policy problem)" no
	is "and has it when it is full" "$(verdict $policy problem_full)" yes
done
is "idle with a limit has not" "$(verdict limit problem)" no
is "not even with as many long reads as it has workers" \
    "$(verdict limit problem_full)" no

tap_end
