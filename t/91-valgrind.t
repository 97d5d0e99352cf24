#!/bin/bash
#
# The plain build under valgrind: requests good and bad, a reload, a bad one,
# logs reopened, a stop.  No process of it may use what it must not, or lose
# memory or a connection's descriptor.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh
command -v valgrind >/dev/null || skip_all "no valgrind"

program=${SPINDLED_PLAIN:-build/spindled}
workers=4
deadline=60			# seconds for what is waited for
pid=

clean_up() {
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
	rm -rf "$tmp"
}
trap '' PIPE

# soon COMMAND...: repeats it until it succeeds; nothing here works otherwise.
soon() {
	local end=$((SECONDS + deadline))

	until "$@"; do
		if [ $SECONDS -ge $end ] || ! kill -0 "$pid"; then
			sed 's/^/# /' "$tmp/log"
			echo "Bail out! never: $*"
			exit 1
		fi
		sleep 0.05
	done
}

# logged N TEXT: the log has at least N lines with it.
logged() {
	[ "$(grep -c "$2" "$tmp/log")" -ge "$1" ]
}

# alone N: there are N workers, so that those which were replaced have ended.
alone() {
	[ "$(wc -w <"/proc/$pid/task/$pid/children")" = "$1" ]
}

# configure LINE...
configure() {
	{
		[ "$(id -u)" != 0 ] || echo "user nobody"
		echo "listen 127.0.0.1:0"
		echo "balance $policy"
		echo "workers $workers"
		printf '%s\n' "$@"
	} >"$tmp/conf"
}

# With MSG_TRUNC, TCP takes no buffer, and throws away what it has.
cat >"$tmp/suppressions" <<'END'
{
	discarding
	Memcheck:Param
	socketcall.recvfrom(buf)
	fun:recv
	fun:conn_discard
}
END

start() {
	rm -f "$tmp"/valgrind.* "$tmp/access"
	: >"$tmp/log"
	valgrind --vgdb=no --trace-children=yes --error-exitcode=9 \
	    --leak-check=full --track-fds=yes \
	    --suppressions="$tmp/suppressions" \
	    --log-file="$tmp/valgrind.%p" \
	    "$program" -v -f "$tmp/conf" 2>>"$tmp/log" &
	pid=$!
	soon logged 1 'ready: '
	port=$(sed -n 's/.*listening on .*://p' "$tmp/log")
}

# ask REQUEST...: sends what printf(1) makes of them, and prints the statuses
# of all replies, until the server closes.
ask() {
	local fd

	exec {fd}<>"/dev/tcp/127.0.0.1/$port" || return
	printf "$@" >&$fd 2>/dev/null
	timeout $deadline grep -ao 'HTTP/1\.1 [0-9]*' <&$fd |
	    sed 's/.* //' | xargs
	exec {fd}>&-
}

# leave REQUEST: the same, but goes away instead of reading.
leave() {
	local fd

	exec {fd}<>"/dev/tcp/127.0.0.1/$port" || return
	printf "$@" >&$fd 2>/dev/null
	exec {fd}>&-
}

eol='\r\n'
keep="Host: t$eol"
host="${keep}Connection: close$eol"
long=$(printf '%09999d' 0)

requests() {
	local late slow

	# What takes its time does so beside the rest.
	exec {late}< <(ask "GET /200,0,x HTTP/1.1$eol")
	exec {slow}< <(ask "GET /200,3000,x HTTP/1.1$eol$host$eol")

	is "$policy: a read" \
	    "$(ask "GET /200,5,x HTTP/1.1$eol$host$eol")" 200
	is "$policy: HTTP/1.0" "$(ask "GET /sda/x HTTP/1.0$eol$eol")" 200
	is "$policy: HEAD" "$(ask "HEAD /200,5,x HTTP/1.1$eol$host$eol")" 200
	is "$policy: a read that fails" \
	    "$(ask "GET /503,5,x HTTP/1.1$eol$host$eol")" 503
	is "$policy: a body" \
	    "$(ask "GET /200,5,x HTTP/1.1$eol${host}Content-Length: 9999$eol$eol$long")" \
	    200
	is "$policy: a chunked body" \
	    "$(ask "PUT /x HTTP/1.1$eol${host}Transfer-Encoding: chunked$eol${eol}3${eol}abc${eol}0$eol$eol")" \
	    405
	is "$policy: bad numbers" \
	    "$(ask "GET /200,x,x HTTP/1.1$eol$host$eol")" 400
	is "$policy: no Host" "$(ask "GET /x HTTP/1.1$eol$eol")" 400
	is "$policy: no request" "$(ask 'x\000\377\r\r\n\n\n')" 400
	is "$policy: another version" "$(ask "GET /x HTTP/2.0$eol$eol")" 505
	is "$policy: an expectation" \
	    "$(ask "GET /x HTTP/1.1$eol${host}Expect: x$eol$eol")" 417
	is "$policy: too long a line" \
	    "$(ask "GET /$long HTTP/1.1$eol$host$eol")" 431
	is "$policy: too long a head" \
	    "$(ask "GET /x HTTP/1.1$eol${host}X: $long$eol$eol")" 431
	is "$policy: two requests on one connection" \
	    "$(ask "GET /200,5,a HTTP/1.1$eol$keep${eol}GET /200,5,b HTTP/1.1$eol$host$eol")" \
	    "$1"
	leave ''
	leave "GET /200,5,x HT"
	leave "GET /200,50,x HTTP/1.1$eol$host$eol"
	leave "GET /200,50,x HTTP/1.1$eol${host}Content-Length: 9999$eol${eol}x"

	is "$policy: a request that is never complete" "$(cat <&$late)" 408
	is "$policy: a read beyond read-timeout" "$(cat <&$slow)" 504
	exec {late}<&- {slow}<&-
}

# What the first process with errors has to say of them.
no_errors() {
	local bad

	bad=$(grep -L 'ERROR SUMMARY: 0 errors ' "$tmp"/valgrind.* |
	    head -n 1)
	[ -z "$bad" ] || { cat "$bad"; false; }
}

# Valgrind's reports: of all processes, and of each not a word of complaint.
reports() {
	local processes=$1

	# There are others that load programs under `idle'.
	ok "$policy: master and workers have been watched" test \
	    "$(grep -l 'ERROR SUMMARY' "$tmp"/valgrind.* | wc -l)" -ge \
	    "$processes"
	is "$policy: until their end" \
	    "$(grep -L 'ERROR SUMMARY' "$tmp"/valgrind.*)" ""
	ok "$policy: no error, and no leak" no_errors
	is "$policy: nobody has kept a connection" \
	    "$(grep -h -B 1 ' accept' "$tmp"/valgrind.*)" ""
	is "$policy: nor a log that was replaced" \
	    "$(grep -c "descriptor.*: $tmp/access" "$tmp"/valgrind.* |
	    grep -v ':[01]$')" ""
}

timeouts="request-timeout 2s
read-timeout 2s
queue-timeout 1m"

test_policy() {
	policy=$1
	configure "$timeouts" "access-log $tmp/access combined" \
	    "disk sda { read fixed 7ms }"
	start
	requests 200

	configure "$timeouts" "access-log $tmp/access logfmt" \
	    "keepalive-timeout 10s" "listen 127.0.0.1:0"
	sed -i '0,/^listen/{/^listen/d}' "$tmp/conf"
	kill -HUP $pid
	soon logged 2 'ready: '
	soon alone $workers
	requests "200 200"

	configure "workers 0" "nonsense"
	kill -HUP $pid
	soon logged 1 'nothing has changed'
	mv "$tmp/access" "$tmp/access.1"
	kill -USR1 $pid
	soon logged 3 'ready: '
	soon alone $workers
	is "$policy: it still serves" \
	    "$(ask "GET /200,5,x HTTP/1.1$eol$host$eol")" 200

	kill -TERM $pid
	wait $pid
	is "$policy: the daemon stopped as asked" $? 0
	pid=
	reports $((1 + 3 * workers))
}

test_policy shared
test_policy hash
if why=$(t/loads-programs.sh); then
	test_policy idle
else
	skip 1 "$why"
fi

tap_end
