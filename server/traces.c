#include <string.h>

#include "server/traces.h"
#include "server/value.h"

static struct conf_trace *
find(struct conf *c, const char *file)
{
	size_t i;

	for (i = 0; i < c->ntraces; i++)
		if (strcmp(c->traces[i].file, file) == 0)
			return &c->traces[i];
	return NULL;
}

int
traces_lend(struct dist *d, const char *name, struct keyword_args *a)
{
	struct conf *c = a->conf;
	struct conf_trace *t;
	char file[PATH_MAX], why[sizeof(a->error) - 16];

	if (value_beside(name, a, file) == -1)
		return -1;
	if ((t = find(c, file)) == NULL) {
		if (c->ntraces == CONF_TRACE_MAX)
			return value_fail(a, "trace: expected at most %d "
			    "different files", CONF_TRACE_MAX);
		t = &c->traces[c->ntraces];
		if (trace_load(&t->trace, file, why, sizeof(why)) == -1)
			return value_fail(a, "trace: %s", why);
		strlcpy(t->file, file, sizeof(t->file));
		c->ntraces++;
	}
	dist_attach(d, t->trace.ns, t->trace.n);
	return 0;
}

const char *
traces_file(const struct conf *c, const struct dist *d)
{
	size_t i;

	for (i = 0; i < c->ntraces; i++)
		if (c->traces[i].trace.ns == d->trace)
			return c->traces[i].file;
	return "";
}
