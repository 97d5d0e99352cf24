#!/bin/sh
#
# Makes the instructions of a kernel program: server/NAME_code.h of
# server/NAME.bpf.c.
#
#   t/bpf-code.sh NAME       writes the file to standard output
#   t/bpf-code.sh -c NAME    compares: exit status 0 if it is up to date, else 1
#
# Exit status 77, and the reason, where there is no clang to make them with.
# Another version of clang makes other instructions of the same program, so
# only the version below can tell whether they are stale.  Besides clang it
# takes readelf(1) and od(1).  To be run at the top of the tree.

set -eu

version=14

cannot() {
	echo "$*"
	exit 77
}

mode=
if [ "$1" = -c ]; then
	mode=$1
	shift
fi
program=$1
source=server/$program.bpf.c
code=server/${program}_code.h
case $program in
steer)	section=sk_reuseport/migrate ;;
gate)	section=socket ;;
esac
clang=$(command -v clang-$version || command -v clang) || cannot "no clang"
found=$("$clang" -dumpversion)
[ "${found%%.*}" = $version ] ||
    cannot "clang is version $found; version $version makes the instructions"
command -v readelf >/dev/null || cannot "no readelf"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# The kernel's headers want <asm/types.h>, which Debian keeps by machine.
"$clang" -target bpfel -mcpu=v3 -O2 -ffreestanding -Wall -Wextra -Werror \
    -I. -I"/usr/include/$("$clang" -print-multiarch)" \
    -c -o "$dir/o" "$source"

# The instructions of a section as an array, in terms of struct bpf_insn:
# operation, two registers (in one byte), offset, value.
array() {
	section=$1 name=$2

	# The section's offset and size in the file: two words.
	# shellcheck disable=SC2046
	set -- $(readelf -SW "$dir/o" | sed 's/^ *\[ *[0-9]*\] *//' |
	    awk -v s="$section" '$1 == s { print "0x" $4, "0x" $5 }')
	start=$(($1)) size=$(($2))

	# Which instruction wants which map.
	readelf -rW "$dir/o" | awk -v s="'.rel$section'" '
	    /^Relocation section/ { here = $3 == s }
	    here && /R_BPF/ { print "0x" $1, $NF }' |
	while read -r offset map; do
		echo $((offset / 8)) "$map"
	done >"$dir/maps"

	echo "static const struct bpf_insn ${name}[] = {"
	od -An -v -tu1 -w8 -j $start -N $size "$dir/o" |
	awk -v maps="$dir/maps" '
	BEGIN {
		while ((getline line <maps) > 0) {
			split(line, field)
			name = toupper(field[2])
			sub("_", "_MAP_", name)
			map[field[1]] = name
		}
	}
	{
		dst = $2 % 16
		src = int($2 / 16)
		off = $3 + 256 * $4
		off -= off < 32768 ? 0 : 65536
		imm = $5 + 256 * ($6 + 256 * ($7 + 256 * $8))
		imm -= imm < 2147483648 ? 0 : 4294967296
		if (NR - 1 in map) {
			src = "BPF_PSEUDO_MAP_IDX"
			imm = map[NR - 1]
		}
		printf "\t{ 0x%02x, %d, %s, %d, %s },\n", $1, dst, src, off, imm
	}'
	echo "};"
}

{
	cat <<-END
	/*
	 * Made from $source by clang $version: do not edit, \`make bpf-code\`.
	 *
	 * Operation, destination, source, offset, value.  Where a map is wanted,
	 * its number takes the place of the value.
	 */
	END
	array "$section" "${program}_code"
} >"$dir/code"

case $mode in
-c)	diff -u "$code" "$dir/code" ;;
*)	cat "$dir/code" ;;
esac
