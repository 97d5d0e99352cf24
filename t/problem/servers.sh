# shellcheck shell=bash disable=SC2034,SC2046,SC2086,SC2207
# The servers of the study: how each is started, what it is asked, and what
# its design is.  Sourced by run, which sets
#
#	HERE	this directory		BIN	where the designs in C are
#	TMP	for what servers write	SPINDLED	the daemon
#	AS_ROOT	yes, or empty		NOTE	why there is no server
#
# peers/ holds what the servers of Debian's packages are configured with.  As
# root, each of them becomes www-data: by itself or, where a service manager
# would see to it, by setpriv.

PEERS=$HERE/peers
ECHO_MODULE=/usr/lib/nginx/modules/ngx_http_echo_module.so
LUA_MODULE=/usr/lib/apache2/modules/mod_lua.so
PYTHON_PACKAGES=/usr/lib/python3/dist-packages

# kB that the machine has less for each process, as measured.
APACHE_CHILD=420
GUNICORN_WORKER=3300

# Makes what is needed and not made by make; the network is not.
server_build() {
	local root=${HERE%/t/problem}
	present /usr/bin/go golang-go || return
	mkdir -p "$BIN"
	GO111MODULE=off GOCACHE=$root/build/problem/go-cache \
	    /usr/bin/go build -o "$BIN/go" "$PEERS/go/main.go"
}

# Sets command to what serves on that port, with so many reads at once.
server_command() {	# name size port
	NOTE='' command=()
	case $1 in
	hash|shared|idle)
		command_spindled "$2" "$3" $1 off ;;
	limit)	command_spindled "$2" "$3" idle $(( ($2 + 7) / 8 )) ;;
	nginx-block)
		command_nginx "$3" echo_blocking_sleep ;;
	nginx-sleep)
		command_nginx "$3" echo_sleep ;;
	apache-*)
		command_apache "$2" "$3" "${1#apache-}" ;;
	gunicorn)
		command_gunicorn "$2" "$3" ;;
	eventlet)
		command_eventlet "$2" "$3" ;;
	go)	command_go "$3" ;;
	# A read keeps one of GOMAXPROCS, a processor each by default, until the
	# runtime takes it away, up to 20 ms later.  So 128 is what Badger, a
	# store written in Go, wants for its disks.
	go-128)	command_go "$3" &&
		    command=(env GOMAXPROCS=128 "${command[@]}") ;;
	pool|epoll-pool|aio)
		present "$BIN/$1" && command=("$BIN/$1" -w "$2" "$3") ;;
	*)	present "$BIN/$1" && command=("$BIN/$1" "$3") ;;
	esac
}

command_spindled() {	# size port balance limit
	present "$SPINDLED" || return
	fill spindled.conf "$2" "${AS_ROOT:+user nobody}" "s|@SIZE@|$1|
	    s|@BALANCE@|$3|; s|@LIMIT@|$4|"
	command=("$SPINDLED" -f "$TMP/server/conf")
}

command_nginx() {	# port sleep
	present /usr/sbin/nginx nginx-light &&
	    present $ECHO_MODULE libnginx-mod-http-echo || return
	fill nginx.conf "$1" "${AS_ROOT:+user www-data;}" "s|@SLEEP@|$2|"
	command=(/usr/sbin/nginx -c "$TMP/server/conf")
}

command_apache() {	# size port mpm
	local children=$(( ($1 + 63) / 64 ))
	present /usr/sbin/apache2 && present $LUA_MODULE apache2 || return
	[ "$3" = event ] || fits "$1" $APACHE_CHILD || return
	fill apache.conf "$2" "${AS_ROOT:+User www-data\nGroup www-data}" \
	    "s|@SIZE@|$1|; s|@MPM@|$3|g
	    s|@CHILDREN@|$children|; s|@THREADS@|$(( children * 64 ))|"
	cp "$PEERS/disk.lua" "$TMP/server"
	command=(/usr/sbin/apache2 -DFOREGROUND -f "$TMP/server/conf")
}

command_gunicorn() {	# size port
	present /usr/bin/gunicorn && fits "$1" $GUNICORN_WORKER || return
	# It pauses after each that it starts, for 50 ms in the mean.
	[ "$1" -le 2000 ] ||
	    { NOTE="cannot: it starts 20 workers a second"; return 1; }
	cp "$PEERS"/{disk,gunicorn.conf}.py "$TMP/server"
	command=(env SIZE="$1" PORT="$2" /usr/bin/python3 -B /usr/bin/gunicorn
	    -c "$TMP/server/gunicorn.conf.py" --chdir "$TMP/server" disk)
}

command_eventlet() {	# size port
	present $PYTHON_PACKAGES/eventlet python3-eventlet || return
	cp "$PEERS"/{disk,eventlet-server}.py "$TMP/server"
	as_www_data /usr/bin/python3 -B "$TMP/server/eventlet-server.py" \
	    "$2" "$1"
}

command_go() {		# port
	present "$BIN/go" golang-go || return
	cp "$BIN/go" "$TMP/server"
	as_www_data "$TMP/server/go" "$1"
}

as_www_data() {		# program argument ...
	command=("$@")
	[ -z "$AS_ROOT" ] || command=(setpriv --reuid=www-data
	    --regid=www-data --clear-groups -- "$@")
}

# Whether there is such a file.
present() {		# file [package]
	[ -e "$1" ] || { NOTE="absent: no ${2-${1##*/}}"; return 1; }
}

# Whether the machine has the memory for so many processes.
fits() {		# size kB
	local free need=$(( $1 * $2 ))
	free=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
	[ $need -lt "$free" ] || {
		NOTE="cannot: $1 processes of $2 kB are $(( need >> 20 )) GB,"
		NOTE+=" and $(( free >> 20 )) GB are available"
		return 1
	}
}

fill() {		# file port user-lines sed-script
	sed "s|@DIR@|$TMP/server|; s|@PORT@|$2|; s|@USER@|$3|; $4" \
	    "$PEERS/$1" > "$TMP/server/conf"
}

# The path of a read that takes so many ms, with a reply of so many bytes.
server_path() {		# name ms [bytes]
	echo "/200,$2,file${3:+?size=$3}"
}

# The path of one on the disk that dies.
server_long_path() {	# name ms
	case $1 in
	limit)	echo "/dying/file?delay=$2ms" ;;
	*)	server_path "$1" "$2" ;;
	esac
}

# Stevens' model by which it waits for its clients.
server_model() {	# name
	case $1 in
	nonblock)
		echo non-blocking ;;
	select|poll|epoll|epoll-pool|nginx-*|apache-event|eventlet|go|go-*)
		echo multiplexed ;;
	sigio)	echo signal-driven ;;
	aio|uring)
		echo asynchronous ;;
	*)	echo blocking ;;
	esac
}

server_what() {		# name
	case $1 in
	fork)		echo "a process for each request" ;;
	thread)		echo "a thread for each request" ;;
	pool)		echo "a pool of threads, fed by a queue" ;;
	nonblock)	echo "one loop tries every socket, reads block it" ;;
	select)		echo "one loop, select(2), reads block it" ;;
	poll)		echo "one loop, poll(2), reads block it" ;;
	epoll)		echo "one loop, epoll(7), reads block it" ;;
	sigio)		echo "one loop, SIGIO, reads block it" ;;
	epoll-pool)	echo "one loop, epoll(7), reads in a pool of threads" ;;
	aio)		echo "one loop, POSIX AIO in a pool of threads" ;;
	uring)		echo "one loop, io_uring(7) for clients and disk" ;;
	hash)		echo "pre-forked, the kernel's hash picks the worker" ;;
	shared)		echo "pre-forked, all accept from one socket" ;;
	idle)		echo "pre-forked, the kernel picks an idle worker" ;;
	limit)		echo "as idle, an eighth of the workers for one disk" ;;
	nginx-block)	echo "an event loop a core, reads block it" ;;
	nginx-sleep)	echo "an event loop a core, reads are its timers" ;;
	apache-prefork)	echo "pre-forked, all accept from one socket" ;;
	apache-event)	echo "64 threads a process, a listener for them" ;;
	gunicorn)	echo "pre-forked Python, all wake for one socket" ;;
	eventlet)	echo "green threads in one thread, reads block it" ;;
	go)		echo "goroutines, reads block a thread of their own" ;;
	go-128)		echo "as go, with GOMAXPROCS 128" ;;
	esac
}

# Whether a size means something to it.
server_sized() {	# name
	case $1 in
	pool|epoll-pool|aio|hash|shared|idle|limit|apache-*|gunicorn|eventlet)
		return 0 ;;
	esac
	return 1
}

# Waits until all processes and threads are there, where a port that accepts
# says only that the first process is.
server_await() {	# name size pid
	local have=0 want=$2 children deadline=$(( SECONDS + 120 ))
	case $1 in
	hash|shared|idle|limit|apache-prefork|gunicorn) ;;
	# With its own, and the one that listens.
	apache-event)
		want=$(( 66 * ((want + 63) / 64) )) ;;
	*)	return 0 ;;
	esac
	while [ $SECONDS -lt $deadline ] &&
	    children=($(cat "/proc/$3/task/$3/children")); do
		have=${#children[@]}
		[ "$1" != apache-event ] || have=$(threads "${children[@]}")
		[ "$have" -lt "$want" ] || return 0
		sleep 0.02
	done 2> /dev/null
	NOTE="failed: $have of $want workers have come"
	return 1
}

threads() {		# pid ...
	awk '/^Threads:/ { n += $2 } END { print n + 0 }' /dev/null \
	    $(printf '/proc/%s/status ' "$@") 2> /dev/null
}
