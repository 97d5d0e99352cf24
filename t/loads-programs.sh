#!/bin/sh
#
# Whether the kernel still loads programs, which a service manager needs for its
# sandboxes: after too many were released at once, Linux 6.18 has been seen to
# hold whoever loads one for good.  spindled asks it in a process that nobody
# waits for.  Prints why not, and fails then.

cd "$(dirname "$0")/.." || exit 1
. t/tap.sh
. t/daemon.sh

daemon_start probe "workers 1" "balance idle" >/dev/null
daemon_stop "$pid"
if grep -q "did not come back" "$tmp/probe.log"; then
	echo "this kernel loads no programs any more, until it is restarted"
	exit 1
fi
