#!/bin/sh
#
# Checks the model of the balancing protocol, t/model/balance.pml, with spin(1):
# that the protocol holds, and that each known mistake in it is found out, in the
# way one expects.  t/model/README explains the words in capitals.  Two checks
# run at a time, so results come in the order in which they are ready.

cd "$(dirname "$0")/.." || exit 1
model=$PWD/t/model/balance.pml

for tool in spin cc; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP no $tool here"; exit 0; }
done

lanes=
tmp=$(mktemp -d) || exit 1
trap 'kill $lanes 2>/dev/null; wait; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# What must come of it (nothing wrong, or the property that is violated), the
# flags, the meaning.  Ordered so that the two lanes end at about the same time.
cat >"$tmp/all" <<'EOF'
ok                BATON QUIET             baton, two clients again and again
ok                BATON QUIET KEEPSHUT    the server: whatever the number of connections
ok                BATON QUIET KEEPSHUT ONCE C=3  the server: three clients
ok                BATON QUIET KEEPSHUT ONCE G=2  the server: two addresses
ok                LIVE BATON QUIET KEEPSHUT  the server: in the long run
behind_a_sleeper  BATON QUIET KEEPSHUT TOOEARLY  own listens again before the kernel has given up
behind_a_sleeper  BATON QUIET KEEPSHUT NOSHUT  the server would not shut own before serving
work_is_left      BATON QUIET KEEPSHUT NOMOVED  the server would pass no baton for a queue that moved
work_is_left      BATON KEEPSHUT NOREAP ONCE  the master would pass no baton for a dead worker
ok                C=3                     poll, three clients again and again
ok                BATON QUIET ONCE C=3    baton, three clients
ok                ONCE W=3                poll, three workers
ok                BATON ONCE C=3          baton, three clients, queues moved aloud
ok                BATON QUIET ONCE W=3 KILLS=0  baton, three workers
ok                BATON QUIET ONCE G=2    baton, two addresses
ok                ONCE G=2                poll, two addresses
ok                QUIET NUDGE             poll and nudge, queues moved quietly
ok                GRACE                   poll, waiting for a fresh claim's connection
ok                BATON QUIET GRACE ONCE  baton, waiting for a fresh claim's connection
ok                LIVE C=3                poll, in the long run
ok                LIVE BATON QUIET        baton, in the long run
ok                LIVE QUIET NUDGE        poll and nudge, in the long run
ok                LIVE BATON QUIET GRACE  baton, patient, in the long run
behind_a_sleeper  NOSHUT                  own is not shut before serving
behind_a_sleeper  RELISTEN                own is shut, but listens again at once
behind_a_sleeper  OWEDFLAG                owed is a flag and not a count
behind_a_sleeper  FORGET                  claims are forgotten before the kernel does
behind_a_sleeper  BLIND                   the program does not see whether it cleared the bit
behind_a_sleeper  HASHFALL                the program selects nothing where own is shut
behind_a_sleeper  BORNCLEAN               a successor thinks that nothing is owed
behind_a_sleeper  NOCLEAR                 the bit of a dead worker stays set
work_is_left      OWNONLY                 shared is not waited for
acceptance.cycle  LIVE OWNONLY            shared is not waited for, in the long run
acceptance.cycle  LIVE NOSTEP6            shared is waited for, but not taken from
work_is_left      EXCL                    one is woken, and there is no baton
acceptance.cycle  LIVE EXCL               no baton, in the long run
work_is_left      QUIET                   poll, queues moved quietly, no nudge
work_is_left      BATON QUIET NOMOVED     no baton is passed for a queue that moved
work_is_left      BATON NOREAP ONCE       no baton is passed for a dead worker
work_is_left      BATON ONEEVENT          epoll_wait reports one event of two
work_is_left      BATONLT READLATE        the baton is read after looking at shared
EOF

# check directory expected flags meaning
check() {
	defs=
	for flag in $3; do
		defs="$defs -D$flag"
	done
	# Mistakes are found fast: there, optimizing costs more than it saves.
	case $2 in ok) opt=-O1 ;; *) opt=-O0 ;; esac
	case $3 in
	*LIVE*) opt="$opt -DNFAIR=3" how="-a -f" ;;
	*) opt="$opt -DSAFETY" how= ;;
	esac
	mkdir "$1" && cd "$1" || return 1
	{
		spin "-Pcc -E -x c" $defs -a "$model" &&
		cc -w $opt -DNOREDUCE -DMEMLIM=2000 -o pan pan.c &&
		{ ./pan $how -m1000000 & pan=$!; wait $pan; }
	} >out 2>&1

	case $2 in
	ok) what="holds: $4" ;;
	*) what="fails: $4" ;;
	esac
	if [ "$2" = ok ]; then
		grep -q ' errors: 0$' out &&
		! grep -Eq 'too small|out of memory|not completed' out
	else
		grep -q "^pan:1: .*$2" out
	fi
	if [ $? = 0 ]; then
		n=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' out)
		t=$(sed -n 's/^pan: elapsed time \([0-9.]*\) .*/\1/p' out)
		printf 'ok - %s (%s)\n# %s states, %s s\n' \
		    "$what" "${3:-plain}" "$n" "$t"
	else
		printf 'not ok - %s (%s)\n%s\n' "$what" "${3:-plain}" \
		    "$(grep -v '^$' out | head -n 30 | sed 's/^/# /')"
	fi
	cd "$tmp" && rm -rf "$1"
}

# lane number: every second line, from that one on
lane() {
	pan=
	trap 'kill $pan; exit 1' TERM
	awk "NR % 2 == $1" all | sed 's/   */|/g' >"lane$1"
	while IFS='|' read -r expected flags meaning; do
		check "$tmp/$1" "$expected" "$flags" "$meaning"
	done <"lane$1"
}

echo "1..$(grep -c . "$tmp/all")"
cd "$tmp" || exit 1
lane 0 & lanes=$!
lane 1 & lanes="$lanes $!"
wait
