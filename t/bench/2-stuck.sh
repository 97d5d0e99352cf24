# shellcheck shell=bash disable=SC2034,SC2046,SC2086
# 64 workers, 300 healthy requests a second of 10 ms, for as long as they
# come whatever the server does (an open loop); then the same while 16 reads
# of 12 s are under way.  A client waits 4 s for its answer.

stuck() {
	local round row calm
	bench_begin 2-stuck sent calm_failed calm_p50 calm_p99 calm_p999 \
	    failed p50 p99 p999 lag steal
	rm -f "$OUT"/2-stuck-*.log.csv
	for round in $(seq $REPEATS); do
		for row in $POLICIES nginx-echo; do
			server_start $row 64 ||
			    { record_none $row $round; continue; }
			measure_begin
			load -r 300 -s $round -d $(seconds 4 2) -t 4s \
			    "$(read_url $row 10)"
			calm="$(failed main) $(got main p50 p99 p999)"
			load -r 300 -s $round -d $(seconds 6 2) -t 4s \
			    -k 16 -K "$(read_path $row 12000)" \
			    -l "$OUT/2-stuck-$row.log.csv" "$(read_url $row 10)"
			measure_end
			record $row $round $(got main sent) $calm \
			    $(failed main) $(got main p50 p99 p999 lag_p99) \
			    $STEAL
			server_stop
		done
	done
	summarize
	heading "2. 64 workers, 300 healthy requests/s of 10 ms; with 16 workers stuck for 12 s"
	table sent=requests=%d failed=failed=%d calm_p99=p99_ms_without=%.1f \
	    p50=p50_ms_with=%.1f p99=p99_ms_with=%.1f p999=p99.9_ms_with=%.1f
	echo
	goal "idle: failed while 16 are stuck" "$(figure idle failed)" '<=' 0
	goal "idle: p99 with / without" \
	    "$(ratio idle p99 idle calm_p99)" '<=' 1.1
	goal "hash: failed (it has the problem)" "$(figure hash failed)" '>=' 1
	picture
}
