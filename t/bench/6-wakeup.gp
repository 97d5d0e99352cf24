load here."/style.gp"
set terminal svg size 960,720
set multiplot layout 2,2 title "A wake-up through the shared listener as idle workers grow in number"
set logscale xy
set xrange [50:13000]
set xlabel "idle workers"
set xtics (64, 1000, 10000)
set format y "%g"
set key outside bottom center horizontal

# Rows are called baton-64, poll-64, ...; the number becomes a column.
rows(name) = "< sed -n -e '1s/^row/workers/p' -e 's/^".name."-//p' ".in
baton = rows("baton")
poll = rows("poll")

set title "What a connection costs"
set ylabel "CPU time, microseconds"
plot baton using 1:"cpu":"cpu_min":"cpu_max" with yerrorlines ls 1 pt 7 title "exclusive, with a baton", \
    poll using 1:"cpu":"cpu_min":"cpu_max" with yerrorlines ls 2 pt 7 title "plain"

set title "How many workers run for a connection"
set ylabel "context switches"
plot baton using 1:"switches":"switches_min":"switches_max" with yerrorlines ls 1 pt 7 title "exclusive, with a baton", \
    poll using 1:"switches":"switches_min":"switches_max" with yerrorlines ls 2 pt 7 title "plain"

set title "How long it takes, one at a time"
set ylabel "latency p50, milliseconds"
plot baton using 1:"p50":"p50_min":"p50_max" with yerrorlines ls 1 pt 7 title "exclusive, with a baton", \
    poll using 1:"p50":"p50_min":"p50_max" with yerrorlines ls 2 pt 7 title "plain"

set title "How many are served, 32 at once"
set ylabel "connections a second"
plot baton using 1:"rate":"rate_min":"rate_max" with yerrorlines ls 1 pt 7 title "exclusive, with a baton", \
    poll using 1:"rate":"rate_min":"rate_max" with yerrorlines ls 2 pt 7 title "plain"
unset multiplot
