load here."/style.gp"
set terminal svg size 700,420
set title "A hundred clients reading files of 4 kB"
set ylabel "milliseconds a request"
set yrange [0:*]
set xtics noenhanced
set offsets 0.3,0.3,0,0
plot in using ($0-0.2):"mean":"mean_min":"mean_max":(0.38) with boxerrorbars ls 1 title "mean", \
    in using ($0+0.2):"p99":"p99_min":"p99_max":(0.38):xtic(1) with boxerrorbars ls 2 title "p99", \
    3 ls 1 dt 2 title "wanted: mean"
