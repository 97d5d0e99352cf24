#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/memory.h"

#define CGROUPS "/sys/fs/cgroup"

/* Open from the start: there may be no descriptor left when it is asked for. */
static int counter = -1;
static int alone;		/* the count is of this master and its children */
static uint64_t seen;

/* The line "oom_kill N" of the counter; -1: it does not say. */
static int
count(uint64_t *n)
{
	static char buf[16384];
	const char *p;
	ssize_t len;

	if (counter == -1 ||
	    (len = pread(counter, buf, sizeof(buf) - 1, 0)) <= 0)
		return -1;
	buf[len] = '\0';
	p = strncmp(buf, "oom_kill ", 9) == 0 ? buf :
	    strstr(buf, "\noom_kill ");
	return p != NULL && sscanf(p, "%*s %" SCNu64, n) == 1 ? 0 : -1;
}

static int
try(const char *path)
{
	uint64_t n;

	counter = open(path, O_RDONLY | O_CLOEXEC);
	if (counter != -1 && count(&n) == 0)
		return 0;
	if (counter != -1)
		close(counter);
	counter = -1;
	return -1;
}

/* Whether the group has this process, and no other. */
static int
has_nobody_else(const char *group)
{
	char path[PATH_MAX];
	int pid, n = 0, others = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	for (; fscanf(f, "%d", &pid) == 1; n++)
		others += pid != (int)getpid();
	fclose(f);
	return n == 1 && others == 0;
}

/*
 * A line of /proc/self/cgroup, "NUMBER:CONTROLLERS:PATH": without controllers
 * it is of cgroup2, else of a hierarchy by itself.
 */
static int
try_group(char *line)
{
	char *controllers = strchr(line, ':'), *path, group[PATH_MAX / 2];
	char file[PATH_MAX];
	const char *counts;

	if (controllers == NULL || (path = strchr(controllers + 1, ':')) == NULL)
		return -1;
	*controllers++ = *path++ = '\0';
	path[strcspn(path, "\n")] = '\0';
	if (strcmp(controllers, "memory") == 0) {
		snprintf(group, sizeof(group), CGROUPS "/memory%s", path);
		counts = "memory.oom_control";
	} else if (controllers[0] == '\0') {
		snprintf(group, sizeof(group), CGROUPS "%s", path);
		/* Not of the groups below, where others may be. */
		counts = "memory.events.local";
	} else {
		return -1;
	}
	snprintf(file, sizeof(file), "%s/%s", group, counts);
	if (try(file) == -1)
		return -1;
	alone = has_nobody_else(group);
	return 0;
}

void
memory_open(void)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX / 2];
	int found = -1;

	while (f != NULL && found == -1 && fgets(line, sizeof(line), f) != NULL)
		found = try_group(line);
	if (f != NULL)
		fclose(f);
	if (found == -1)
		try("/proc/vmstat");
	if (count(&seen) == -1)
		seen = 0;
}

void
memory_leave(void)
{
	if (counter != -1)
		close(counter);
}

enum memory_verdict
memory_judge(void)
{
	uint64_t n;

	if (count(&n) == -1 || n <= seen)
		return MEMORY_NO;
	/* Each of ours is asked for once, and others are not in the count. */
	seen = alone ? seen + 1 : n;
	return alone ? MEMORY_YES : MEMORY_PERHAPS;
}
