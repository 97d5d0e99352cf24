#!/bin/sh
#
# The manuals and the README: well-formed, and nothing is missing that the
# program or the makefile has.  Keywords are 25-manual's.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh

program=${SPINDLED:-build/spindled}
test=${SPINDLED_TEST:-build/spindled-test}
make=${MAKE:-make}

# render MANUAL: as text, without overstriking.
render() {
	mandoc -T ascii "$1" | sed 's/.\x08//g'
}

# section NAME FILE: what stands in it, without its title.
section() {
	awk -v name="$1" '/^[^ ]/ { in_it = $0 == name; next } in_it' "$2"
}

# item SECTION MACRO WORD MANUAL: in the section, a list has an item that is
# headed by the macro with that word, or several words; MACRO may be empty.
item() {
	awk -v section="$1" -v macro="$2" -v word="$3" '
		$1 == ".Sh" { $1 = ""; in_it = $0 == " " section }
		in_it && $1 == ".It" && (macro == "" || $2 == macro) {
			for (i = 2; i <= NF; i++)
				found += $i == word
		}
		END { exit !found }
	' "$4" || {
		echo "$4, $1 lacks: .It $2 $3"
		return 1
	}
}

test_manuals() {
	for m in man/*.[1-8]; do
		is "$m: mandoc -T lint has nothing to warn of" \
		    "$(mandoc -T lint -W warning "$m" 2>&1)" ""
	done

	render man/spindled.8 >"$tmp/8"
	for title in SYNOPSIS SIGNALS FILES "EXIT STATUS" EXAMPLES \
	    DIAGNOSTICS; do
		ok "spindled.8: $title" test -n \
		    "$(section "$title" "$tmp/8")"
	done

	is "spindled.8: the synopsis is the program's usage" \
	    "$(section SYNOPSIS "$tmp/8" | sed 's/^ *//' | grep .)" \
	    "$("$program" -? 2>&1 | sed -n 's/^usage: //p; s/^       //p')"
	letters=$("$program" -? 2>&1 | sed -n '/^usage:/,$p' |
	    grep -o -e ' \[*-[A-Za-z]*' | tr -d ' [-' | sed 's/./& /g')
	ok "the program has options" test -n "$letters"
	for letter in $letters; do
		ok "spindled.8: -$letter" \
		    item DESCRIPTION Fl "$letter" man/spindled.8
	done

	for signal in HUP TERM INT QUIT USR1 USR2 TTIN TTOU; do
		ok "spindled.8: $signal" item SIGNALS Dv $signal man/spindled.8
	done
	for status in 0 1 2 3; do
		ok "spindled.8: exit status $status" \
		    item "EXIT STATUS" "" $status man/spindled.8
	done
}

# What spindled-test says of itself, and what its manual does.
test_test() {
	render man/spindled-test.1 >"$tmp/1"
	for title in SYNOPSIS "EXIT STATUS" EXAMPLES DIAGNOSTICS; do
		ok "spindled-test.1: $title" test -n \
		    "$(section "$title" "$tmp/1")"
	done
	is "spindled-test.1: the synopsis is the program's usage" \
	    "$(section SYNOPSIS "$tmp/1" | words)" \
	    " $("$test" 2>&1 | sed 's/^usage: //' | words)"
	for status in 0 1 2; do
		ok "spindled-test.1: exit status $status" \
		    item "EXIT STATUS" "" $status man/spindled-test.1
	done
	"$test" --help | sed -n 's/^  -\(.\), --\([a-z-]*\) .*/\1 \2/p' \
	    >"$tmp/options"
	ok "spindled-test has options" test -s "$tmp/options"
	while read -r letter name; do
		ok "spindled-test.1: -$letter, --$name" grep -qx \
		    "\.It Fl $letter , Fl Fl $name\( Ar [a-z]*\)*" \
		    man/spindled-test.1
	done <"$tmp/options"
	"$test" --help | sed -n \
	    's/^  -\(.\), --[^ ]* .*(\([^ ]*\))$/\1 \2/p' >"$tmp/presets"
	ok "options have defaults" test -s "$tmp/presets"
	while read -r letter preset; do
		is "spindled-test.1: -$letter: the default" \
		    "$(preset_of "$letter")" "$preset"
	done <"$tmp/presets"
}

# preset_of LETTER: as its item tells, in the sentence `The default is', or by
# a macro before `which is the default'.
preset_of() {
	awk -v letter="$1" '
		$1 == ".It" { in_it = $3 == letter }
		in_it && /^The default is / {
			sub(/^The default is /, "")
			sub(/[.,].*$/, "")
			print
		}
		in_it && /which is the default/ { print last }
		in_it { last = $2 }
	' man/spindled-test.1
}

# example FIRST: the manual's example of a configuration or an output that has
# this line.
example() {
	awk -v first="$1" '
		/^\.Bd -literal/ { text = found = ""; in_it = 1; next }
		/^\.Ed/ { if (in_it && found) { printf "%s", text; exit }
			in_it = 0 }
		in_it { text = text $0 "\n"; found += index($0, first) == 1 }
	' man/spindled.conf.5
}

words() {
	tr -s '[:space:]' ' '
}

test_dying_disk() {
	example "	schedule dead" >"$tmp/dies.conf"
	"$program" -T "$tmp/dies.conf" >"$tmp/preview"
	is "spindled.conf.5: when the disk that dies does so" \
	    "$(awk '/schedule:/ { in_it = 1 } /of reads/ { exit } in_it' \
	    "$tmp/preview" | words)" "$(example 'sdb: schedule:' | words)"
}

# What README shows to be typed, less its options and variables: in a line of
# its own, where a tab or two blanks end it, or in quotes.
readme_targets() {
	{
		sed -n 's/^[[:space:]]\{1,\}\([$#] \)\{0,1\}make/make/p' \
		    README | sed 's/\(	\|  \).*//'
		tr '\n' ' ' <README | grep -o "\`make[^']*'" | tr -d "\`'"
	} | tr ' ' '\n' | grep -v '^make$\|^-\|=\|^$' | sort -u
}

# What make reads, it reads in a build of its own: it writes there, too.
phony_targets() {
	"$make" -pRrqn B="$tmp/build" S="$tmp/build/san" : 2>/dev/null |
	    sed -n 's/^\.PHONY: //p' | tr ' ' '\n'
}

known_target() {
	phony_targets | grep -x -e "$1" || { echo "no target $1"; return 1; }
}

test_readme() {
	ok "README: 125 lines at most" test "$(wc -l <README)" -le 125
	is "README: 72 columns at most" \
	    "$(expand README | grep -n '.\{73\}')" ""
	is "README: no blanks at the ends of lines" \
	    "$(grep -n '[[:space:]]$' README)" ""
	targets=$(readme_targets)
	ok "README: how to make something is told" test -n "$targets"
	for target in $targets; do
		ok "README: make $target" known_target "$target"
	done
}

# mapped MAP NAME FILE...: MAP has each of these as NAME; %s stands for what the
# file is called without its directory and its last letter.
mapped() {
	map=$1 name=$2
	shift 2
	for file; do
		file=${file##*/}
		# shellcheck disable=SC2059	# a format
		want=$(printf "$name" "${file%[ch]}")
		ok "$map: $want" grep -qwF -e "$want" "$map"
	done
}

test_maps() {
	mapped server/README %sc server/*.c common/*.c
	set --
	for file in t/*.c; do
		case ${file##*/} in
		[0-9]*) ;;
		*) set -- "$@" "$file" ;;
		esac
	done
	mapped t/README '%s[ch]' "$@"
	mapped t/README '%sc' t/test/*.c
	mapped t/problem/README '%sc' t/problem/*.c
	mapped t/fuzz/README '%sc' $(grep -l '^LLVMFuzzer' t/fuzz/*.c)
	for file in t/*.sh t/boot-*; do
		ok "t/README: ${file##*/}" grep -qwF -e "${file##*/}" t/README
	done
	for file in conf/profiles/*; do
		ok "spindled.conf.5: profile ${file##*/}" grep -qx \
		    -e ".It ${file##*/}" man/spindled.conf.5
	done
}

if command -v mandoc >/dev/null; then
	test_manuals
	test_dying_disk
	test_test
else
	skip 1 "no mandoc"
fi
test_readme
test_maps

tap_end
