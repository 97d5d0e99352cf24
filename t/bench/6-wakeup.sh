# shellcheck shell=bash disable=SC2034,SC2046,SC2086
# What it costs to wake a worker for a connection through the shared listener,
# as idle workers grow in number: with an exclusive wait and the baton, and
# with a plain wait, which wakes all of them (plain.c).
#
# Through the shared listener comes what finds no bit set.  So every bit is
# claimed by a SYN whose handshake never completes, and every worker made to
# serve once, being owed that connection: then its own listener is shut and
# its bit clear for 79 s, without a packet or a timer that could disturb.

wakeup() {
	local round rounds n row sizes="64 1000 10000"
	[ -z "$QUICK" ] || sizes="64 2000"
	# One takes a minute, nearly all of it for the largest.
	rounds=$(( (REPEATS + 1) / 2 ))
	bench_begin 6-wakeup p50 p99 cpu switches rate busy shared failed steal
	network_begin
	for round in $(seq $rounds); do
		for n in $sizes; do
			for row in baton poll; do
				wakeup_start $row $n || {
					server_stop
					record_none $row-$n $round
					continue
				}
				wakeup_row $row-$n $round
			done
		done
	done
	network_end
	summarize
	heading "6. A wake-up through the shared listener as idle workers grow in number (medians of $rounds)"
	table p50=p50_ms=%.2f p99=p99_ms=%.2f \
	    cpu=CPU_us/connection=%.0f switches=switches/connection=%.1f \
	    rate=32_at_once:_connections/s=%.0f busy=CPU_us/connection=%.1f
	echo
	n=${sizes##* }
	goal "baton: switches a connection, $n workers / 64 (flat)" \
	    "$(ratio baton-$n switches baton-64 switches)" '<=' 1.5
	goal "baton: CPU a connection, $n workers / 64 (flat)" \
	    "$(ratio baton-$n cpu baton-64 cpu)" '<=' 2
	goal "baton: latency p50, $n workers / 64 (flat)" \
	    "$(ratio baton-$n p50 baton-64 p50)" '<=' 2
	goal "baton: CPU a connection, 32 at once, $n workers / 64 (flat)" \
	    "$(ratio baton-$n busy baton-64 busy)" '<=' 1.5
	goal "CPU a connection, $n workers, poll / baton" \
	    "$(ratio poll-$n cpu baton-$n cpu)" '>=' $(( n / 100 ))
	goal "through the shared listener, the least of all rows, %" \
	    "$(least shared)" '>=' 99
	picture
}

wakeup_start() {	# row workers
	local SPINDLED=$SPINDLED
	[ -n "$WITHIN" ] ||
	    { NOTE="absent: no network of its own, which needs root"; return 1; }
	[ $1 = baton ] || SPINDLED=$BIN/spindled-poll
	server_start idle $2 && claim_all $2
}

# Every worker owed a connection, and own shut.
claim_all() {		# workers
	$WITHIN "$BIN/scan" $PORT $(( 2 * $1 ))
	# Stopped and continued, a worker wakes up and sees the claim.
	kill -STOP $(workers)
	kill -CONT $(workers)
	# Until the claims are no longer young, and the bits are set again.
	sleep 1.5
	# Who has served one of these is owed the other still, and not idle.
	load -c 32 -n $1 "$(read_url idle 0)"
	[ $(failed main) = 0 ] ||
	    { NOTE="failed: not all workers have served"; return 1; }
}

# One at a time, then 32 at once.
wakeup_row() {		# row repeat
	local cpu runs cpu1 runs1 cpu2 alone sent failed share
	read -r cpu runs < <(spent)
	measure_begin
	# Late would be who begins when the next one should.
	load -a constant -r 20 -b 50ms -d $(seconds 4 2) "$(read_url idle 0)"
	measure_end
	read -r cpu1 runs1 < <(spent)
	alone="$(got main p50 p99) $(per_request $(( cpu1 - cpu ))) $(
	    per_request $(( runs1 - runs )))"
	sent=$(got main sent)
	failed=$(failed main)
	load -c 32 -d 1s "$(read_url idle 0)"
	read -r cpu2 _ < <(spent)
	server_stop
	share=$(through_shared $(( sent + $(got main sent) )))
	[ ${share%.*} = 100 ] ||
	    NOTE="${NOTE:+$NOTE; }through the shared listener: $share %"
	record $1 $2 $alone $(got main rate) \
	    $(per_request $(( cpu2 - cpu1 ))) $share \
	    $(( failed + $(failed main) )) $STEAL
}

workers() {
	cat /proc/$PID/task/$PID/children
}

# us that all workers have been on a processor so far, and how often they have
# been put on one.
spent() {
	awk '{ ns += $1; n += $3 } END { printf "%.0f %.0f\n", ns / 1000, n }' \
	    $(printf '/proc/%s/schedstat ' $(workers))
}

# Of so many connections, the percentage that the server, which has ended,
# says it took from the shared listener.
through_shared() {	# connections
	sed -n 's/.* idle: .* steered, \([0-9]*\) shared;.*/\1/p' "$TMP/log" |
	    awk -v n=$1 '{ p = 100 * $1 / n }
	    END { print (NR == 0 ? "nan" : p > 100 ? 100 : p) }'
}

# A network where nothing but the loopback is, WITHIN which to run commands:
# the SYNs stay there, and the kernel's defaults hold, whatever the machine's.
network_begin() {
	local up
	exec {up}< <(exec unshare -n sh -c \
	    'ip link set lo up && echo up && exec sleep 1800' 2> /dev/null)
	NETWORK=$!
	if read -r -u $up; then
		WITHIN="nsenter --net=/proc/$NETWORK/ns/net"
	fi
	exec {up}<&-
}

network_end() {
	[ -z "$NETWORK" ] || kill $NETWORK 2> /dev/null
	NETWORK=
	WITHIN=
}
