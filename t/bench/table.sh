# shellcheck shell=bash disable=SC2001,SC2034,SC2046,SC2086
# Figures: from every repeat to a median with its spread, a table, and what
# was to be reached.  Sourced by run, which sets OUT.
#
# Each bench has OUT/NAME-raw.csv, a line for each repeat of each row, and
# OUT/NAME.csv, a line for each row: for each figure its median, least and
# greatest, as in rate,rate_min,rate_max.  nan: not measured.  inf: so many
# requests failed that there is no such latency.

bench_begin() {		# name figure ...
	BENCH=$1
	shift
	FIGURES=$*
	mkdir -p "$OUT"
	echo "row,repeat,$(echo $FIGURES | tr ' ' ,),note" > "$OUT/$BENCH-raw.csv"
}

record() {		# row repeat value ...
	local row=$1 repeat=$2
	shift 2
	echo "$row,$repeat,$(echo "$@" | tr ' ' ,),${NOTE//,/;}" \
	    >> "$OUT/$BENCH-raw.csv"
}

# A row that could not be measured, with NOTE to say why.
record_none() {		# row repeat
	record $1 $2 $(echo $FIGURES | sed 's/[^ ]*/nan/g')
}

summarize() {
	local figure rows row
	rows=$(awk -F, 'NR > 1 && !seen[$1]++ { print $1 }' "$OUT/$BENCH-raw.csv")
	{
		printf row
		for figure in $FIGURES; do
			printf ,%s $figure ${figure}_min ${figure}_max
		done
		echo ,repeats,note
		for row in $rows; do
			awk -F, -v row="$row" '
			function number(s) { return s == "inf" ? 1e300 : s + 0 }
			$1 == row && NR > 1 {
				n++
				if ($NF != "") note = $NF
				for (i = 3; i < NF; i++)
					if ($i != "nan" && $i != "")
						v[i, ++have[i]] = number($i)
				last = NF
			}
			function text(x) {
				return x >= 1e300 ? "inf" : sprintf("%.6g", x)
			}
			END {
				printf "%s", row
				for (i = 3; i < last; i++) {
					m = have[i]
					for (j = 2; j <= m; j++)	# insertion sort
						for (k = j; k > 1 && v[i, k] < v[i, k - 1]; k--) {
							t = v[i, k]
							v[i, k] = v[i, k - 1]
							v[i, k - 1] = t
						}
					if (!m)
						printf ",nan,nan,nan"
					else
						printf ",%s,%s,%s",
						    text((v[i, int((m + 1) / 2)] + \
						    v[i, int((m + 2) / 2)]) / 2),
						    text(v[i, 1]), text(v[i, m])
				}
				printf ",%d,%s\n", n, note
			}' "$OUT/$BENCH-raw.csv"
		done
	} > "$OUT/$BENCH.csv"
}

# The median of a figure in a row.
figure() {		# row figure
	awk -F, -v row="$1" -v name="$2" '
	NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) col = i }
	NR > 1 && $1 == row { print $col }' "$OUT/$BENCH.csv"
}

# Prints the table: figure=heading=format ...
table() {
	awk -F, -v wanted="$*" -v SUBSEP=, '
	BEGIN {
		n = split(wanted, w, " ")
		for (i = 1; i <= n; i++) {
			split(w[i], part, "=")
			name[i] = part[1]
			head[i] = part[2]
			gsub("_", " ", head[i])
			format[i] = part[3]
		}
	}
	function show(x, f) {
		return x == "nan" ? "-" : x == "inf" ? "failed" : sprintf(f, x)
	}
	NR == 1 {
		for (i = 1; i <= NF; i++)
			col[$i] = i
		printf "%-14s", ""
		for (i = 1; i <= n; i++)
			printf "  %24s", head[i]
		print ""
		next
	}
	{
		if ($NF ~ /^(absent|failed)/) {
			printf "%-14s  %s\n", $1, $NF
			next
		}
		printf "%-14s", $1
		for (i = 1; i <= n; i++) {
			c = col[name[i]]
			spread = $c == "nan" || $col["repeats"] < 2 ? "" : \
			    " (" show($(c + 1), format[i]) " to " \
			    show($(c + 2), format[i]) ")"
			printf "  %24s", show($c, format[i]) spread
		}
		print $NF == "" ? "" : "  * " $NF
	}' "$OUT/$BENCH.csv"
}

# Says whether a figure is what the issue asks for, or worse.  A figure may
# be an expression of others; one that was not measured says so.
goal() {		# text value <=|>= limit
	awk -v text="$1" -v v="$2" -v op="$3" -v limit="$4" 'BEGIN {
		bad = v == "" || v == "nan" || v ~ /nan/
		reached = op == "<=" ? v + 0 <= limit + 0 : v + 0 >= limit + 0
		if (v == "inf") reached = op == ">="
		printf "  %-12s %s: %s (wanted: %s %s)\n", bad ? "NOT MEASURED" : \
		    reached ? "reached" : "MISSED", text, v, op, limit
	}'
}

# The least of a figure in any repeat of any row; nan where one lacks it.
least() {		# figure
	awk -F, -v name="${1}_min" '
	NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) col = i; next }
	$col == "nan" { bad = 1 }
	NR == 2 || $col + 0 < least { least = $col + 0 }
	END { print (bad || NR < 2 ? "nan" : least) }' "$OUT/$BENCH.csv"
}

ratio() {		# row figure row figure
	awk -v a="$(figure $1 $2)" -v b="$(figure $3 $4)" 'BEGIN {
		if (a == "" || b == "" || a ~ /nan/ || b ~ /nan/ || b == 0)
			print "nan"
		else if (a == "inf")
			print "inf"
		else if (b == "inf")
			print 0
		else
			printf "%.3f\n", a / b
	}'
}

# The picture, if gnuplot is here.
picture() {
	if ! command -v gnuplot > /dev/null; then
		echo "  no gnuplot: no picture"
	elif gnuplot -e "here='$HERE'; in='$OUT/$BENCH.csv'" \
	    -e "out='$OUT/$BENCH.svg'; dir='$OUT'" "$HERE/$BENCH.gp" \
	    2> "$TMP/gnuplot.log"; then
		echo "  $OUT/$BENCH.svg"
	else
		cat "$TMP/gnuplot.log"
	fi
}
