load here."/style.gp"
set terminal svg size 700,420
set title "Healthy requests beside a disk that hangs, 64 workers"
set ylabel "failed, percent"
set yrange [0:*]
set xtics noenhanced
set offsets 0.3,0.3,0,0
percent(figure) = 100 * column(figure) / column("sent")
plot in using 0:(percent("failed")):(percent("failed_min")) \
        :(percent("failed_max")):(0.5):xtic(1) \
        with boxerrorbars ls 2 title "median, least to greatest"
