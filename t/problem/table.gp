# in, out: table.csv and the picture of it.  Left: the share of healthy requests
# that timed out during long reads, and the verdicts.  Right: their p99 before
# and during.
set datafile separator ","
set datafile missing "none"
set terminal svg size 1000,760 font "sans,12" background "white" noenhanced
set output out
set border 3 lc rgb "#404040"
set tics nomirror out
set style fill solid 0.85 noborder
set key outside top center horizontal

# The first row is at the top.
rows = system("wc -l < " . in) - 1
set yrange [rows - 0.5 : -0.5]
set ytics 1
at(n) = real(n)
failed(sent, timed_out) = 100.0 * timed_out / sent
verdict(one, full) = full eq "none" || full eq "" ? one : one . ", full: " . full

set multiplot layout 1,2
set tmargin 4
set bmargin 4
set lmargin 16
set rmargin 2
set xlabel "healthy requests timed out (%)"
set xrange [0:150]
set xtics 0,20,100
set grid xtics lc rgb "#dddddd"
plot in every ::1 using (failed(column(6), column(7)) / 2):(at($0)): \
        (failed(column(6), column(7)) / 2):(0.38):ytic(1) \
        with boxxyerror lc rgb "#a34a3a" title "timed out", \
    in every ::1 using (104):(at($0)):(verdict(strcol(4), strcol(5))) \
        with labels left title "problem?"

set lmargin 3
set rmargin 4
set xlabel "p99 of healthy requests (ms); failed: one in a hundred was not answered"
set logscale x
set xrange [1:5000]
set xtics (1, 10, 100, 1000, "failed" 3000)
set format y ""
plot in every ::1 using 8:(at($0)) with points pt 6 ps 0.9 lc rgb "#1f6f8b" \
        title "before", \
    in every ::1 using 9:(at($0)) with points pt 7 ps 0.6 lc rgb "#e08e45" \
        title "during", \
    in every ::1 using (strcol(9) eq "failed" ? 3000 : NaN):(at($0)) \
        with points pt 2 ps 0.9 lc rgb "#a34a3a" title "during: failed"
unset multiplot
