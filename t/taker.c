#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/reply.h"
#include "t/pair.h"
#include "t/taker.h"

struct taken *taker_got;	/* shared with the client */

static FILE *heard;		/* in stderr's place */
static int silenced;		/* stderr meanwhile */

_Noreturn static void
be_client(int fd)
{
	struct taken *t = taker_got;
	ssize_t n;

	while ((n = recv(fd, t->bytes + t->len, TAKER_ROOM - t->len, 0)) > 0)
		t->len += (size_t)n;
	t->error = n == -1 ? errno : 0;
	_exit(0);
}

static void
forget(void)
{
	struct taken *t = taker_got;

	if (t == NULL)
		t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t == MAP_FAILED)
		err(1, "mmap");
	t->len = 0;
	t->error = -1;
	taker_got = t;
}

/* The body is what is behind the head; without a head, all is. */
static void
split(struct taken *t)
{
	const char *end;

	t->bytes[t->len] = '\0';
	end = strstr(t->bytes, "\r\n\r\n");
	t->body = end == NULL ? t->bytes : end + 4;
	t->body_len = (size_t)(t->bytes + t->len - t->body);
}

int
taker_reply(struct exchange *x, int64_t timeout)
{
	struct pair p;
	int result;
	pid_t pid;

	forget();
	pair_open(&p);
	fflush(stdout);
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		close(p.conn.fd);
		be_client(p.client);
	}
	close(p.client);
	result = reply_send(x, &p.conn, timeout);
	close(p.conn.fd);
	waitpid(pid, NULL, 0);
	split(taker_got);
	return result;
}

void
taker_listen(void)
{
	if ((heard = tmpfile()) == NULL ||
	    (silenced = dup(STDERR_FILENO)) == -1 ||
	    dup2(fileno(heard), STDERR_FILENO) == -1)
		err(1, "stderr");
}

const char *
taker_heard(void)
{
	static char text[4096];

	dup2(silenced, STDERR_FILENO);
	close(silenced);
	rewind(heard);
	text[fread(text, 1, sizeof(text) - 1, heard)] = '\0';
	fclose(heard);
	return text;
}
