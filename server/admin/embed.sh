#!/bin/sh
#
# Makes page.h of page.html: its bytes, and the hashes of its scripts and
# styles, by which a Content-Security-Policy lets these run and no others.
# Only sh, awk, od and the coreutils are needed.
#
#	embed.sh page.html > page.h

set -eu
page=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The content of each element of this name, a file each: all between the tags.
cut_out() {
	awk -v name="$1" -v out="$tmp/$1" '
	{ text = text $0 "\n" }
	END {
		open = "<" name ">"
		close_ = "</" name ">"
		while ((at = index(text, open)) > 0) {
			text = substr(text, at + length(open))
			end = index(text, close_)
			if (end == 0)
				exit 1
			printf "%s", substr(text, 1, end - 1) > (out "." ++n)
			text = substr(text, end)
		}
		if (index(text, "<" name) > 0)
			exit 1
	}' "$page"
}

# Hexadecimal digits, as printf(1) takes their bytes.
octal() {
	awk '{
		digits = "0123456789abcdef"
		for (i = 1; i < length($0); i += 2) {
			high = index(digits, substr($0, i, 1)) - 1
			low = index(digits, substr($0, i + 1, 1)) - 1
			printf "\\%03o", 16 * high + low
		}
	}'
}

# The hash of a file, as a source of a policy.
source_of() {
	bytes=$(sha256sum "$1" | cut -d ' ' -f 1 | octal)
	[ ${#bytes} = 128 ] || return 1
	echo "'sha256-$(printf "$bytes" | base64)'"
}

sources() {
	cut_out "$1" || {
		echo "$page: <$1> without an end, or with attributes" >&2
		exit 1
	}
	list=
	for f in "$tmp/$1".*; do
		[ -e "$f" ] || continue
		source=$(source_of "$f")
		list="$list${list:+ }$source"
	done
	echo "${list:-'none'}"
}

scripts=$(sources script)
styles=$(sources style)
cat <<EOF
/* Made of page.html by embed.sh. */
#define PAGE_SCRIPTS "$scripts"
#define PAGE_STYLES "$styles"

static const char page_html[] = {
EOF
od -An -v -tu1 "$page" | sed 's/  */,/g; s/^,//; s/$/,/'
echo '};'
