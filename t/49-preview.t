#!/bin/sh
#
# spindled -T, as it is typed: what it prints, how it ends, and the pictures.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh

program=$(realpath "${SPINDLED:-build/spindled}")
conf=$tmp/conf
cd "$tmp" || exit 1

# The picture must not depend on who runs the test.
unset LC_ALL LC_CTYPE LANG

# configure SEED
configure() {
	cat >"$conf" <<-END
	disk default {
		read lognormal 8ms p99 60ms
		seed $1
	}
	disk sdb {
		read fixed 30s
		fail 10% fixed 7s 503
		lanes 1
		schedule dying after 10m for 5m
	}
	END
}

# run ARGUMENT...: keeps its output, errors and exit status.
run() {
	"$program" "$@" >"$tmp/stdout" 2>"$tmp/stderr"
	status=$?
}

configure 1
run -T "$conf"
is "-T: exit status" "$status" 0
is "-T: no errors" "$(cat stderr)" ""
is "the rows of the table" \
    "$(sed '/^$/,$d' stdout | awk '{ print $1, $2 }' | tr '\n' ,)" \
    "disk condition,default healthy,sdb healthy,sdb dying,"
is "all end in the same column" \
    "$(sed '/^$/,$d' stdout | awk '{ print length }' | sort -u | wc -l)" 1
is "within 100 columns" "$(grep -n '.\{101\}' stdout)" ""
ok "statuses" grep -q '^sdb, healthy: failed with 503 ' stdout
ok "lanes" grep -q '^sdb, healthy: lanes 1: up to 0.03[0-9]* reads/s;' \
    stdout
ok "the schedule" grep -qx \
    'sdb: schedule: healthy 0, dying 10m, healthy 15m' stdout

cp stdout first
run -T "$conf"
ok "it prints the same again" cmp first stdout
configure 2
run -T "$conf"
is "another seed changes its disk's rows, and nothing else" \
    "$(diff first stdout | sed -n 's/^> \([^ ]* [^ ]*\).*/\1/p')" \
    "default healthy"

run -T "$conf" -c 1
is "-c 1: one draw is its own minimum and maximum" \
    "$(awk '$1 == "default" { print $3 == $8 && $4 == $8 }' stdout)" 1
for count in 0 -1 10000001 x 1k "" " 5"; do
	run -T "$conf" -c "$count"
	is "-c '$count'" "$status: $(cat stderr)$(cat stdout)" \
	    "1: spindled: -c: expected a number from 1 to 10000000"
done
usage="usage: spindled [-nVv] [-f file]
       spindled -T file [-P] [-c count]"
for options in "-n -T $conf" -P "-c 5"; do
	# shellcheck disable=SC2086
	run $options
	is "$options" "$status: $(cat stderr)$(cat stdout)" "1: $usage"
done

printf 'workers 0\ndisk default {\n\tread soon\n}\n' >bad
run -T bad
is "a bad configuration: exit status" "$status" 2
is "its errors, all of them" "$(sed 's/, such as.*//; s/ fixed, .*//' stderr)" \
    "bad:1: workers: expected a number from 1 to 16384
bad:3: read: expected"
is "nothing else" "$(cat stdout)" ""

"$program" -T "$conf" 2>stderr >&-
is "a closed standard output" "$?: $(cat stderr)" \
    "1: spindled: standard output: Bad file descriptor"
if [ -w /dev/full ]; then
	"$program" -T "$conf" 2>stderr >/dev/full
	is "a full disk" "$?: $(cat stderr)" \
	    "1: spindled: standard output: No space left on device"
else
	skip 1 "no /dev/full"
fi

# Pictures.  Whatever stands in for gnuplot is found first.

PATH=/nonexistent run -T "$conf" -P
is "-P without gnuplot: exit status" "$status: $(cat stderr)" "0: "
is "it says so" "$(tail -n 1 stdout)" \
    "No spindled-preview.svg: there is no gnuplot on the PATH"
ok "and makes no file" test ! -e spindled-preview.svg
is "a picture for each row" "$(grep -c '^   100% #' stdout)" 3
is "within 80 columns" "$(sed -n '/^Of all/,$p' stdout | grep -n '.\{81\}')" ""
LANG=C.UTF-8 PATH=/nonexistent run -T "$conf" -P
is "in blocks where the terminal has them" "$(grep -c '^   100% █' stdout)" 3

mkdir bin
stand_in() {
	printf '#!/bin/sh\n%s\n' "$1" >bin/gnuplot
	chmod +x bin/gnuplot
	PATH=$tmp/bin:$PATH run -T "$conf" -P
}

stand_in "cat >'$tmp/script'; echo \$@; echo picture"
is "with gnuplot: exit status" "$status: $(cat stderr)" "0: "
is "it is told by its standard input, and reads no file of its user's" \
    "$(cat spindled-preview.svg)" "-d
picture"
is "a curve for each row" "$(grep -c '^\$c[0-9]* <<END$' script)" 3
is "which are named" \
    "$(tail -n 1 script | grep -o "title '[^']*'" | tr '\n' ,)" \
    "title 'default healthy',title 'sdb healthy',title 'sdb dying',"
stand_in "cat >/dev/null; echo half; exit 3"
is "a gnuplot that fails is an error" "$status: $(cat stderr)" \
    "1: spindled: spindled-preview.svg: gnuplot failed"
is "and the old picture stays" "$(tail -n 1 spindled-preview.svg)" picture
stand_in "exit 0"
is "one that does not read" "$status: $(cat stderr)" "0: "

rm spindled-preview.svg
echo mine >mine
ln -s mine spindled-preview.svg
stand_in "cat >/dev/null; echo picture"
is "a link is not followed" "$status: $(cat stderr)" \
    "1: spindled: spindled-preview.svg: Too many levels of symbolic links"
is "to what it leads to" "$(cat mine)" mine
rm spindled-preview.svg

if command -v gnuplot >/dev/null; then
	run -T "$conf" -P
	is "the real gnuplot" "$status: $(cat stderr)" "0: "
	is "it is said where the picture is" "$(tail -n 1 stdout)" \
	    "The same in one picture: spindled-preview.svg"
	is "which is an SVG" "$(grep -c '<svg\|</svg>' spindled-preview.svg)" 2
	for name in "default healthy" "sdb healthy" "sdb dying" 10ms; do
		ok "it has: $name" grep -q "$name" spindled-preview.svg
	done
	printf 'disk default {\n\tread hang\n}\n' >hang
	run -T hang -P
	is "of a hang, too" "$status: $(cat stderr)" "0: "
else
	skip 8 "no gnuplot"
fi

tap_end
