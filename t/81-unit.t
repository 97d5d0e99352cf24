#!/bin/sh
#
# The units, judged by systemd's own tools.  Nothing is started: 80-systemd.t
# does that.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh
command -v systemd-analyze >/dev/null || skip_all "no systemd-analyze"

limit=2.0		# the highest exposure that is fine with us

# The unit as make install leaves it; verify wants the program to be there.
render() {
	sed -e "s,@SBINDIR@,$tmp/sbin,g" -e "s,@SYSCONFDIR@,/etc,g" "conf/$1" \
	    >"$tmp/$1"
}
mkdir "$tmp/sbin"
ln -s /bin/true "$tmp/sbin/spindled"

no_placeholder() {
	! grep '@[A-Z]*@' "$tmp/$1"
}

# Quiet: what is ignored in a unit is a warning, and the exit status is 0.
verify() {
	systemd-analyze verify --man=no "$tmp/$1" >"$tmp/said" 2>&1
	echo "exit status $?" >>"$tmp/said"
	cat "$tmp/said"
	[ "$(cat "$tmp/said")" = "exit status 0" ]
}

exposure() {
	systemd-analyze security --offline=true --no-pager "$tmp/$1" \
	    >"$tmp/table" || return 1
	level=$(sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p' \
	    "$tmp/table")
	sed -n '/✗/p' "$tmp/table"
	echo "level ${level:-unknown}, limit $limit"
	awk -v level="${level:-11}" -v limit="$limit" \
	    'BEGIN { exit !(level < limit) }'
}

# What sets the two units apart; their comments may differ.
differences() {
	for unit in spindled.service spindled@.service; do
		sed '/^#/d' "conf/$unit" >"$tmp/plain.$unit"
	done
	diff "$tmp/plain.spindled.service" "$tmp/plain.spindled@.service" |
	    sed -n 's/^> //p' >"$tmp/instance"
	cat "$tmp/instance"
	[ -s "$tmp/instance" ] && ! grep -v %i "$tmp/instance" &&
	    [ "$(wc -l <"$tmp/plain.spindled.service")" = \
	    "$(wc -l <"$tmp/plain.spindled@.service")" ]
}

for unit in spindled.service spindled@.service; do
	render $unit
	ok "$unit: make install knows every placeholder" no_placeholder $unit
	ok "$unit: systemd-analyze verify has nothing to say" verify $unit
	ok "$unit: exposure is below $limit" exposure $unit
	echo "#   $(tail -n 1 "$tmp/out")"
done
ok "the units differ only in lines that name the instance" differences
tap_end
