load here."/style.gp"
set offsets 0.3,0.3,0,0
set multiplot layout 1,2 title "400 workers, 400 clients, reads of 200 ms"
set xtics noenhanced

set title "How many are answered (at best 2,000)"
set ylabel "requests a second"
set yrange [0:*]
plot in using 0:"rate":"rate_min":"rate_max":(0.6):xtic(1) with boxerrorbars ls 1 \
    title "median, least to greatest"

set title "How long they take"
set ylabel "latency, milliseconds"
plot in using ($0-0.27):"p50":"p50_min":"p50_max":(0.25) with boxerrorbars ls 1 title "p50", \
    in using 0:"p99":"p99_min":"p99_max":(0.25):xtic(1) with boxerrorbars ls 2 title "p99", \
    in using ($0+0.27):"max":"max_min":"max_max":(0.25) with boxerrorbars ls 4 title "longest"
unset multiplot
