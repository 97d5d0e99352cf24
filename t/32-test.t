#!/bin/sh
#
# spindled-test as its users meet it: options, what cannot be measured, both
# verdicts and all that it writes.  Other tests run beside this one, so nothing
# here is about how long something took; 92-problem judges servers.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh
. t/daemon.sh

test=${SPINDLED_TEST:-build/san/spindled-test}

start() {
	daemon_start daemon "balance shared" "stop-timeout 100ms" "$@"
}

# Workers that notice when the client of a long read has gone are free for the
# next run.
start_noticing() {
	start "workers $1" "disk default {" "read fixed 0" "interruptible yes" \
	    "}"
}

stop() {
	daemon_stop "$pid"
}

# run ARGUMENT...: keeps its output, errors and exit status.
run() {
	"$test" "$@" >"$tmp/stdout" 2>"$tmp/stderr"
	status=$?
}

# short ARGUMENT...: a run that is soon over, however busy the machine is.
short() {
	run -r 50 -k 4 -b 200ms -d 400ms -l 200ms -t 3s -B 2s "$@"
}

# refuses MESSAGE ARGUMENT...
refuses() {
	message=$1
	shift
	run "$@"
	is "refused: $*" "$status: $(head -n 1 "$tmp/stderr")$(cat \
	    "$tmp/stdout")" "2: $message"
}

# field NAME: of the JSON, by its path in dots; whether it is JSON, too.
field() {
	perl -MJSON::PP -e '
		local $/;
		my $j = JSON::PP->new->allow_nonref(1);
		my $x = decode_json(<STDIN>);
		$x = $x->{$_} for split /\./, shift;
		print $j->encode($x);
	' "$1" <"$tmp/stdout"
}

test_options() {
	a=http://127.0.0.1:1
	refuses "spindled-test: --rate 0: expected a number from 1 to 100000" \
	    -r 0 $a
	refuses "spindled-test: --rate +5: expected a number from 1 to 100000" \
	    --rate +5 $a
	refuses "spindled-test: --long 16385: expected a number from 1 to 16384" \
	    -k 16385 $a
	refuses "spindled-test: --read 10: expected a time from 0 to 1h, such as 250ms" \
	    -m 10 $a
	refuses "spindled-test: --timeout 0: expected a time from 1ms to 1h, such as 250ms" \
	    -t 0 $a
	refuses "spindled-test: --before 99ms: expected a time from 100ms to 1h, such as 250ms" \
	    -b 99ms $a
	refuses "spindled-test: --during 2h: expected a time from 100ms to 1h, such as 250ms" \
	    -d 2h $a
	refuses "spindled-test: --tolerate 1: expected a percentage, such as 0.1%" \
	    -x 1 $a
	refuses "spindled-test: --arrivals burst: expected poisson or constant" \
	    -a burst $a
	refuses "spindled-test: ftp://h: it does not begin with http://" ftp://h
	refuses "spindled-test: https://h: https is not spoken here" https://h
	refuses "spindled-test: http://h/x: healthy and long reads would be the same: put {ms} or {s} into the URL, or tell --long-path" \
	    http://h/x
	refuses "spindled-test: /x: healthy and long reads are the same" \
	    -L /x http://h/x
	refuses "spindled-test: --long-read is shorter than 10500ms, which --lead, --during and --timeout take together" \
	    -M 10s $a
	refuses "spindled-test: /x{y}{s}: braces are for {ms} and {s}" \
	    "http://h/x{y}{s}"
	refuses "spindled-test: x: it does not begin with /" -L x $a
	refuses "spindled-test: /a b: it has characters that a URL cannot have" \
	    -L "/a b" $a
	refuses "spindled-test: --bound is longer than --timeout" -B 5s $a
	refuses "spindled-test: /nowhere/x: No such file or directory" \
	    -o /nowhere/x $a
	refuses "spindled-test: /200,{ms},file: {ms} and {s} are whole milliseconds" \
	    -m 10us $a
	refuses "usage: spindled-test [-hjqV] [-a kind] [-B time] [-b time] [-d time] [-k n]"
	refuses "usage: spindled-test [-hjqV] [-a kind] [-B time] [-b time] [-d time] [-k n]" \
	    $a $a
	refuses "$test: unrecognized option '--lang'" --lang $a
	run -V
	is "-V" "$status: $(cat "$tmp/stdout" "$tmp/stderr")" \
	    "0: spindled-test $(build/spindled -V | sed 's/.* //')"
	run --help
	is "--help" "$status: $(cat "$tmp/stderr")" "0: "
	is "it is for 80 columns" "$(grep -n '.\{81\}' "$tmp/stdout")" ""
}

test_not_run() {
	run "http://127.0.0.1:1"
	is "nobody listens" "$status: $(cat "$tmp/stderr")" \
	    "2: spindled-test: 127.0.0.1:1: nobody listens there, or it is not to be reached"
	start "workers 4" "disk default {" "read fixed 1h" "}"
	run "$url/404,{ms},x"
	is "a status that is not good" "$status: $(cat "$tmp/stderr")" \
	    "2: spindled-test: ${url#http://}: a healthy read is answered with 404: /404,2,x"
	run -t 100ms -L /y "$url/x"
	is "a read that takes too long" "$status: $(cat "$tmp/stderr")" \
	    "2: spindled-test: ${url#http://}: no answer within the timeout"
	stop
	start_noticing 8
	short -L "/404,0,x" "$url"
	is "long reads that are refused" "$status: $(tail -n 1 "$tmp/stdout")" \
	    "2: long reads were answered with 404."
	short -L "/200,0,other" "$url"
	is "long reads that are short" "$status: $(sed -n '$s/^[0-9]*/N/p' \
	    "$tmp/stdout")" "2: N long reads were answered too soon to be long ones."
	# Nobody is that punctual.
	short -B 0 "$url"
	is "a client that is late" "$status: $(tail -n 1 "$tmp/stdout")" \
	    "2: the client fell behind its own schedule: a lower rate or a quieter machine is needed."
	is "it tells no percentile" \
	    "$(grep -c '^  p[0-9.]*  *client late  *client late$' \
	    "$tmp/stdout")" 3
	short -j -B 0 "$url"
	is "nor in JSON" "$status $(field before.p50_s) $(field during.p999_s) \
$(field during.fell_behind) $(field problem)" '2 null null true "unknown"'
	if [ -w /dev/full ]; then
		"$test" -r 50 -k 4 -b 100ms -d 100ms -B 2s "$url" >/dev/full \
		    2>"$tmp/stderr"
		is "a full disk" "$?: $(cat "$tmp/stderr")" \
		    "2: spindled-test: standard output: No space left on device"
	else
		skip 1 "no /dev/full"
	fi
	stop
}

test_no() {
	start_noticing 64
	short -o "$tmp/events" "$url"
	is "no problem: exit status" "$status: $(cat "$tmp/stderr")" "0: "
	ok "the verdict" grep -qx "problem: no" "$tmp/stdout"
	ok "the evidence" grep -qx "all of [0-9]* healthy requests were \
answered in time while 4 of 4 long reads were under way\." "$tmp/stdout"
	ok "p99 before and during" grep -qx \
	    '  p99  *[0-9.]*m*s  *[0-9.]*m*s' "$tmp/stdout"
	is "the table is for 80 columns" "$(sed '/^problem/,$d' \
	    "$tmp/stdout" | grep -n '.\{81\}')" ""
	is "a line for each request, and its head" \
	    "$(wc -l <"$tmp/events")" "$(awk '/healthy requests  / {
	    print $3 + $4 + 1 }' "$tmp/stdout")"
	is "each a time, a latency, an outcome" "$(grep -vc \
	    '^-\{0,1\}[0-9]*\.[0-9]\{6\},[0-9]*\.[0-9]\{6\},ok$' \
	    "$tmp/events")" 1
	is "those of the first part are before zero" "$(awk -F, 'NR > 1 &&
	    $1 < 0 { n++ } END { print n + 0 }' "$tmp/events")" \
	    "$(awk '/healthy requests  / { print $3 }' "$tmp/stdout")"

	short -j -s 7 "$url"
	is "JSON: exit status" "$status: $(cat "$tmp/stderr")" "0: "
	is "format, verdict" "$(field format) $(field problem)" '1 "no"'
	is "what was asked for" "$(field options.rate) $(field options.seed) \
$(field options.long_read_s) $(field healthy_target)" \
	    '50 7 5 "/200,2,file"'
	is "every request is in it" "$(perl -MJSON::PP -e '
		local $/;
		my $x = decode_json(<STDIN>)->{during};
		my $sum = 0;
		$sum += $x->{$_} for qw(ok timeout refused reset status local
		    cut);
		print $sum == $x->{sent} && $sum > 0 ? "yes" : "no";
	    ' <"$tmp/stdout")" yes
	sent=$(field before.sent)
	short -j -s 7 "$url"
	is "the same seed, the same arrivals" "$(field before.sent)" "$sent"
	stop
}

test_yes() {
	start_noticing 4
	short -j -p "$tmp/yes.svg" "$url"
	is "a problem: exit status" "$status: $(cat "$tmp/stderr")" "1: "
	is "verdict" "$(field problem)" '"yes"'
	is "all long reads were under way" "$(field long.cut)" 4
	is "none of the healthy requests was answered" \
	    "$(field during.ok) $(field during.p50_s)" "0 null"
	short "$url"
	is "table: a percentile of failures is none" \
	    "$(grep -c '^  p[0-9.]* .* failed$' "$tmp/stdout")" 3
	ok "the evidence" grep -q "^\([0-9]*\) of \1 healthy requests timed \
out (100 %) while 4 long reads were under way; before, 0 of [0-9]*\.$" \
	    "$tmp/stdout"
	stop
}

test_limit() {
	start "workers 4" "disk sick {" "read hang" "limit 2" "}"
	short -L /sick/x "$url"
	is "a limit: exit status" "$status: $(cat "$tmp/stderr")" "0: "
	ok "the evidence" grep -q "while 2 of 4 long reads were under way; \
others got 503 at once\.$" "$tmp/stdout"
	stop
}

test_picture() {
	if ! command -v gnuplot >/dev/null; then
		skip 4 "no gnuplot"
		return
	fi
	is "a picture" "$(grep -c '<svg\|</svg>' "$tmp/yes.svg")" 2
	ok "it tells the evidence" grep -q "healthy requests timed out" \
	    "$tmp/yes.svg"
	ok "and what its marks are" grep -q ">timed out<" "$tmp/yes.svg"
	start_noticing 8
	echo mine >"$tmp/mine"
	ln -s mine "$tmp/link.svg"
	short -p "$tmp/link.svg" "$url"
	is "a link is not followed" "$status: $(cat "$tmp/stderr" "$tmp/mine")" \
	    "2: spindled-test: $tmp/link.svg: Too many levels of symbolic links
mine"
	PATH=/nonexistent short -p "$tmp/x.svg" "$url"
	is "no gnuplot" "$status: $(cat "$tmp/stderr")" \
	    "2: spindled-test: $tmp/x.svg: there is no gnuplot on the PATH"
	stop
}

# typed ARGUMENT...: what a terminal shows of it.
typed() {
	script -qec "$test -r 50 -k 4 -b 300ms -d 400ms -B 2s $*" /dev/null \
	    </dev/null | tr '\r' '\n'
}

test_progress() {
	if ! command -v script >/dev/null; then
		skip 3 "no script"
		return
	fi
	start_noticing 8
	typed "$url" >"$tmp/typed"
	ok "progress on a terminal" grep -q \
	    'before: [0-9.m]*s* of 300ms, [0-9]* sent, 0 timed out' "$tmp/typed"
	ok "of both parts" grep -q \
	    'during: .* of 900ms, .*, [0-9]* long reads' "$tmp/typed"
	typed -q "$url" >"$tmp/typed"
	is "none with -q" "$(grep -c 'before:' "$tmp/typed") $(grep -c \
	    '^problem: ' "$tmp/typed")" "0 1"
	stop
}

test_options
test_not_run
test_no
test_yes
test_limit
test_picture
test_progress
tap_end
