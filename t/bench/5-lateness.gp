load here."/style.gp"
set terminal svg size 700,420
set title "Lateness of a read of 20 ms, 200 requests a second on 64 workers\n(clock: a process that only sleeps)"
set ylabel "milliseconds late"
set logscale y
set format y "%g"
set yrange [0.01:*]
set xtics noenhanced
set offsets 0.3,0.3,0,0
plot in using ($0-0.27):"p50":"p50_min":"p50_max":(0.25) with boxerrorbars ls 1 title "p50", \
    in using 0:"p99":"p99_min":"p99_max":(0.25):xtic(1) with boxerrorbars ls 2 title "p99", \
    in using ($0+0.27):"max":"max_min":"max_max":(0.25) with boxerrorbars ls 4 title "longest", \
    0.06 ls 1 dt 2 title "wanted: p50", 1 ls 2 dt 2 title "wanted: p99"
