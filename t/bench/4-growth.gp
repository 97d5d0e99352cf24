load here."/style.gp"
set terminal svg size 960,720
set multiplot layout 2,2 title "What steering costs as workers grow in number"
set logscale x
set xrange [50:13000]
set yrange [0:*]
set xlabel "workers"
set xtics (64, 400, 2000, 10000)
set key outside bottom center horizontal

set title "The kernel's program"
set ylabel "nanoseconds a SYN"
plot in using 1:"syn":"syn_min":"syn_max" with yerrorlines ls 1 pt 7 title "median and spread", \
    500 ls 1 dt 2 title "wanted: at most 500 ns"

set title "Start-up"
set ylabel "seconds until READY"
plot in using 1:(column("start")/1000):(column("start_min")/1000):(column("start_max")/1000) with yerrorlines ls 2 pt 7 title "median and spread", \
    5 ls 2 dt 2 title "wanted: at most 5 s"

set title "Memory of a worker"
set ylabel "private kilobytes"
plot in using 1:"private":"private_min":"private_max" with yerrorlines ls 3 pt 7 title "median and spread", \
    40 ls 3 dt 2 title "wanted: at most 40 kB"

set title "From SIGKILL until a new worker has answered"
set ylabel "milliseconds"
plot in using 1:"replaced":"replaced_min":"replaced_max" with yerrorlines ls 4 pt 7 title "median and spread", \
    5 ls 4 dt 2 title "wanted: at most 5 ms"
unset multiplot
