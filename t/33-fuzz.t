#!/bin/sh
#
# The fuzz targets, for a moment each: over their seeds, and then from there on,
# in a way that is the same every time; ten times as long in the long form.
# `make fuzz' takes longer, and finds more; t/fuzz/README tells.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh

bin=${FUZZ_BIN:-build/fuzz}
runs=10000
[ "${TORTURE:-}" != 1 ] || runs=100000

ls "$(${FUZZ_CC:-clang} -print-runtime-dir 2>/dev/null)"/libclang_rt.fuzzer* \
    >/dev/null 2>&1 || skip_all "clang has no fuzzer here"

# The targets, of which no other list needs to be kept.
targets=$(grep -l '^LLVMFuzzerTestOneInput' t/fuzz/*.c |
    sed 's|.*/||; s|\.c$||' | xargs)
ok "there are targets" test -n "$targets"
is "each has a dictionary" \
    "$(cd t/fuzz && echo *.dict | sed 's/\.dict//g')" "$targets"
is "and seeds" "$(cd t/fuzz/seeds && echo *)" "$targets"

# done_runs TARGET: what the log says of how far it came.
done_runs() {
	sed -n 's/^stat::number_of_executed_units: *//p' "$tmp/$1.log"
}

for target in $targets; do
	ok "$target: keeps its laws" \
	    env BIN="$bin" OUT="$tmp" RUNS=$runs SEED=1 t/fuzz/run "$target"
	is "$target: all of its runs" "$(done_runs "$target")" $runs
done

tap_end
