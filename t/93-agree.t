#!/bin/sh
#
# What the daemon's histograms say of latencies is what its client measures of
# the same requests: within a 16th, and what lies between the two.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh
. t/daemon.sh

load=${LOAD:-build/bench/load}

# Every read takes as long as is drawn; dying disks live in the tail.
daemon_start agree "balance shared" "workers 64" "admin unix:$tmp/admin" \
    "disk default {" "	read lognormal 40ms p99 400ms" "}"

"$load" -r 100 -d 12s -T 60s -o json "$url/200,,x" >"$tmp/client.json" \
    2>"$tmp/load.log"
curl -s --unix-socket "$tmp/admin" http://localhost/status.json \
    >"$tmp/server.json"

# compare QUANTILE: of both, and by how much they differ and may differ.
compare() {
	perl -MJSON::PP -e '
		local $/;
		my ($client, $server) = map { open my $f, "<", $_ or die;
		    decode_json(<$f>) } @ARGV[0, 1];
		my $c = $client->{streams}{main};
		my $is = $server->{latency}{total}{$ARGV[2]} * 1000;
		# Between the two: that the client begins late, or looks late,
		# and the loopback.
		my $late = $ARGV[2] eq "p999" ? "max" : "p99";
		my $may = $c->{$ARGV[2]} / 16 + $c->{"late_$late"} +
		    $c->{"lag_$late"} + 1;
		printf "client %.3f ms, server %.3f ms, may differ by %.3f\n",
		    $c->{$ARGV[2]}, $is, $may;
		exit(abs($is - $c->{$ARGV[2]}) > $may);
	' "$tmp/client.json" "$tmp/server.json" "$1"
}

field() {
	perl -MJSON::PP -e '
		local $/;
		open my $f, "<", $ARGV[0] or die;
		my $v = decode_json(<$f>);
		$v = $v->{$_} for @ARGV[1 .. $#ARGV];
		print $v;
	' "$@"
}

sent=$(field "$tmp/client.json" streams main sent)
ok "the client asked" test "$sent" -gt 1000
is "all were answered" "$(field "$tmp/client.json" streams main ok)" "$sent"
is "the daemon has measured as many" \
    "$(field "$tmp/server.json" latency total count)" "$sent"
for q in p50 p90 p99 p999; do
	ok "$q" compare $q
	sed 's/^/# '"$q"': /' "$tmp/out"
done
daemon_stop "$pid"
is "the daemon stopped as asked" $? 0

tap_end
