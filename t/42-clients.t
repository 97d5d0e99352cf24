#!/bin/sh
#
# Real clients, told what the study told them: many requests at once from the
# same machine, each of which sleeps in its worker.  How long the longest took
# is reported and not judged, for other tests run beside this one.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh
. t/daemon.sh

# has NAME PATTERN FILE: a line of FILE matches; else all of it is shown.
has() {
	ok "$1" grep_or_show "$2" "$3"
}

grep_or_show() {
	grep -q "$1" "$2" || { echo "no $1 in:"; cat "$2"; return 1; }
}

lacks() {
	ok "$1" grep_not "$2" "$3"
}

grep_not() {
	! grep "$1" "$2"
}

# have PROGRAM COUNT: whether it is there; else COUNT tests are skipped.
have() {
	command -v "$1" >/dev/null && return 0
	skip "$2" "no $1"
	return 1
}

# finish NAME PID: it stops as asked, and never had anything to complain of.
finish() {
	daemon_stop "$2"
	is "$1: the daemon stopped as asked" $? 0
	lacks "$1: its log has no warning and no error" \
	    'warning:\|error:\|Sanitizer' "$tmp/$1.log"
}

# ab_all_good NAME: what ab printed tells of 1000 good requests.
ab_all_good() {
	has "$1: all requests are complete" '^Complete requests:  *1000$' \
	    "$tmp/ab"
	has "$1: none failed" '^Failed requests:  *0$' "$tmp/ab"
	lacks "$1: none had another status" '^Non-2xx' "$tmp/ab"
	sed -n 's/^ *100% *\([0-9]*\) .*/# longest request: \1 ms/p' "$tmp/ab"
}

test_ab() {
	have ab 4 || return
	ok "ab -c 400" t/problem/make-http-requests ab "$url/200,200,some_file"
	cp "$tmp/out" "$tmp/ab"
	ab_all_good "ab -c 400"
}

test_ab_keepalive() {
	have ab 5 || return
	ok "ab -k" ab -l -q -k -n 1000 -c 10 "$url/200,2,some_file"
	cp "$tmp/out" "$tmp/ab"
	ab_all_good "ab -k"
	has "ab -k: connections are kept" '^Keep-Alive requests:  *1000$' \
	    "$tmp/ab"
}

test_siege() {
	have siege 4 || return
	ok "siege -c 100" t/problem/make-http-requests siege \
	    "$url/200,200,some_file"
	cp "$tmp/out" "$tmp/siege"
	has "siege: all requests were made" '^Transactions:[^0-9]*1000 hits' \
	    "$tmp/siege"
	has "siege: all were available" '^Availability:[^0-9]*100.00 %' \
	    "$tmp/siege"
	has "siege: none failed" '^Failed transactions:[^0-9]*0$' "$tmp/siege"
	sed -n 's/^Longest transaction:[^0-9]*/# longest request, s: /p' \
	    "$tmp/siege"
}

# fetch WHAT OPTION...: curl that prints nothing but WHAT.
fetch() {
	what=$1
	shift
	curl -q -sS --noproxy '*' -o "$tmp/body" -w "$what" "$@"
}

test_curl() {
	have curl 13 || return
	is "curl: GET" "$(fetch '%{http_code}' "$url/200,5,some_file")" 200
	has "curl: the body" '^[0-9][0-9]*,some_file$' "$tmp/body"
	is "curl: all of it" "$(fetch '%{size_download} %header{content-length}' \
	    "$url/200,5,some_file" | awk '{ print $1 == $2 }')" 1
	is "curl: HEAD" "$(fetch '%{http_code} %{size_download}' -I \
	    "$url/200,5,some_file")" "200 0"
	has "curl: HEAD's fields are GET's" '^Content-Length: 1[1-9].$' \
	    "$tmp/body"
	is "curl: a status that was asked for" \
	    "$(fetch '%{http_code}' "$url/404,5,some_file")" 404
	fetch '' -f "$url/503,5,some_file" 2>/dev/null
	is "curl -f takes it for a failure" $? 22
	is "curl: HTTP/1.0" \
	    "$(fetch '%{http_code}' -0 "$url/200,5,some_file")" 200
	# More than socket buffers hold, and sent without asking.
	dd if=/dev/zero of="$tmp/big" bs=64k count=14 2>/dev/null
	is "curl: a body that nobody wants, and its reply" \
	    "$(fetch '%{http_code}' -H Expect: -T "$tmp/big" \
	    "$url/200,5,some_file")" 405
	is "curl: two requests, and no keep-alive" \
	    "$(fetch '%{num_connects} ' "$url/200,5,a" -o "$tmp/body" \
	    "$url/200,5,b")" "1 1 "
	is "curl: of which it is told" \
	    "$(fetch '%header{connection}' "$url/200,5,a")" close
	fetch '' -m 0.1 "$url/200,500,some_file" 2>/dev/null
	is "curl goes away in the middle of a read" $? 28
	is "and nobody notices" \
	    "$(fetch '%{http_code}' "$url/200,5,some_file")" 200
}

test_curl_keepalive() {
	have curl 5 || return
	is "curl: the second request takes the same connection" \
	    "$(fetch '%{num_connects} ' "$url/200,5,a" -o "$tmp/body" \
	    "$url/200,5,b")" "1 0 "
	has "curl: and has a reply of its own" '^[0-9]*,b$' "$tmp/body"
	# It throws away what it did not expect, but tells.
	is "curl: the same with HEAD" \
	    "$(fetch '%{num_connects} ' -v -I "$url/200,5,a" -o "$tmp/body" \
	    "$url/200,5,b" 2>"$tmp/told")" "1 0 "
	lacks "curl: where nothing follows the reply" Excess "$tmp/told"
	is "curl: a failing read does not end it" \
	    "$(fetch '%{http_code} %{num_connects} ' "$url/503,5,a" \
	    -o "$tmp/body" "$url/200,5,b")" "503 1 200 0 "
}

daemon_start study "balance shared" "workers 400"
study=$pid
test_ab
test_siege
test_curl
finish study "$study"

daemon_start keepalive "balance shared" "workers 40" "keepalive-timeout 1m"
test_ab_keepalive
test_curl_keepalive
finish keepalive "$pid"

tap_end
