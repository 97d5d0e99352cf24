# shellcheck shell=bash disable=SC2034,SC2046,SC2086
# Real files: a hundred clients, each reading an object of 4 kB again and
# again, a connection for each.

files() {
	local round row cpu clients=100
	bench_begin 7-files mean p99 rate cpu failed steal
	mkdir -p "$TMP/files"
	head -c 4096 /dev/urandom > "$TMP/files/file"
	for round in $(seq $REPEATS); do
		for row in files nginx-files; do
			server_start $row 128 ||
			    { record_none $row $round; continue; }
			load -c $clients -d 300ms \
			    "http://127.0.0.1:$PORT/file"
			cpu=$(server_cpu)
			measure_begin
			load -c $clients -d $(seconds 3 1) \
			    "http://127.0.0.1:$PORT/file"
			measure_end
			cpu=$(( $(server_cpu) - cpu ))
			record $row $round $(got main mean p99 rate) \
			    $(per_request $cpu) $(failed main) $STEAL
			server_stop
		done
	done
	summarize
	heading "7. A hundred clients reading files of 4 kB"
	table mean=mean_ms=%.2f p99=p99_ms=%.2f rate=requests/s=%.0f \
	    cpu=server_CPU_us/request=%.1f failed=failed=%d
	echo
	goal "mean" "$(figure files mean)" '<=' 3
	picture
}
