/*
 * Rows of syscalls.h that every table has in a build for tests: what the
 * sanitizers call, memory and locks while all is well, and what makes a report
 * when it is not.
 */
#ifdef __SANITIZE_ADDRESS__
	{ CALL(mmap), .why = "shadow memory" },
	{ CALL(madvise), .why = "what shadow memory is for" },
	{ CALL(mprotect), .why = "memory that must not be touched" },
	{ CALL(futex), .why = "locks" },
	{ CALL(sched_yield), .why = "locks" },
	{ CALL(rt_sigaction), .why = "a report: no second one" },
	{ CALL(sigaltstack), .why = "a report: the stack that it is made on" },
	{ CALL(openat), .why = "a report: the names of functions" },
#ifdef SYS_open
	{ CALL(open), .why = "the same" },
#endif
#ifdef SYS_readlink
	{ CALL(readlink), .why = "the same" },
#endif
	{ CALL(readlinkat), .why = "the same" },
	{ CALL(read), .why = "the same" },
	{ CALL(lseek), .why = "the same" },
#ifdef SYS_stat
	{ CALL(stat), .why = "the same" },
#endif
#ifdef SYS_newfstatat
	{ CALL(newfstatat), .why = "the same" },
#endif
	{ CALL(fstat), .why = "the same" },
	{ CALL(ioctl), .args = { IS(2, TCGETS) }, .why = "a report: colours" },
	{ CALL(prlimit64), .why = "a report: the stack's limits" },
	{ CALL(sched_getaffinity), .why = "the same" },
	{ CALL(getrusage), .why = "a report: memory in use" },
#endif
