/*
 * A child that speaks on stderr, and what is heard of it: a socket in stderr's
 * place keeps apart what was written apart.
 */
#ifndef T_EAR_H
#define T_EAR_H

#include <sys/types.h>

#include <time.h>

#define EAR_LINES	32
#define EAR_LINE	8192	/* bytes */

/* What JOURNAL_STREAM says in the child. */
enum stream {
	IS_UNSET,
	IS_STDERR,		/* the socket in stderr's place */
	IS_OTHER_INODE,
	IS_OTHER_DEVICE,
	IS_GARBAGE
};

struct heard {
	unsigned int n;		/* of lines, each of which was one write */
	char lines[EAR_LINES][EAR_LINE];
	pid_t pid;		/* who spoke */
	time_t from, to;	/* between which times */
	int status;		/* how it ended, as waitpid(2) says */
};

/* A child says something, with JOURNAL_STREAM so, and ends. */
void	ear_hear(struct heard *, void (*say)(void), enum stream);

#endif
