# shellcheck shell=bash disable=SC2034,SC2086
# Rows of figures: from what was measured to OUT/table-raw.csv, a line for each
# row of each repeat; tables makes table.csv of it, and print.  Sourced by run.

FIGURES="problem problem_full sent timed_out p99_before p99_during requests_s
    bytes_s cpu_idle kb processes threads late_100 late_200 late_300
    held_1000 held_1000_max_s held_1000_kb held_1000_processes
    held_1000_threads held_10000 held_10000_max_s held_10000_kb
    held_10000_processes held_10000_threads"

declare -A ROW

table_begin() {
	mkdir -p "$OUT"
	echo "design,model,what,$(echo $FIGURES | tr ' ' ,),note" \
	    > "$OUT/table-raw.csv"
}

row_begin() {		# design
	ROW=()
	DESIGN=$1
}

# What a reader has to know of it.
note() {		# text
	ROW[note]=${ROW[note]:+${ROW[note]}; }$1
}

set_figure() {		# figure value
	ROW[$1]=$2
}

# none: not measured.
get_figure() {		# figure
	echo "${ROW[$1]:-none}"
}

row_end() {
	local figure text
	{
		printf '%s,%s,%s' $DESIGN "$(server_model $DESIGN)" \
		    "$(server_what $DESIGN | tr , ';')"
		for figure in $FIGURES; do
			printf ,%s "$(get_figure $figure)"
		done
		text=${ROW[note]-}
		printf ',%s\n' "${text//,/;}"
	} >> "$OUT/table-raw.csv"
}

tables() {
	perl "$HERE/tables" "$OUT/table-raw.csv" "$OUT/table.csv"
}

picture() {
	if ! command -v gnuplot > /dev/null; then
		echo "no gnuplot: no picture"
	elif gnuplot -e "in='$OUT/table.csv'; out='$OUT/table.svg'" \
	    "$HERE/table.gp" 2> "$TMP/gnuplot.log"; then
		echo "$OUT/table.csv $OUT/table.svg"
	else
		cat "$TMP/gnuplot.log"
	fi
}
