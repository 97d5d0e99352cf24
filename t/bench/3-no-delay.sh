# shellcheck shell=bash disable=SC2034,SC2046,SC2086
# Requests without a read, a connection for each, from two clients with 16
# connections each.  What a request costs the server's processes, what it
# costs the whole machine, and how many a second there are.

no_delay() {
	local round row cpu
	bench_begin 3-no-delay rate cpu machine client p99 failed steal
	for round in $(seq $REPEATS); do
		for row in $POLICIES bare nginx apache apache-buckets; do
			server_start $row 64 ||
			    { record_none $row $round; continue; }
			load -c 32 -d 300ms "$(read_url $row 0)"
			cpu=$(server_cpu)
			measure_begin
			load2 -c 16 -d $(seconds 2 1) "$(read_url $row 0)"
			measure_end
			cpu=$(( $(server_cpu) - cpu ))
			record $row $round $(got main rate) \
			    $(per_request $cpu) $(per_request $MACHINE) \
			    $(per_request $(got main client_cpu_us)) \
			    $(got main p99) $(failed main) $STEAL
			server_stop
		done
	done
	summarize
	heading "3. No read, one connection a request, 32 at once"
	table cpu=server_CPU_us/request=%.1f rate=requests/s=%.0f \
	    machine=machine_CPU_us/request=%.1f \
	    client=of_which_client=%.1f p99=p99_ms=%.1f failed=failed=%d
	echo
	goal "idle / nginx, server CPU" "$(ratio idle cpu nginx cpu)" '<=' 0.85
	goal "idle / bare, server CPU" "$(ratio idle cpu bare cpu)" '<=' 1.25
	goal "idle / apache prefork, server CPU" \
	    "$(ratio idle cpu apache cpu)" '<=' 0.4
	goal "idle / apache prefork with buckets, server CPU" \
	    "$(ratio idle cpu apache-buckets cpu)" '<=' 0.4
	goal "idle / nginx, requests/s" "$(ratio idle rate nginx rate)" '>=' 1
	goal "idle / apache prefork, requests/s" \
	    "$(ratio idle rate apache rate)" '>=' 1
	picture
}
