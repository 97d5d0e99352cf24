#!/bin/sh
#
# The programs that run beside spindled, each as Debian has it, with the
# configurations that are shipped for them: Prometheus, HAProxy, logrotate.
#
# It runs in a network of its own, so that their ports are nobody else's.

cd "$(dirname "$0")/.." || exit 1

if [ -z "$NEIGHBOURS_NETWORK" ]; then
	if unshare -n true 2>/dev/null; then
		NEIGHBOURS_NETWORK=1 exec unshare -n "$0"
	fi
	echo "1..0 # SKIP no network of its own: that takes root"
	exit 0
fi
. t/tap.sh
. t/daemon.sh
ip link set lo up

ctl=${SPINDLECTL:-build/spindlectl}

# have PROGRAM COUNT: whether it is there; else COUNT tests are skipped.
have() {
	command -v "$1" >/dev/null && return 0
	skip "$2" "no $1"
	return 1
}

# soon COMMAND...: it succeeds before the deadline.
soon() {
	end=$(($(date +%s) + deadline))
	until "$@" >"$tmp/soon" 2>&1; do
		if [ "$(date +%s)" -ge $end ]; then
			cat "$tmp/soon"
			return 1
		fi
		sleep 0.05
	done
}

# daemon NAME PORT LINE...: one at that port, and its admin socket.
daemon() {
	name=$1
	port=$2
	shift 2
	daemon_start "$name" "listen 127.0.0.1:$port" \
	    "admin unix:$tmp/$name.admin" "$@"
	url=http://127.0.0.1:$port
}

# stop NAME PID: it stops as asked.
stop() {
	daemon_stop "$2"
	is "$1: the daemon stopped as asked" $? 0
}

# Prometheus.

metrics() {
	curl -s --unix-socket "$tmp/metered.admin" http://localhost/metrics
}

# query EXPRESSION VALUE: Prometheus knows it to be that.
query() {
	curl -s --get http://127.0.0.1:9090/api/v1/query \
	    --data-urlencode "query=$1" | grep -F "\"$2\"]"
}

alerts_are_known() {
	curl -s http://127.0.0.1:9090/api/v1/rules >"$tmp/rules"
	for alert in $(sed -n 's/.*alert: //p' conf/spindled.rules.yml); do
		grep -q "\"name\":\"$alert\"[^}]*" "$tmp/rules" || return 1
	done
	! grep -q '"health":"err"' "$tmp/rules"
}

test_prometheus() {
	have promtool 2 || return
	ok "promtool takes the alert rules" \
	    promtool check rules conf/spindled.rules.yml
	daemon metered 7000 "workers 4" "admin 127.0.0.1:7100"
	metered=$pid
	ok "a request" curl -sf "$url/200,5,x"
	ok "and a bad one" test "$(curl -s -o /dev/null -w '%{http_code}' \
	    "$url/503,5,x")" = 503
	metrics >"$tmp/metrics"
	ok "promtool takes the metrics" promtool check metrics <"$tmp/metrics"

	have prometheus 6 || { stop metered $metered; return; }
	cat >"$tmp/prometheus.yml" <<-END
		global:
		  scrape_interval: 200ms
		  evaluation_interval: 200ms
		rule_files:
		  - $PWD/conf/spindled.rules.yml
		scrape_configs:
		  - job_name: spindled
		    static_configs:
		      - targets: ["127.0.0.1:7100"]
	END
	prometheus --config.file="$tmp/prometheus.yml" \
	    --storage.tsdb.path="$tmp/tsdb" --log.level=error \
	    --web.listen-address=127.0.0.1:9090 >"$tmp/prometheus" 2>&1 &
	prometheus=$!
	pids="$pids $prometheus"
	ok "prometheus scrapes it" soon query up 1
	ok "it counts workers" soon query spindled_workers_wanted 4
	ok "and requests" soon query 'spindled_requests_total{code="5xx"}' 1
	ok "its histograms give quantiles" soon query \
	    'histogram_quantile(1, spindled_disk_read_seconds_bucket) < bool 0.1' 1
	ok "its alerts are evaluated" soon alerts_are_known
	echo "workers none" >>"$tmp/metered.conf"
	kill -HUP $metered
	ok "a reload that fails is an alert to be" soon query \
	    'ALERTS{alertname="SpindledReloadFailed"}' 1
	kill $prometheus
	wait $prometheus
	stop metered $metered
}

# HAProxy.

# haproxy_says SERVER STATE: of its check, by its socket.
haproxy_says() {
	echo "show stat" | perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 1;
		print $s <STDIN>;
		print while <$s>;
	' "$tmp/haproxy.sock" | awk -F, -v server="$1" -v state="$2" '
		$1 == "spindled" && $2 == server {
			print
			found = $18 ~ "^" state
		}
		END { exit !found }'
}

# all_are_served N: N requests through HAProxy are answered with 200.
all_are_served() {
	for i in $(seq "$1"); do
		curl -sf -m 10 -o /dev/null http://127.0.0.1:7080/200,1,x ||
		    return 1
	done
}

test_haproxy() {
	have haproxy 9 || return
	daemon one 7000 "workers 4" "worker-timeout 3s" \
	    "admin 127.0.0.1:7100"
	one=$pid
	daemon two 7001 "workers 4" "admin 127.0.0.1:7101"
	two=$pid
	printf 'global\n\tstats socket %s\n' "$tmp/haproxy.sock" \
	    >"$tmp/haproxy.cfg"
	haproxy -f conf/haproxy.cfg -f "$tmp/haproxy.cfg" >"$tmp/haproxy" 2>&1 &
	haproxy=$!
	pids="$pids $haproxy"
	ok "HAProxy finds the first one well" soon haproxy_says one UP
	ok "and the second one" soon haproxy_says two UP
	ok "both serve" all_are_served 20

	ok "the first one's disk hangs" "$ctl" -s "$tmp/one.admin" \
	    disk default condition hang
	for i in 1 2 3 4; do
		curl -s -m 20 -o /dev/null "http://127.0.0.1:7000/200,,x" &
		pids="$pids $!"
	done
	ok "HAProxy takes it out" soon haproxy_says one DOWN
	ok "and nobody notices" all_are_served 20

	ok "the disk is well again" "$ctl" -s "$tmp/one.admin" \
	    disk default condition schedule
	ok "HAProxy puts it back" soon haproxy_says one UP
	ok "and both serve" all_are_served 20
	kill $haproxy
	wait $haproxy
	stop one $one
	stop two $two
}

# logrotate.

lines() {
	cat "$tmp"/access.log* | wc -l
}

rotated() {
	[ "$(wc -l <"$tmp/access.log")" -gt 0 ]
}

test_logrotate() {
	have logrotate 4 || return
	daemon rotated 7000 "workers 4" "access-log $tmp/access.log combined"
	log_pid=$pid
	# As shipped, but for the file, and for who is told.
	sed -e "s|^/var/log.* {|$tmp/access.log {|; s/\<compress\>//" \
	    -e "s/delaycompress//; s/^\(\t\)systemctl.*/kill -USR1 $log_pid/" \
	    -e "s/^\t\tsystemctl.*/\t\tkill -USR1 $log_pid/" \
	    conf/spindled.logrotate >"$tmp/logrotate.conf"
	ok "a request" curl -sf "$url/200,0,before"
	ok "logrotate rotates" logrotate -f -s "$tmp/logrotate.state" \
	    "$tmp/logrotate.conf"
	requests=1
	until rotated || [ $requests -gt 500 ]; do
		curl -sf -o /dev/null "$url/200,0,after"
		requests=$((requests + 1))
	done
	ok "new workers write to the new file" rotated
	is "and no line is lost" "$(lines)" "$requests"
	stop rotated $log_pid
}

test_prometheus
test_haproxy
test_logrotate
tap_end
