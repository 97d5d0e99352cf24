/*
 * What the status process calls, of syscalls.h: its table.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <signal.h>

#include "server/syscalls_row.h"

/* In the order in which a request needs them. */
static const struct syscalls_row rows[] = {
	/* The loop. */
#ifdef SYS_poll
	{ CALL(poll), .why = "the wait" },
#endif
	{ CALL(ppoll), .why = "the same, on newer machines" },
	{ CALL(restart_syscall),
	    .why = "the kernel's own, for a wait that was stopped" },
	{ CALL(clock_gettime), .why = "times, on machines whose clock "
	    "cannot be read without a call" },
	{ CALL(getppid), .why = "whether the master has ended before this" },

	/* A client, from its arrival to its end. */
	{ CALL(accept4), .why = "the next client" },
	{ CALL(setsockopt), .args = { IS(2, SOL_SOCKET), IS(3, SO_SNDBUF) },
	    .why = "what the kernel keeps for it is bounded" },
	{ CALL(getsockopt), .args = { IS(2, SOL_SOCKET), IS(3, SO_PEERCRED) },
	    .why = "who it is, for the master's log" },
	{ CALL(recvfrom), .why = "its request; what the master says" },
	{ CALL(sendmsg), .why = "the reply" },
	{ CALL(sendto), .why = "what the master is asked; syslog's messages" },
	{ CALL(shutdown), .why = "the reply's end" },
	{ CALL(close), .why = "a client that is done with; the doors, when "
	    "another process has taken over" },

	/* What is shown. */
	{ CALL(getsockopt), .args = { IS(2, IPPROTO_TCP), IS(3, TCP_INFO) },
	    .why = "how many clients of workers wait" },
	{ CALL(brk), .why = "memory for a reply" },
	{ CALL(mmap), .args = { LACKS(3, PROT_EXEC) },
	    .why = "the same; none of it is ever executed" },
	{ CALL(mremap), .why = "the same, for one that grows" },
	{ CALL(munmap), .why = "gives it back" },

	/* Messages. */
	{ CALL(write), .why = "a message" },
	{ CALL(getpid), .why = "its sender; abort(3)" },
	{ CALL(socket), .need = SYSCALLS_SYSLOG, .args = { IS(1, AF_UNIX) },
	    .why = "a new socket, after syslog's daemon was restarted" },
	{ CALL(connect), .need = SYSCALLS_SYSLOG, .why = "the same" },
#ifdef SYS_time
	{ CALL(time), .need = SYSCALLS_SYSLOG,
	    .why = "as clock_gettime, on older ones" },
#endif

	/* The end, and abort(3) after a last word from the C library. */
	{ CALL(exit_group), .why = "the end" },
	{ CALL(writev), .why = "what the C library says of a smashed stack" },
	{ CALL(rt_sigprocmask), .why = "abort(3) unblocks its signal" },
	{ CALL(gettid), .why = "whom it is for" },
	{ CALL(tgkill), .args = { IS(3, SIGABRT) }, .why = "and sends it" },

#include "server/syscalls_san.h"
};

const struct syscalls_list syscalls_status = {
	rows, sizeof(rows) / sizeof(rows[0])
};
