#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>

#include "server/syscalls_row.h"

/*
 * Those which every request makes come first.  Where the C library has a
 * choice, each machine has the calls of its own: newer ones lack the older
 * calls altogether.
 */
static const struct syscalls_row rows[] = {
	/* A connection, from its arrival to its end. */
	{ CALL(ioctl), .args = { IS(2, FIONREAD) },
	    .why = "whether a client has sent what nobody has read" },
	{ CALL(ioctl), .args = { IS(2, SIOCOUTQ) },
	    .why = "what a slow client has taken of its reply" },
	{ CALL(accept4), .why = "the next connection" },
	{ CALL(recvmsg), .why = "a request, with its time of arrival" },
	{ CALL(clock_nanosleep), .why = "the read of a simulated disk" },
	{ CALL(sendmsg), .why = "the reply" },
	{ CALL(write), .why = "logs, the baton, and that the worker is ready" },
	{ CALL(close), .why = "a connection or a file that is done with" },
	{ CALL(recvfrom), .why = "what comes behind the last request" },
	{ CALL(shutdown), .why = "the last reply; own listeners; orphans" },
	{ CALL(getsockopt), .args = { IS(2, IPPROTO_TCP), IS(3, TCP_INFO) },
	    .why = "the age of a request, and a queue's length" },
	{ CALL(connect), .why = "resets a connection; syslog's socket" },

	/* Waits.  libc(7) turns one into the other as the machine has it. */
#ifdef SYS_epoll_wait
	{ CALL(epoll_wait), .why = "the wait without a connection" },
#endif
	{ CALL(epoll_pwait), .why = "the same" },
#ifdef SYS_poll
	{ CALL(poll), .why = "the wait with one, and looks at queues" },
#endif
	{ CALL(ppoll), .why = "the same, and the wait for a client's end" },
	{ CALL(restart_syscall),
	    .why = "the kernel's own, for a wait that was stopped" },
	{ CALL(clock_gettime), .why = "times, on machines whose clock "
	    "cannot be read without a call" },

	/* Own listeners, which are shut and opened again. */
	{ CALL(bpf), .need = SYSCALLS_IDLE,
	    .args = { IS(1, BPF_MAP_UPDATE_ELEM) },
	    .why = "puts an own listener back into its group" },
	{ CALL(epoll_ctl), .need = SYSCALLS_IDLE,
	    .why = "waits for own listeners, or no longer" },
	{ CALL(listen), .need = SYSCALLS_IDLE,
	    .why = "opens own listeners again" },

	/* Files. */
	{ CALL(openat2), .need = SYSCALLS_FILES,
	    .why = "opens a file beneath its disk's directory" },
#ifdef SYS_newfstatat
	{ CALL(newfstatat), .need = SYSCALLS_FILES,
	    .why = "what it is, and its length" },
#endif
	{ CALL(fstat), .need = SYSCALLS_FILES, .why = "the same" },
	{ CALL(fcntl), .need = SYSCALLS_FILES, .args = { IS(2, F_SETFL) },
	    .why = "turns O_DIRECT on" },
	{ CALL(pread64), .need = SYSCALLS_FILES, .why = "reads it" },
	{ CALL(sendfile), .need = SYSCALLS_FILES,
	    .why = "sends it past this process" },

	/* Messages: syslog(3), which connects again when its daemon did. */
	{ CALL(getpid), .why = "a message's sender; abort(3)" },
	{ CALL(sendto), .need = SYSCALLS_SYSLOG, .why = "a message" },
	{ CALL(socket), .need = SYSCALLS_SYSLOG, .args = { IS(1, AF_UNIX) },
	    .why = "a new socket, after syslog's daemon was restarted" },
#ifdef SYS_time
	{ CALL(time), .need = SYSCALLS_SYSLOG,
	    .why = "as clock_gettime, on older ones" },
#endif

	/*
	 * The C library's memory, of which it has enough as a rule.  But where
	 * it wants more, to refuse it must not cost a request.
	 */
	{ CALL(brk), .why = "memory, for a long message" },
	{ CALL(mmap), .args = { LACKS(3, PROT_EXEC) },
	    .why = "the same; none of it is ever executed" },
	{ CALL(munmap), .why = "gives it back" },

	/* The end, and abort(3) after a last word from the C library. */
	{ CALL(exit_group), .why = "the end" },
	{ CALL(writev), .why = "what the C library says of a smashed stack" },
	{ CALL(rt_sigprocmask), .why = "abort(3) unblocks its signal" },
	{ CALL(gettid), .why = "whom it is for" },
	{ CALL(tgkill), .args = { IS(3, SIGABRT) }, .why = "and sends it" },

#include "server/syscalls_san.h"
};

const struct syscalls_list syscalls_worker = {
	rows, sizeof(rows) / sizeof(rows[0])
};

/* The names of all that this machine has, as its C library knows them. */
static const char *const names[] = {
#include "server/syscall_names.h"
};

int
syscalls_is_needed(const struct syscalls_row *r, unsigned int needs)
{
	return (r->need & needs) == r->need;
}

/* The rows of a call need not follow one another. */
static int
is_first(const struct syscalls_list *l, const struct syscalls_row *r,
    unsigned int needs)
{
	const struct syscalls_row *before;

	for (before = l->rows; before < r; before++)
		if (before->number == r->number &&
		    syscalls_is_needed(before, needs))
			return 0;
	return 1;
}

unsigned int
syscalls_count(const struct syscalls_list *l, unsigned int needs)
{
	const struct syscalls_row *r;
	unsigned int n = 0;

	for (r = l->rows; r < l->rows + l->n; r++)
		n += syscalls_is_needed(r, needs) && is_first(l, r, needs);
	return n;
}

int
syscalls_has(const struct syscalls_list *l, int number)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->rows[i].number == number)
			return 1;
	return 0;
}

const char *
syscalls_name(int number)
{
	return number < 0 ||
	    (size_t)number >= sizeof(names) / sizeof(names[0]) ? NULL :
	    names[number];
}
