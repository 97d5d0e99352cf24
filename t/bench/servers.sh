# shellcheck shell=bash disable=SC2034,SC2046,SC2086
# The servers to measure, by name: how each is started on a free port, what
# it costs while it runs, and how it ends.  Sourced by run, which sets
#
#	HERE	this directory		BIN	where load and the others are
#	TMP	for what servers write	SPINDLED	the daemon
#
# One server runs at a time; these are about it:
#
#	PORT	on the loopback		PID	its first process
#	READY	ms from its start until it was ready
#	WITHIN	a command to run in another network (6-wakeup.sh), or nothing
#	NOTE	what a reader has to know, or why there is no server

SERVE=			# the process that looks after it
ADMIN=			# a socket for those who look at spindled, or none

server_start() {	# name workers
	local command=() port='' conf=$TMP/conf
	NOTE='' PORT='' PID='' READY=''

	rm -rf "$TMP/server"
	mkdir -m 755 "$TMP/server"
	case $1 in
	hash|shared|idle)
		[ -x "$SPINDLED" ] || { NOTE="absent: no $SPINDLED"; return 1; }
		fill spindled.conf "${AS_ROOT:+user nobody}" > "$conf"
		sed -i "s|@BALANCE@|$1|; s|@WORKERS@|$2|" "$conf"
		[ -z "$ADMIN" ] || echo "admin unix:$ADMIN" >> "$conf"
		command=("$SPINDLED" -f "$conf") ;;
	files)
		fill files.conf "${AS_ROOT:+user nobody}" > "$conf"
		sed -i "s|@WORKERS@|$2|" "$conf"
		command=("$SPINDLED" -f "$conf") ;;
	limit-*|no-limit)
		fill limit.conf "${AS_ROOT:+user nobody}" > "$conf"
		sed -i "s|@WORKERS@|$2|; s|@LIMIT@|$([ $1 = no-limit ] &&
		    echo off || echo ${1#limit-})|" "$conf"
		command=("$SPINDLED" -f "$conf") ;;
	nginx|nginx-echo|nginx-files)
		command -v nginx > /dev/null ||
		    { NOTE="absent: no nginx"; return 1; }
		[ $1 != nginx-echo ] || [ -e "$ECHO_MODULE" ] ||
		    { NOTE="absent: no libnginx-mod-http-echo"; return 1; }
		port=$("$BIN/serve" -f)
		fill $1.conf "${AS_ROOT:+user www-data;}" $port > "$conf"
		command=(-p "$port" nginx -c "$conf") ;;
	bare)
		port=$("$BIN/serve" -f)
		command=(-p "$port" "$BIN/bare" "$port" "$2") ;;
	apache|apache-buckets)
		command -v apache2 > /dev/null ||
		    { NOTE="absent: no apache2"; return 1; }
		port=$("$BIN/serve" -f)
		mkdir "$TMP/server/htdocs"
		echo "0,file" > "$TMP/server/htdocs/file"
		fill apache-prefork.conf \
		    "${AS_ROOT:+User www-data\nGroup www-data}" $port > "$conf"
		sed -i "s|@WORKERS@|$2|; s|^@BUCKETS@|$(
		    [ $1 = apache ] || echo ListenCoresBucketsRatio 1)|" "$conf"
		command=(-p "$port" apache2 -DFOREGROUND -f "$conf") ;;
	esac

	exec {pipe}< <(exec $WITHIN "$BIN/serve" "${command[@]}" 2> "$TMP/log")
	SERVE=$!
	read -r PID READY <&$pipe
	if [ -z "$PID" ]; then
		NOTE="failed: $(tail -n 1 "$TMP/log")"
		server_stop
		return 1
	fi
	PORT=${port:-$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' \
	    "$TMP/log" | head -n 1)}
	[ $1 != idle ] || NOTE=$(grep -m 1 -o 'shared is in force' "$TMP/log" || :)
}

fill() {		# file user-lines [port]
	sed "s|@DIR@|$TMP/server|; s|@USER@|$2|; s|@PORT@|${3-}|" "$HERE/$1"
}

server_stop() {
	[ -n "$SERVE" ] || return
	kill "$SERVE" 2> /dev/null
	wait "$SERVE" 2> /dev/null
	exec {pipe}<&-
	SERVE=
}

# Every process of the server: the first and all that descend from it.
server_pids() {
	local level=$PID
	while [ -n "$level" ]; do
		echo "$level"
		level=$(pgrep -P "$(echo $level | tr ' ' ,)" | tr '\n' ' ')
	done
}

# CPU time of all the server's processes so far, in us: what the scheduler
# measured (schedstat) of the living, and the ticks of those that are reaped.
# The kernel's work on a packet counts for who sent it: a SYN for the client.
server_cpu() {
	local pids tick
	pids=$(server_pids)
	tick=$(getconf CLK_TCK)
	{
		cat $(printf '/proc/%s/schedstat ' $pids) 2> /dev/null
		sed 's/.*) //' /proc/$PID/stat |
		    awk -v tick=$tick '{ printf "%.0f\n", ($14 + $15) / tick * 1e9 }'
	} | awk '{ ns += $1 } END { printf "%.0f\n", ns / 1000 }'
}

# us that the whole machine was busy so far, and us that were stolen from it.
machine_cpu() {
	awk -v tick=$(getconf CLK_TCK) '/^cpu / {
		printf "%.0f %.0f\n", ($2 + $3 + $4 + $7 + $8) / tick * 1e6,
		    $9 / tick * 1e6 }' /proc/stat
}

# kB that are a worker's alone: the mean over up to 100 of them.
worker_private() {
	local sample
	sample=$(tr ' ' '\n' < /proc/$PID/task/$PID/children | grep . |
	    shuf -n 100)
	awk '/^Private_/ { kb += $2 } FNR == 1 { n++ }
	    END { printf "%.1f\n", kb / n }' \
	    $(printf '/proc/%s/smaps_rollup ' $sample)
}

# ns in the steering program and its runs so far; nothing when there is none.
# No process holds it, only the sockets do: it is the one that came into being
# with the server, after PROGRAMS was noted.
steering() {
	local id
	id=$(comm -13 <(echo "$PROGRAMS") <(steering_programs) | tail -n 1)
	[ -z "$id" ] || bpftool -j prog show id $id 2> /dev/null |
	    jq -r '"\(.run_time_ns // 0) \(.run_cnt // 0)"'
}

steering_programs() {
	bpftool -j prog show 2> /dev/null |
	    jq -r '.[] | select(.type == "sk_reuseport") | .id' | sort
}
