#!/bin/sh
#
# spindlectl: each verb, what it says when it cannot, its exit status, and its
# completion.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh
. t/daemon.sh

ctl=${SPINDLECTL:-build/spindlectl}

# ask NAME STATUS PATTERN ARGUMENT...: it ends with that status, and what it
# prints has a line like the pattern.
ask() {
	name=$1
	status=$2
	pattern=$3
	shift 3
	ok "$name" ends_with "$status" "$pattern" "$ctl" "$@"
}

ends_with() {
	want=$1
	pattern=$2
	shift 2
	"$@" >"$tmp/said" 2>&1
	got=$?
	cat "$tmp/said"
	echo "status $got"
	[ $got = "$want" ] && grep -q -e "$pattern" "$tmp/said"
}

# The condition's reads take 600 ms, the disk's own 1 ms.
is_slow() {
	curl -s -o /dev/null -w '%{time_total}\n' "$url/sda/x" |
	    awk '{ print; exit !($1 > 0.5) }'
}

# A worker remembers a request behind its reply: somewhat later.
is_remembered() {
	end=$(($(date +%s) + deadline))
	until "$ctl" why last; do
		[ "$(date +%s)" -lt $end ] || return 1
		sleep 0.02
	done
}

test_without() {
	ask "nobody there" 3 "nobody listens there" -s "$tmp/none" status
	ask "no verb" 2 "^usage: " -s "$tmp/none"
	ask "no such verb" 2 "restart: no such verb" restart
	ask "too many words" 2 "^usage: " reload now
	ask "no time" 2 "expected a time" disk sda condition dying for soon
	ask "no delay" 2 "from 100ms to 1h" top 1ms
	ask "a name that is too long" 2 "too long" -s "$tmp/none" disk \
	    sda condition "$(printf '%2000d' 0)" for 1m
	ask "version" 0 "^spindlectl [0-9]" -V
}

test_verbs() {
	ask "status" 0 "^4 workers wanted; 4 idle" status
	ask "status, JSON" 0 '^{"version":1,' -j status
	ask "health" 0 "^ok: 4 of 4 workers idle" health
	ask "a disk" 0 "^conditions: healthy late slow dying dead hang$" \
	    disk sda show
	ask "a disk, JSON" 0 '^{"name":"sda","condition":"healthy"' \
	    -j disk sda show
	ask "no such disk" 1 "no such disk" disk sdx show
	ask "a condition" 0 "^disk sda: condition late for 1m$" disk sda \
	    condition late for 1m
	ok "the next read obeys" is_slow
	ok "and is remembered" is_remembered
	ask "it is shown" 0 "^sda  *late .* forced for " disk sda show
	ask "what the last one waited for" 0 "^Disk sda took .*; it was late" \
	    why last
	ask "in JSON" 0 '"disk":"sda","condition":"late"' -j why slowest
	ask "a request that is not known" 1 "." why 0123456789abcdef
	ask "back" 0 "^disk sda: back to its schedule" disk sda condition \
	    schedule
	ask "no such condition" 1 "has no condition gone: expected one of" \
	    disk sda condition gone
	ask "refused, in JSON" 1 '^{"ok":false,"error":"' -j disk sda \
	    condition gone
	ask "workers" 0 "." workers 5
	ask "too many of them" 1 "from 1 to 16384" workers 20000
	ask "not a number" 1 "from 1 to 16384" workers some
	ask "reload" 0 "." reload
	echo "workerz 4" >>"$tmp/ctl.conf"
	ask "a reload that fails says why" 1 "unknown keyword .workerz" reload
	sed -i '$d' "$tmp/ctl.conf"
}

test_top() {
	ok "top, twice" ends_with 0 "^spindled " "$ctl" top 100ms 2
	is "that often" "$(grep -c "^spindled " "$tmp/said")" 2
	command -v script >/dev/null || { skip 4 "no script(1)"; return; }
	printf 'q' | timeout 20 script -qec "exec $ctl top" "$tmp/typescript" \
	    >/dev/null
	is "top, on a terminal: q ends it" $? 0
	ok "and the screen is as it was" grep -q "$(printf '\033\\[?1049l')" \
	    "$tmp/typescript"
	# ^\, once it is there to be asked.
	: >"$tmp/typescript"
	{
		until grep -q "$(printf '\033\\[?1049h')" "$tmp/typescript"; do
			sleep 0.05
		done
		printf '\034'
	} | timeout 20 script -qfec "exec $ctl top" "$tmp/typescript" >/dev/null
	is "^\\ ends it" $? 0
	ok "and the screen is as it was" grep -q "$(printf '\033\\[?1049l')" \
	    "$tmp/typescript"
}

# Somebody who has said how much he will say, and says less.
test_cut() {
	timeout 20 perl -MIO::Socket::UNIX -e '
		$s = IO::Socket::UNIX->new(Local => "$ARGV[0].new", Listen => 1);
		rename "$ARGV[0].new", $ARGV[0];
		$c = $s->accept;
		sysread $c, $head, 4096;
		print $c "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok: ";
	' "$tmp/cut" &
	until [ -S "$tmp/cut" ]; do
		sleep 0.05
	done
	ask "an answer that is cut" 3 "the answer was cut off" -s "$tmp/cut" \
	    health
	wait $!
}

# complete WORD...: what bash would offer for the last one.
complete_words() {
	bash -c '. conf/spindlectl.bash
		spindlectl() { "$CTL" "$@"; }
		COMP_WORDS=(spindlectl "$@")
		COMP_CWORD=$(($# - 0))
		_spindlectl
		echo "${COMPREPLY[*]}"' bash "$@"
}

test_completion() {
	export CTL="$ctl"
	is "completion: verbs" "$(complete_words re)" "reload"
	is "completion: disks" "$(complete_words disk s)" "sda"
	is "completion: conditions" "$(complete_words disk sda condition d)" \
	    "dying dead"
	is "completion: for" "$(complete_words disk sda condition dying "")" \
	    "for"
}

test_without
test_cut
daemon_start ctl "workers 4" "admin unix:$tmp/admin" "disk sda {" \
    "	read fixed 1ms" "	condition late { read fixed 600ms }" "}"
SPINDLED_ADMIN=$tmp/admin
export SPINDLED_ADMIN
test_verbs
test_top
test_completion
ask "drain" 0 "^drains: " drain
wait "$pid"
is "the daemon has ended" $? 0
pids=

tap_end
