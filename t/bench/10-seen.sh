# shellcheck shell=bash disable=SC2034,SC2046,SC2086
# What it costs that the daemon is looked at: CPU of a request with a scrape of
# /metrics each second and without; CPU of a scrape, of the status process
# alone, when each of so many workers has served; and how long an answer takes
# while all workers hang.

seen() {
	local round row
	bench_begin 10-seen cpu ratio scrape answer steal
	ADMIN=$TMP/server/admin
	for round in $(seq $REPEATS); do
		seen_requests $round
		for row in 64 10000; do
			[ -z "$QUICK" ] || [ $row = 64 ] || continue
			server_start idle $row ||
			    { record_none $row $round; continue; }
			measure_begin
			seen_scrape $row
			measure_end
			record $row $round nan nan $scrape $answer $STEAL
			server_stop
		done
	done
	ADMIN=
	summarize
	heading "10. What it costs to be looked at"
	table cpu=server_CPU_us/request=%.2f ratio=scraped/alone=%.3f \
	    scrape=CPU_ms/scrape=%.2f answer=longest_answer_ms=%.1f
	echo
	goal "CPU of a request, scraped / alone" \
	    "$(figure scraped ratio)" '<=' 1.02
	[ -n "$QUICK" ] || goal "CPU of a scrape, 10000 workers, ms" \
	    "$(figure 10000 scrape)" '<=' 50
	goal "longest answer while 64 workers hang, ms" \
	    "$(figure 64 answer)" '<=' 20
}

ask_admin() {
	curl -s --unix-socket "$ADMIN" "http://localhost$1"
}

# Pairs of short loads of one server, one of each with a scrape a second: what
# else the machine does in the meantime befalls both.  The ratio is the median of
# the pairs'.
seen_requests() {	# round
	local i row order="alone scraped" pairs=$TMP/pairs
	server_start idle 64 ||
	    { record_none alone $1; record_none scraped $1; return; }
	load -c 16 -d 300ms "$(read_url idle 0)"
	measure_begin
	: > "$pairs"
	for i in $(seq $([ -z "$QUICK" ] && echo 24 || echo 3)); do
		for row in $order; do
			seen_request $row
			echo $i $row $cpu "$(got main sent)" >> "$pairs"
		done
		[ "$order" = "alone scraped" ] && order="scraped alone" ||
		    order="alone scraped"
	done
	measure_end
	record alone $1 "$(pairs_cpu alone)" nan nan nan $STEAL
	record scraped $1 "$(pairs_cpu scraped)" "$(pairs_ratio)" nan nan $STEAL
	server_stop
}

pairs_cpu() {		# row
	awk -v row=$1 '$2 == row { us += $3; n += $4 }
	    END { print us / n }' "$TMP/pairs"
}

pairs_ratio() {
	awk '{ cpu[$1, $2] = $3 / $4; n = $1 }
	    END { for (i = 1; i <= n; i++)
		print cpu[i, "scraped"] / cpu[i, "alone"] }' "$TMP/pairs" |
	    sort -g | awk '{ v[NR] = $1 } END {
		print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# Sets cpu, us of the server for all requests of a load.  Who scrapes takes CPU
# and caches as well, which is not to be the difference: the same program reads
# a file when nobody is to be asked.
seen_request() {	# row
	local scraper url=file:///dev/null
	[ $1 = alone ] || url=http://localhost/metrics
	while :; do
		curl -s --unix-socket "$ADMIN" -o /dev/null $url
		sleep 1
	done &
	scraper=$!
	cpu=$(server_cpu)
	load -c 16 -d 2s "$(read_url idle 0)"
	cpu=$(( $(server_cpu) - cpu ))
	kill $scraper
	wait $scraper 2> /dev/null
}

# ns that the status process has had so far.
status_cpu() {
	cut -d ' ' -f 1 /proc/$(pgrep -P $PID -f 'spindled: status')/schedstat
}

# Sets scrape, ms of CPU, when each worker has served once, the mean of 10; and
# answer, the longest of four kinds, ms, while all of them read.
seen_scrape() {		# workers
	local before i reader
	"$BIN/load" -o csv -c $1 -n $1 -T 60s "$(read_url idle 3000)" \
	    > /dev/null 2>&1 &
	reader=$!
	sleep 2
	answer=$(for i in /healthz /metrics /status /; do
		curl -s -o /dev/null -w '%{time_total}\n' \
		    --unix-socket "$ADMIN" "http://localhost$i"
	done | sort -g | tail -n 1 | awk '{ print $1 * 1000 }')
	wait $reader
	before=$(status_cpu)
	for i in 1 2 3 4 5 6 7 8 9 10; do
		ask_admin /metrics > /dev/null
	done
	scrape=$(echo $before $(status_cpu) | awk '{ print ($2 - $1) / 1e7 }')
}
