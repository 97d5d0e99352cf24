# The Test Anything Protocol, for tests that are scripts, which read this file
# from the root of the tree.  They get $tmp, a directory that is gone when they
# are; who has more to clean up defines clean_up anew.

n=0				# tests so far
failed=0			# of them
tmp=$(mktemp -d) || exit 1

clean_up() {
	rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# A make that runs these tests has its own jobs and variables.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS

# ok NAME COMMAND...: passes when COMMAND succeeds; else its output, which is
# in $tmp/out either way, is shown on standard error: prove(1) keeps the other
# one for itself.
ok() {
	tap_name=$1
	shift
	n=$((n + 1))
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok $n - $tap_name"
	else
		failed=$((failed + 1))
		echo "not ok $n - $tap_name"
		echo "# failed: $tap_name: $*" >&2
		sed 's/^/#   /' "$tmp/out" >&2
	fi
}

# is NAME GOT WANT
is() {
	ok "$1" same "$2" "$3"
}

same() {
	echo "got:  $1"
	echo "want: $2"
	[ "$1" = "$2" ]
}

# skip COUNT REASON
skip() {
	tap_count=$1
	while [ "$tap_count" -gt 0 ]; do
		n=$((n + 1))
		tap_count=$((tap_count - 1))
		echo "ok $n # skip $2"
	done
}

# skip_all REASON: no test here can run.
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# The last command of a test: the plan, and its exit status.
tap_end() {
	echo "1..$n"
	[ $failed = 0 ]
}
