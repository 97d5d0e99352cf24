# shellcheck shell=bash disable=SC2034,SC2046,SC2086
# 400 clients, 400 workers, reads of 200 ms: nobody need ever wait, and at
# best 2,000 requests a second are answered.

sleepers() {
	local round row
	bench_begin 1-sleepers rate p50 p99 max failed machine steal
	for round in $(seq $REPEATS); do
		for row in $POLICIES nginx-echo; do
			server_start $row 400 ||
			    { record_none $row $round; continue; }
			measure_begin
			load -c 400 -t 30s -w 500ms -d $(seconds 3 1) \
			    "$(read_url $row 200)"
			measure_end
			record $row $round $(got main rate p50 p99 max) \
			    $(failed main) $MACHINE $STEAL
			server_stop
		done
	done
	summarize
	heading "1. 400 workers, 400 clients, reads of 200 ms"
	table rate=requests/s=%.0f p50=p50_ms=%.1f p99=p99_ms=%.1f \
	    max=longest_ms=%.1f failed=failed=%d
	echo
	goal "idle / hash, requests/s" "$(ratio idle rate hash rate)" '>=' 1.8
	goal "idle / nginx echo_sleep, requests/s" \
	    "$(ratio idle rate nginx-echo rate)" '>=' 1.0
	picture
}
