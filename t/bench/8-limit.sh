# shellcheck shell=bash disable=SC2034,SC2046,SC2086
# One disk hangs for good, and 50 requests a second go to it; 300 a second of
# 10 ms go to a healthy one, on 64 workers.  With `limit 8' the dead disk may
# have eight of them; without, it has them all after a while.

limit() {
	local round row calm dead
	bench_begin 8-limit sent calm_p99 failed p50 p99 p999 refused lag steal
	for round in $(seq $REPEATS); do
		for row in limit-8 no-limit; do
			server_start $row 64 ||
			    { record_none $row $round; continue; }
			measure_begin
			load -r 300 -s $round -d $(seconds 4 2) -t 4s \
			    "$(read_url $row 10)"
			calm=$(got main p99)
			"$BIN/load" -o csv -r 50 -s $round -d $(seconds 8 4) \
			    -t 2s "http://127.0.0.1:$PORT/dead/file" \
			    > "$TMP/dead.csv" 2> /dev/null &
			dead=$!
			load -r 300 -s $round -d $(seconds 6 3) -t 4s \
			    "$(read_url $row 10)"
			wait $dead
			measure_end
			record $row $round $(got main sent) $calm \
			    $(failed main) $(got main p50 p99 p999) \
			    $(csv_figure "$TMP/dead.csv" main status) \
			    $(got main lag_p99) $STEAL
			server_stop
		done
	done
	summarize
	heading "8. 300 healthy requests/s of 10 ms, 50/s for a disk that hangs; 64 workers"
	table sent=requests=%d failed=failed=%d calm_p99=p99_ms_before=%.1f \
	    p50=p50_ms_with=%.1f p99=p99_ms_with=%.1f \
	    p999=p99.9_ms_with=%.1f refused=503_from_the_dead=%d
	echo
	goal "limit 8: failed" "$(figure limit-8 failed)" '<=' 0
	goal "limit 8: p99 with / before" \
	    "$(ratio limit-8 p99 limit-8 calm_p99)" '<=' 1.1
	goal "no limit: failed (a dead disk takes all)" \
	    "$(figure no-limit failed)" '>=' 1
	picture
}
