# What all pictures have in common.  run sets in (the figures), out (the
# picture), dir (of both) and here (of this file).
set datafile separator ","
set datafile missing "nan"
set datafile columnheaders
set terminal svg size 960,440 font "sans,13" background "white" enhanced
set output out
set style fill solid 0.85 border lc rgb "#404040"
set style line 1 lc rgb "#1f6f8b" lw 1.5
set style line 2 lc rgb "#e08e45" lw 1.5
set style line 3 lc rgb "#7a9e7e" lw 1.5
set style line 4 lc rgb "#8a5a83" lw 1.5
set border 3 lc rgb "#404040"
set tics nomirror out
set grid ytics lc rgb "#dddddd"
set errorbars 0.8
set key outside bottom center horizontal
