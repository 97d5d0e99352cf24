# shellcheck shell=bash disable=SC2034,SC2046,SC2086
# How late a read of 20 ms ends on an idle machine: the server's own record
# (Server-Timing), with 200 requests a second; and what the machine does to a
# process that only sleeps.

lateness() {
	local round row
	bench_begin 5-lateness p50 p99 max queue_p99 steal
	for round in $(seq $REPEATS); do
		measure_begin
		set -- $("$BIN/naps" $(seconds 150 50 '') 20)
		measure_end
		NOTE="" record clock $round $1 $2 $3 nan $STEAL
		for row in $POLICIES; do
			server_start $row 64 ||
			    { record_none $row $round; continue; }
			measure_begin
			load -r 200 -a constant -d $(seconds 3 1) \
			    "$(read_url $row 20)"
			measure_end
			record $row $round \
			    $(got main late_p50 late_p99 late_max queue_p99) \
			    $STEAL
			server_stop
		done
	done
	summarize
	heading "5. Lateness of a read of 20 ms, 200 a second (clock: a process that only sleeps)"
	table p50=p50_ms=%.3f p99=p99_ms=%.3f max=longest_ms=%.3f \
	    queue_p99=queue_p99_ms=%.3f
	echo
	goal "idle: lateness p50, ms" "$(figure idle p50)" '<=' 0.060
	goal "idle: lateness p99, ms" "$(figure idle p99)" '<=' 1
	picture
}
