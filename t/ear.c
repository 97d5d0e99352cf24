#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/ear.h"

static void
set_stream(enum stream s)
{
	struct stat st;
	char text[64];

	if (s == IS_UNSET) {
		unsetenv("JOURNAL_STREAM");
		return;
	}
	if (fstat(STDERR_FILENO, &st) == -1)
		_exit(2);
	snprintf(text, sizeof(text), "%ju:%ju",
	    (uintmax_t)st.st_dev + (s == IS_OTHER_DEVICE),
	    (uintmax_t)st.st_ino + (s == IS_OTHER_INODE));
	setenv("JOURNAL_STREAM", s == IS_GARBAGE ? "journal" : text, 1);
}

void
ear_hear(struct heard *h, void (*say)(void), enum stream s)
{
	int pair[2];
	ssize_t n;

	memset(h, 0, sizeof(*h));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		err(1, "socketpair");
	h->from = time(NULL);
	if ((h->pid = fork()) == -1)
		err(1, "fork");
	if (h->pid == 0) {
		dup2(pair[1], STDERR_FILENO);
		close(pair[0]);
		close(pair[1]);
		set_stream(s);
		say();
		_exit(0);
	}
	close(pair[1]);
	while (h->n < EAR_LINES && (n = recv(pair[0], h->lines[h->n],
	    EAR_LINE - 1, 0)) > 0)
		h->lines[h->n++][n] = '\0';
	h->to = time(NULL);
	close(pair[0]);
	waitpid(h->pid, &h->status, 0);
}
