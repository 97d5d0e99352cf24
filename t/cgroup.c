#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/cgroup.h"
#include "t/text.h"

#define ROOT	"/sys/fs/cgroup"
#define MADE	8

static char made[MADE][256];		/* their directories */
static pid_t owner;

static void
clean_up(void)
{
	int i, turns;

	if (getpid() != owner)
		return;
	/* A group is busy until the last of its dead is forgotten. */
	for (i = 0; i < MADE; i++)
		for (turns = 0; made[i][0] != '\0' && rmdir(made[i]) == -1 &&
		    turns < 500; turns++)
			poll(NULL, 0, 10);
}

static int
put(const char *dir, const char *file, const char *text)
{
	char path[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if ((fd = open(path, O_WRONLY | O_CLOEXEC)) == -1)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == -1 ? -1 : 0;
}

const char *
cgroup_make(struct cgroup *c, const char *controller)
{
	char controllers[256], enable[64], parent[128] = ROOT;
	static unsigned int number;
	int i;

	text_read(ROOT "/cgroup.controllers", controllers,
	    sizeof(controllers));
	c->v2 = strstr(controllers, controller) != NULL;
	if (c->v2) {
		snprintf(enable, sizeof(enable), "+%s", controller);
		if (put(ROOT, "cgroup.subtree_control", enable) == -1)
			return "its controller cannot be had";
	} else {
		snprintf(parent, sizeof(parent), ROOT "/%s", controller);
	}
	snprintf(c->dir, sizeof(c->dir), "%s/spindled-test.%s.%d.%u", parent,
	    controller, (int)getpid(), number++);
	if (mkdir(c->dir, 0755) == -1)
		return "no control group can be made";
	if (owner == 0)
		atexit(clean_up);
	owner = getpid();
	for (i = 0; made[i][0] != '\0';)
		if (++i == MADE)
			errx(1, "more than %d groups", MADE);
	snprintf(made[i], sizeof(made[i]), "%s", c->dir);
	return NULL;
}

void
cgroup_limit(const struct cgroup *c, long long max)
{
	const int memory = strstr(c->dir, ".memory.") != NULL;
	char text[32] = "max";

	if (max != -1)
		snprintf(text, sizeof(text), "%lld", max);
	else if (memory && !c->v2)
		snprintf(text, sizeof(text), "-1");
	/* Swap would only put it off, where there is any. */
	if (memory && c->v2)
		put(c->dir, "memory.swap.max", max == -1 ? "max" : "0");
	if (put(c->dir, !memory ? "pids.max" : c->v2 ? "memory.max" :
	    "memory.limit_in_bytes", text) == -1)
		err(1, "%s: a limit of %s", c->dir, text);
}

int
cgroup_enter(const char *dir, pid_t pid)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", (int)pid);
	return put(dir, "cgroup.procs", text);
}
