#include <err.h>
#include <stdio.h>
#include <string.h>

#include "t/footprint.h"

static FILE *
open_proc(pid_t pid, const char *name)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	if ((f = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	return f;
}

/* Clean and dirty pages together, of this process alone or not. */
static void
add_pages(pid_t pid, long long *private, long long *shared, long long *own)
{
	FILE *f = open_proc(pid, "smaps_rollup");
	char line[256], state[16];
	long long kb;

	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "Private_%15[CleanDirty]: %lld kB", state,
		    &kb) == 2)
			*private += kb;
		if (sscanf(line, "Shared_%15[CleanDirty]: %lld kB", state,
		    &kb) == 2)
			*shared += kb;
		if (sscanf(line, "Anonymous: %lld kB", &kb) == 1)
			*own += kb;
	}
	fclose(f);
}

static void
add_mappings(pid_t pid, long long *n)
{
	FILE *f = open_proc(pid, "maps");
	int c;

	while ((c = getc(f)) != EOF)
		*n += c == '\n';
	fclose(f);
}

struct footprint
footprint_of(const struct daemon *d)
{
	struct footprint f = { .master_private = 0 };
	pid_t pids[FOOTPRINT_WORKERS];
	size_t i, n = daemon_workers(d, pids, FOOTPRINT_WORKERS);

	add_pages(d->pid, &f.master_private, &f.master_shared, &f.master_own);
	add_mappings(d->pid, &f.master_mappings);
	for (i = 0; i < n; i++) {
		add_pages(pids[i], &f.workers_private, &f.workers_shared,
		    &f.workers_own);
		add_mappings(pids[i], &f.workers_mappings);
	}
	return f;
}
