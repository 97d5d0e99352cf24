#!/bin/sh
#
# The service under a real systemd, which boot-systemd starts in namespaces of
# its own: nothing here meets the host, so that ports and names are our choice.
# Started by prove, the script boots; then it runs itself inside.

if [ "${1-}" != inside ]; then
	cd "$(dirname "$0")/.." || exit 1
	skip() {
		echo "1..0 # SKIP $1"
		exit 0
	}
	why=$(t/boot-systemd -n) || skip "$why"
	command -v curl >/dev/null || skip "no curl"
	why=$(t/loads-programs.sh) || skip "$why"
	exec t/boot-systemd \
	    "${SPINDLED:-build/spindled}:/usr/local/sbin/spindled" \
	    conf/spindled.service:/t/conf/spindled.service \
	    conf/spindled@.service:/t/conf/spindled@.service \
	    t/tap.sh:/t/tap.sh \
	    t/80-systemd.t:/t/80-systemd.t -- sh /t/80-systemd.t inside
fi

# ---------------------------------------------------------------------------
# What the tests are made of.

. /t/tap.sh

conf=/etc/spindled.conf
units=/usr/local/lib/systemd/system
deadline=30			# seconds for anything that is waited for

# Repeats the command until it succeeds; fails when that is not soon.  What it
# printed the last time is printed.
soon() {
	end=$(($(date +%s) + deadline))
	until "$@" >/tmp/try 2>&1; do
		if [ "$(date +%s)" -ge $end ]; then
			cat /tmp/try
			return 1
		fi
		sleep 0.02
	done
}

fails() {
	! "$@"
}

# A property of a unit, of spindled.service unless another is named.
property() {
	systemctl show -P "$1" "${2:-spindled}"
}

master() {
	property MainPID "$@"
}

children() {
	cat "/proc/$1/task/$1/children"
}

# The children that call themselves workers.
workers() {
	for pid in $(children "$(master "$@")"); do
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q worker &&
		    echo "$pid"
	done 2>/dev/null
}

worker_count() {
	workers "$@" | wc -l
}

worker() {
	workers | head -n 1
}

status_is() {
	property StatusText >/tmp/text
	cat /tmp/text
	grep -q "$1" /tmp/text
}

has_workers() {
	status_is "^$1 workers: " && [ "$(worker_count)" = "$1" ]
}

# Field NAME of /proc/PID/status.
field() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

get() {
	curl -s -S -m $deadline --noproxy '*' "http://$1"
}

serves() {
	get "$1/200,5,some_file" >/tmp/body && grep -q ',some_file$' /tmp/body
}

refused() {
	get "$1/"
	[ $? = 7 ]
}

# A connection to port 7000 has been accepted: its socket has an inode.
accepted() {
	awk '$2 ~ /:1B58$/ && $4 == "01" && $10 != 0 { n++ }
	    END { exit !n }' /proc/net/tcp
}

# What the service, or systemd about it, logged with that priority.
logged() {
	journalctl -q -u "${3:-spindled}" -p "$1..$1" -o cat >/tmp/journal
	cat /tmp/journal
	grep -q "$2" /tmp/journal
}

# configure FILE PORT WORKERS [LINE]...
configure() {
	file=$1 port=$2 count=$3
	shift 3
	{
		echo "listen 127.0.0.1:$port"
		echo "listen [::1]:$port"
		echo "workers $count"
		echo "balance shared"
		echo "user nobody"
		echo "access-log off"
		for line in "$@"; do
			echo "$line"
		done
		printf 'disk default {\n\tread fixed 8ms\n}\n'
	} >"$file"
}

# drop_in LINE...: what `systemctl edit' would add to [Service].
drop_in() {
	mkdir -p /etc/systemd/system/spindled.service.d
	{
		echo "[Service]"
		for line in "$@"; do
			echo "$line"
		done
	} >/etc/systemd/system/spindled.service.d/test.conf
	systemctl daemon-reload
}

# The processes of the service: the master, its children, and no others.
no_strangers() {
	parent=$(master)
	while read -r pid; do
		[ "$pid" = "$parent" ] ||
		    [ "$(field "$pid" PPid)" = "$parent" ] || return 1
	done <"/sys/fs/cgroup$(property ControlGroup)/cgroup.procs"
}

gone() {
	for pid in "$@"; do
		[ ! -d "/proc/$pid" ] || return 1
	done
}

# TimeoutStopSec is more than the default of stop-timeout, both in seconds.
patient() {
	echo "workers 1" >/tmp/defaults.conf
	wait=$(spindled -nv -f /tmp/defaults.conf |
	    sed -n 's/^stop-timeout \([0-9]*\)s$/\1/p')
	limit=$(property TimeoutStopUSec | sed -n 's/^\([0-9]*\)s$/\1/p')
	echo "stop-timeout: $wait, TimeoutStopSec: $limit"
	[ -n "$wait" ] && [ "${limit:-0}" -gt "$wait" ]
}

running() {
	same "$(property SubState)" running
}

# systemd has started the service again by itself, once.
restarted() {
	same "$(property NRestarts)" 1 && running
}

# After a failure the journal says more.
finish() {
	if [ $failed -gt 0 ]; then
		echo "# The journal:"
		journalctl -q --no-hostname -o short-monotonic | sed 's/^/#   /'
	fi
	tap_end
}

# ---------------------------------------------------------------------------
# As make install does it.

mkdir -p $units /etc/spindled
for unit in spindled.service spindled@.service; do
	sed -e 's,@SBINDIR@,/usr/local/sbin,g' -e 's,@SYSCONFDIR@,/etc,g' \
	    /t/conf/$unit >$units/$unit
done
systemctl daemon-reload

# Start.

configure $conf 7000 4
ok "start" systemctl start spindled
if [ $failed -gt 0 ]; then	# the rest would only wait for deadlines
	finish
	exit 1
fi
is "start: it was ready, all workers of it" "$(worker_count)" 4
is "start: active" "$(systemctl is-active spindled)" active
ok "start: serves" serves 127.0.0.1:7000
ok "start: serves over IPv6" serves '[::1]:7000'
ok "status: shows the workers and the policy" \
    soon status_is '^4 workers: .*balance shared'
systemctl status spindled >/tmp/status
ok "status: systemctl status shows it too" grep 'Status: "4 workers: ' /tmp/status

# Privileges: CAP_NET_BIND_SERVICE is bit 10, CAP_BPF bit 39.

first=$(master)
some=$(worker)
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
	is "master: $set" "$(field "$first" $set)" 0000008000000400
done
for set in CapInh CapPrm CapEff CapAmb; do
	is "worker: $set" "$(field "$some" $set)" 0000000000000000
done
for pid in $first $some; do
	who=worker
	[ "$pid" != "$first" ] || who=master
	# shellcheck disable=SC2046	# four ids
	set -- $(field "$pid" Uid)
	ok "$who: is not root" [ "$1" != 0 ]
	is "$who: has one user only" "$2 $3 $4" "$1 $1 $1"
	is "$who: gains none" "$(field "$pid" NoNewPrivs)" 1
	is "$who: system calls are filtered" "$(field "$pid" Seccomp)" 2
done

# bpf(2) from within the unit: a map for the sockets of a group, and a program
# that picks one of them.

sed -e '/^Exec/d' -e '/^Watchdog/d' -e '/^Notify/d' -e '/^Restart/d' \
    -e 's/^Type=.*/Type=oneshot/' $units/spindled.service \
    >$units/spindled-bpf.service
cat >/t/bpf.pl <<'PERL'
require "sys/syscall.ph";
sub bpf {
	my ($command, $attr) = @_;
	syscall(&SYS_bpf, $command, $attr, length $attr) >= 0 or die "$!\n";
}
# BPF_MAP_CREATE of a BPF_MAP_TYPE_REUSEPORT_SOCKARRAY
bpf 0, pack("L4 x56", 20, 4, 8, 4);
# BPF_PROG_LOAD of a BPF_PROG_TYPE_SK_REUSEPORT that returns 1, to be attached
# as BPF_SK_REUSEPORT_SELECT_OR_MIGRATE
my $code = pack("CCsl CCsl", 0xb7, 0, 0, 1, 0x95, 0, 0, 0);
bpf 5, pack("L2 P P x44 L", 21, 2, $code, "ISC", 40);
PERL
mkdir -p /etc/systemd/system/spindled-bpf.service.d
printf '[Service]\nExecStart=/usr/bin/perl /t/bpf.pl\n' \
    >/etc/systemd/system/spindled-bpf.service.d/test.conf
systemctl daemon-reload
ok "bpf: the unit lets the master load a program" \
    systemctl start spindled-bpf

# Reload.

configure $conf 7000 6
ok "reload" systemctl reload spindled
ok "reload: the new number of workers" soon has_workers 6
is "reload: the master is the same" "$(master)" "$first"
ok "reload: systemd sees its end" soon running
ok "reload: serves" serves 127.0.0.1:7000

configure $conf 7000 7 "workerz 8"
ok "reload, bad file: fails" fails systemctl reload spindled
ok "reload, bad file: the journal has file and line as an error" \
    soon logged 3 "^$conf:7: .*workerz"
is "reload, bad file: active" "$(systemctl is-active spindled)" active
is "reload, bad file: the master is the same" "$(master)" "$first"
is "reload, bad file: the workers are as before" "$(worker_count)" 6
ok "reload, bad file: serves" serves 127.0.0.1:7000
configure $conf 7000 6

# Upgrade: what `make install' does, and a reload, while somebody asks.

program=/usr/local/sbin/spindled
first=$(master)
(
	until [ -e /tmp/enough ]; do
		get 127.0.0.1:7000/200,5,some_file || echo lost
	done >/tmp/answers 2>&1
) &
asking=$!
another_master() {
	[ "$(master)" != "$1" ] && running
}
install -m 755 $program $program.new
mv $program.new $program
ok "upgrade: reload" systemctl reload spindled
ok "upgrade: another master" soon another_master "$first"
second=$(master)
ok "upgrade: the old one ends" soon gone "$first"
is "upgrade: active" "$(systemctl is-active spindled)" active
ok "upgrade: the status is the new one's" soon has_workers 6
is "upgrade: systemd is its parent" "$(field "$second" PPid)" 1
is "upgrade: it has the same capabilities" "$(field "$second" CapEff)" \
    0000008000000400
is "upgrade: nothing was restarted" "$(property NRestarts)" 0
ok "upgrade: no other process in the service" soon no_strangers
ok "upgrade: USR2" systemctl kill --kill-who=main -s USR2 spindled
ok "upgrade: USR2: another master" soon another_master "$second"
second=$(master)
ok "upgrade: and then a reload is a reload" systemctl reload spindled
ok "upgrade: the reload is done" soon has_workers 6
is "upgrade: the master is the same" "$(master)" "$second"

printf '#!/bin/sh\n[ "$1" = -n ] && exit 0\nkill -SEGV $$\n' >$program.new
chmod 755 $program.new
mv $program $program.old
mv $program.new $program
ok "upgrade, bad program: reload" systemctl reload spindled
ok "upgrade, bad program: the journal says why as an error" \
    soon logged 3 'was killed by signal 11 .*; this one serves on'
ok "upgrade, bad program: running" soon running
is "upgrade, bad program: the master is the same" "$(master)" "$second"
rm $program
ok "upgrade, no program: reload fails" fails systemctl reload spindled
is "upgrade, no program: active" "$(systemctl is-active spindled)" active
mv $program.old $program
: >/tmp/enough
wait $asking
ok "upgrade: somebody was answered" grep ',some_file$' /tmp/answers
ok "upgrade: and always" fails grep -v ',some_file$' /tmp/answers
# Systemd hears of the end of a master that it has not started.
kill -KILL "$second"
ok "upgrade: a new master that is killed is replaced" soon restarted
ok "upgrade: and that one serves" serves 127.0.0.1:7000
systemctl reset-failed spindled
systemctl restart spindled
first=$(master)

# A worker is killed.

some=$(worker)
kill -KILL "$some"
ok "worker killed: it is gone" soon gone "$some"
ok "worker killed: replaced" soon has_workers 6
ok "worker killed: logged as a warning" soon logged 4 "$some"
is "worker killed: the master is the same" "$(master)" "$first"
is "worker killed: systemd did nothing" "$(property NRestarts)" 0
ok "worker killed: serves" serves 127.0.0.1:7000

# The master is killed.  Its workers go at once, also one that is busy, or the
# next master would not get the port.

old="$first $(workers)"
get 127.0.0.1:7000/200,10000,lost >/dev/null 2>&1 &
ok "master killed: a worker is busy" soon accepted
kill -KILL "$first"
ok "master killed: systemd starts another" soon restarted
# shellcheck disable=SC2086		# a list
ok "master killed: nothing is left of the old" gone $old
ok "master killed: serves" serves 127.0.0.1:7000
ok "master killed: as many workers as before" soon has_workers 6
ok "master killed: no other process in the service" no_strangers

# The watchdog, on a shorter leash.  First a master that is well: it has to be
# heard of twice.

is "watchdog: the unit has one" "$(property WatchdogUSec)" 30s
drop_in WatchdogSec=4s
ok "watchdog: restart" systemctl restart spindled
heard() {
	[ "$(property WatchdogTimestampMonotonic)" != "$1" ]
}
for time in first second; do
	last=$(property WatchdogTimestampMonotonic)
	ok "watchdog: the master is heard of for the $time time" \
	    soon heard "$last"
done
is "watchdog: leaves a healthy master alone" "$(property NRestarts)" 0
first=$(master)
old="$first $(workers)"
kill -STOP "$first"
ok "watchdog: a master that hangs is replaced" soon restarted
ok "watchdog: systemd says so" soon logged 3 'Watchdog timeout'
ok "watchdog: it was SIGABRT that ended the old" \
    soon logged 4 'Main process exited, code=.*status=6/ABRT'
# shellcheck disable=SC2086		# a list
ok "watchdog: nothing is left of the old" gone $old
ok "watchdog: serves" serves 127.0.0.1:7000

# Log files, in the directory that the unit gives.

log=/var/log/spindled/access.log
sed "s,^access-log.*,access-log $log combined," $conf >$conf.new
mv $conf.new $conf
drop_in
ok "log: restart with a log file" systemctl restart spindled
get 127.0.0.1:7000/200,5,in_the_log >/dev/null
ok "log: the request is in it" soon grep -q in_the_log $log
mv $log $log.1
ok "log: USR1" systemctl kill --kill-who=main -s USR1 spindled
ok "log: is opened again" soon [ -f $log ]
# A worker from before has the old file still: not the first has to be there.
logged_anew() {
	get 127.0.0.1:7000/200,5,in_the_new_log
	grep in_the_new_log $log
}
ok "log: requests are in the new one" soon logged_anew

# Stop, with a request in hand.

ok "stop: systemd is more patient than the master" patient

old="$(master) $(workers)"
get 127.0.0.1:7000/200,700,in_hand >/tmp/in_hand &
ok "stop: a request is in hand" soon accepted
ok "stop" systemctl stop spindled
wait $!
ok "stop: the request in hand was answered" grep ',in_hand$' /tmp/in_hand
is "stop: inactive" "$(systemctl is-active spindled)" inactive
is "stop: a success" "$(property Result)" success
is "stop: exit status 0" "$(property ExecMainStatus)" 0
# shellcheck disable=SC2086		# a list
ok "stop: nothing is left" gone $old
ok "stop: the port is free" refused 127.0.0.1:7000
ok "stop: the IPv6 port is free" refused '[::1]:7000'
ok "stop: nothing in /run is left" [ ! -e /run/spindled ]
for event in ready: reload: stop: stopped; do
	ok "journal: \"$event\" is a notice" soon logged 5 "^$event"
done

# A bad configuration is final.

configure $conf 7000 4 "workerx 8"
ok "bad file: start fails" fails systemctl start spindled
ok "bad file: the journal has file and line as an error" \
    soon logged 3 "^$conf:7: .*workerx"
is "bad file: exit status 2" "$(property ExecMainStatus)" 2
is "bad file: failed" "$(property ActiveState)" failed
is "bad file: no second attempt" "$(property NRestarts)" 0
systemctl reset-failed spindled

# A port below 1024.

configure $conf 80 4
ok "port 80: start" systemctl start spindled
ok "port 80: serves" serves 127.0.0.1:80
is "port 80: the worker has no capability" \
    "$(field "$(worker)" CapEff)" 0000000000000000
systemctl stop spindled

# An instance for each disk.

configure /etc/spindled/sda.conf 7001 2
configure /etc/spindled/sdb.conf 7002 2
ok "instances: start" systemctl start spindled@sda spindled@sdb
ok "instances: sda serves" serves 127.0.0.1:7001
ok "instances: sdb serves" serves 127.0.0.1:7002
ok "instances: sda has directories of its own" \
    ls /run/spindled-sda/ /var/log/spindled-sda/
configure /etc/spindled/sda.conf 7001 3
ok "instances: reload one" systemctl reload spindled@sda
count_is() {
	[ "$(worker_count "$1")" = "$2" ]
}
ok "instances: sda has a worker more" soon count_is spindled@sda 3
ok "instances: sdb has not" count_is spindled@sdb 2
ok "instances: stop one" systemctl stop spindled@sda
ok "instances: sda is gone" refused 127.0.0.1:7001
ok "instances: sdb serves on" serves 127.0.0.1:7002
ok "instances: sdb's directory is there" [ -d /run/spindled-sdb ]
ok "instances: stop the other" systemctl stop spindled@sdb

finish
