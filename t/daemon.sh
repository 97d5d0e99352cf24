# A running daemon for tests that are scripts; sourced behind t/tap.sh.
#
#	$program	the daemon
#	$url, $pid	of the one that was started last

program=${SPINDLED:-build/spindled}
deadline=30			# seconds for what is waited for
pids=				# of those that run

clean_up() {
	for pid in $pids; do
		kill -KILL "$pid" 2>/dev/null
	done
	rm -rf "$tmp"
}

# daemon_start NAME LINE...: one with these lines, ready; $tmp/NAME.log is its
# log.
daemon_start() {
	daemon=$tmp/$1
	shift
	{
		[ "$(id -u)" != 0 ] || echo "user nobody"
		echo "listen 127.0.0.1:0"
		printf '%s\n' "$@"
	} >"$daemon.conf"
	: >"$daemon.log"
	"$program" -f "$daemon.conf" 2>>"$daemon.log" &
	pid=$!
	pids="$pids $pid"
	end=$(($(date +%s) + deadline))
	until grep -q "ready: " "$daemon.log"; do
		if [ "$(date +%s)" -ge $end ] || ! kill -0 $pid; then
			sed 's/^/# /' "$daemon.log"
			echo "Bail out! the daemon did not start"
			exit 1
		fi
		sleep 0.02
	done
	url=http://127.0.0.1:$(sed -n 's/.*listening on .*://p' "$daemon.log")
}

# daemon_stop PID: gives its exit status.
daemon_stop() {
	kill -TERM "$1"
	wait "$1"
	daemon_status=$?
	pids=$(echo "$pids" | sed "s/ $1\$//; s/ $1 / /")
	return $daemon_status
}
