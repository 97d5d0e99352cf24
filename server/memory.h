/*
 * Processes that the kernel has killed because memory had run out.  It does not
 * say whom, but counts them, for each control group and for the machine; and it
 * counts before it kills.
 */
#ifndef SERVER_MEMORY_H
#define SERVER_MEMORY_H

enum memory_verdict {
	MEMORY_NO,		/* it has killed nobody since the last question */
	MEMORY_PERHAPS,		/* somebody, who need not be ours */
	MEMORY_YES		/* one of ours, which is accounted for now */
};

/* Once, before the first child: the count of this process' group. */
void	memory_open(void);

/* A worker has no use for it. */
void	memory_leave(void);

/* A child has died by SIGKILL: whether it was for want of memory. */
enum memory_verdict	memory_judge(void);

#endif
