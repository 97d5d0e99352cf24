load here."/style.gp"
set terminal svg size 960,460
set offsets 0.3,0.3,0,0
set multiplot layout 1,2 title "300 healthy requests a second of 10 ms on 64 workers, 16 of them stuck for 12 s"
set xtics noenhanced

set title "Healthy requests that failed (4 s timeout)"
set ylabel "failed, percent"
set yrange [0:*]
percent(figure) = 100 * column(figure) / column("sent")
plot in using ($0-0.2):(percent("calm_failed")):(percent("calm_failed_min")) \
        :(percent("calm_failed_max")):(0.38) \
        with boxerrorbars ls 3 title "undisturbed", \
    in using ($0+0.2):(percent("failed")):(percent("failed_min")) \
        :(percent("failed_max")):(0.38):xtic(1) \
        with boxerrorbars ls 2 title "with 16 stuck"

# The share of requests that took longer than x, in the last repeat: a failed
# one took 4 s.
set title "How long they took with 16 stuck"
set ylabel "share of requests that took longer"
set xlabel "latency, milliseconds"
unset offsets
unset datafile columnheaders
set logscale xy
set xrange [8:5000]
set yrange [0.0005:1]
set format y "%g"
set key at graph 0.9,0.45 right vertical noenhanced
logs = system("ls ".dir."/2-stuck-*.log.csv")
name(f) = system("basename ".f." .log.csv | cut -c 9-")
shares(f) = "< tail -n +2 ".f." | cut -d, -f 3 | sort -g | awk ".\
    "'{ v[NR] = $1 } END { for (i = 1; i <= NR; i++) ".\
    "print v[i] \",\" 1 - (i - 0.5) / NR }'"
plot for [i=1:words(logs)] shares(word(logs, i)) using 1:2 \
    with lines lw 2 title name(word(logs, i))
unset multiplot
