# shellcheck shell=bash disable=SC2034,SC2046,SC2086
# What steering costs as workers grow in number: ns in the kernel's program
# for each SYN, the start-up, the memory, and the death of a worker.

growth() {
	local round n free before after ns sizes="64 400 2000 10000"
	[ -z "$QUICK" ] || sizes="64 2000"
	bench_begin 4-growth syn start private total replaced worst \
	    steal
	bpf_stats_on
	for round in $(seq $REPEATS); do
		for n in $sizes; do
			PROGRAMS=$(steering_programs)
			free=$(available)
			server_start $GROWTH $n ||
			    { record_none $n $round; continue; }
			measure_begin
			free=$(( free - $(available) ))
			before=$(steering)
			load -c 32 -n 20000 -d 2s "$(read_url $GROWTH 0)"
			after=$(steering)
			ns=$(echo $before $after | awk '{
				print (NF == 4 && $4 > $2 ? \
				    ($3 - $1) / ($4 - $2) : "nan") }')
			[ $ns != nan ] || NOTE="${NOTE:+$NOTE; }$(no_program)"
			"$BIN/replace" $PORT $PID $n $(seconds 10 3 '') \
			    > "$TMP/replaced" 2> "$TMP/replace.log" ||
			    NOTE="${NOTE:+$NOTE; }$(tail -n 1 "$TMP/replace.log")"
			measure_end
			record $n $round $ns $READY $(worker_private) \
			    $(awk "BEGIN { print ($n < 1000 ? \"nan\" : \
				$free / $n) }") \
			    $(sort -g "$TMP/replaced" | awk '
				{ v[NR] = $1 }
				END { if (NR) print v[int((NR + 1) / 2)], v[NR]
				      else print "nan nan" }') $STEAL
			server_stop
		done
	done
	bpf_stats_restore
	summarize
	heading "4. The cost of steering as workers grow in number (balance $GROWTH)"
	table syn=ns_per_SYN=%.0f start=start-up_ms=%.0f \
	    private=private_kB_a_worker=%.1f total=kB_with_kernel\'s=%.0f \
	    replaced=SIGKILL_to_served_ms=%.2f worst=longest_of_10=%.2f
	echo
	n=${sizes##* }
	goal "ns per SYN with $n workers" "$(figure $n syn)" '<=' 500
	goal "ns per SYN, $n workers / 64 (flat)" "$(ratio $n syn 64 syn)" \
	    '<=' 1.5
	goal "start-up with $n workers, ms" "$(figure $n start)" '<=' 5000
	goal "private kB a worker" "$(figure $n private)" '<=' 40
	goal "SIGKILL to served, ms, 64 workers" "$(figure 64 replaced)" '<=' 5
	goal "SIGKILL to served, ms, $n workers" "$(figure $n replaced)" '<=' 5
	picture
}

no_program() {
	if command -v bpftool jq > /dev/null; then
		echo "no steering program ran"
	else
		echo "ns per SYN: no bpftool or no jq"
	fi
}

# kB that processes could still get.
available() {
	awk '/^MemAvailable/ { print $2 }' /proc/meminfo
}
