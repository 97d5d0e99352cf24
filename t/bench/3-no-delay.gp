load here."/style.gp"
set offsets 0.3,0.3,0,0
set multiplot layout 1,2 title "No read, one connection a request, 32 at once"
set xtics noenhanced rotate by -15
set yrange [0:*]

set title "What one request costs"
set ylabel "CPU time, microseconds a request"
plot in using ($0-0.2):"cpu":"cpu_min":"cpu_max":(0.38) with boxerrorbars ls 1 title "the server's processes", \
    in using ($0+0.2):"machine":"machine_min":"machine_max":(0.38):xtic(1) with boxerrorbars ls 3 title "the machine, clients included"

set title "How many are answered"
set ylabel "requests a second"
plot in using 0:"rate":"rate_min":"rate_max":(0.6):xtic(1) with boxerrorbars ls 2 \
    title "median, least to greatest"
unset multiplot
