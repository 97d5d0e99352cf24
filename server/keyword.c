#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "server/block.h"
#include "server/condition.h"
#include "server/deaths.h"
#include "server/keyword.h"
#include "server/lex.h"
#include "server/value.h"
#include "server/value_crew.h"

#define HOUR (3600 * CLOCK_S)

static const char *const balances[] = { "idle", "shared", "hash", NULL };
static const char *const answers[] = { "no", "yes", NULL };
static const char *const error_logs[] = { "stderr", "syslog", NULL };
static const char *const parts_of_confine[] = {
	"no-new-privs", "seccomp", "landlock", "rlimits", NULL
};
static const char *const formats[] = { "combined", "logfmt", NULL };

static char *
text_at(const struct keyword *k, const void *base)
{
	return (char *)(uintptr_t)((const char *)base + k->offset);
}

/* A file that the daemon writes, or off: an empty name. */
static int
take_file(struct keyword_args *a, char file[PATH_MAX], unsigned int *at)
{
	if (a->n != 1)
		return value_fail(a, "expected an absolute file name, or off");
	if (strcmp(a->words[0], "off") == 0) {
		file[0] = '\0';
		return 0;
	}
	if (value_check_file(a->words[0], a) == -1)
		return -1;
	strlcpy(file, a->words[0], PATH_MAX);
	*at = a->line;
	return 0;
}

static int
parse_pid_file(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;

	(void)k;
	return take_file(a, c->pid_file, &c->pid_file_at);
}

static int
parse_truth_log(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;

	(void)k;
	return take_file(a, c->truth_file, &c->truth_at);
}

static void
print_file(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	value_put_file(text_at(k, base), o->f);
}

static int
parse_access_log(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;
	int format = FORMAT_COMBINED;

	(void)k;
	if (a->n == 2)
		format = value_choice_index(formats, a->words[1]);
	if (a->n < 1 || a->n > 2 || format == -1 ||
	    (a->n == 2 && strcmp(a->words[0], "off") == 0))
		return value_fail(a, "expected off, or stderr or a file, and then "
		    "combined or logfmt");
	if (strcmp(a->words[0], "off") == 0) {
		c->access = ACCESS_OFF;
	} else if (strcmp(a->words[0], "stderr") == 0) {
		c->access = ACCESS_STDERR;
	} else {
		if (value_check_file(a->words[0], a) == -1)
			return -1;
		c->access = ACCESS_FILE;
		strlcpy(c->access_file, a->words[0], sizeof(c->access_file));
	}
	c->access_format = format;
	c->access_at = a->line;
	return 0;
}

static void
print_access_log(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf *c = base;

	(void)k;
	if (c->access == ACCESS_FILE)
		value_put_file(c->access_file, o->f);
	else
		fputs(c->access == ACCESS_STDERR ? "stderr" : "off", o->f);
	if (c->access != ACCESS_OFF)
		fprintf(o->f, " %s", formats[c->access_format]);
}

/* Users and groups. */

static int
parse_user(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;
	const struct passwd *pw;

	(void)k;
	if (a->n != 1 || strlen(a->words[0]) > CONF_NAME_MAX)
		return value_fail(a, "expected the name of one user");
	if ((pw = getpwnam(a->words[0])) == NULL)
		return value_fail(a, "there is no user `%s': expected one of this "
		    "machine's", a->words[0]);
	if (pw->pw_uid == 0)
		return value_fail(a, "`%s' is root: expected a user without "
		    "privileges", a->words[0]);
	strlcpy(c->user, a->words[0], sizeof(c->user));
	c->uid = pw->pw_uid;
	if (c->group[0] == '\0')
		c->gid = pw->pw_gid;
	return 0;
}

static int
parse_group(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;
	const struct group *gr;

	(void)k;
	if (a->n != 1 || strlen(a->words[0]) > CONF_NAME_MAX)
		return value_fail(a, "expected the name of one group");
	if ((gr = getgrnam(a->words[0])) == NULL)
		return value_fail(a, "there is no group `%s': expected one of this "
		    "machine's", a->words[0]);
	if (gr->gr_gid == 0)
		return value_fail(a, "`%s' is root's: expected a group without "
		    "privileges", a->words[0]);
	strlcpy(c->group, a->words[0], sizeof(c->group));
	c->gid = gr->gr_gid;
	return 0;
}

static void
print_name(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	fputs(text_at(k, base), o->f);
}

/* The words are bits, in their order. */
static int
parse_confine(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;
	int i, parts = 0;
	size_t n;

	for (n = 0; n < a->n; n++) {
		i = value_choice_index(k->choices, a->words[n]);
		if (i != -1 && !(parts & 1 << i))
			parts |= 1 << i;
		else if (a->n == 1 && strcmp(a->words[n], "all") == 0)
			parts = CONFINE_ALL;
		else if (a->n > 1 || strcmp(a->words[n], "off") != 0)
			break;
	}
	if (a->n == 0 || n < a->n)
		return value_fail(a, "expected all, off, or some of "
		    "no-new-privs, seccomp, landlock and rlimits");
	/* The kernel would not have them without. */
	if (parts & (CONFINE_SECCOMP | CONFINE_LANDLOCK))
		parts |= CONFINE_NO_NEW_PRIVS;
	c->confine = parts;
	return 0;
}

static void
print_confine(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf *c = base;
	const char *blank = "";
	int i;

	if (c->confine == 0 || c->confine == CONFINE_ALL) {
		fputs(c->confine == 0 ? "off" : "all", o->f);
		return;
	}
	for (i = 0; k->choices[i] != NULL; i++) {
		if (!(c->confine & 1 << i))
			continue;
		fprintf(o->f, "%s%s", blank, k->choices[i]);
		blank = " ";
	}
}

/* Addresses. */

static int
parse_listen(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;
	struct conf_listen l;
	size_t i;

	(void)k;
	if (a->n != 1 || addr_parse(a->words[0], &l.addr) == -1)
		return value_fail(a, "expected ADDRESS:PORT in numbers, such as "
		    "127.0.0.1:7000 or [::1]:7000");
	for (i = 0; i < c->nlistens; i++)
		if (addr_equal(&c->listens[i].addr, &l.addr))
			return value_fail(a, "%s is on line %u already",
			    a->words[0], c->listens[i].line);
	if (c->nlistens == CONF_LISTEN_MAX)
		return value_fail(a, "expected at most %d addresses",
		    CONF_LISTEN_MAX);
	l.line = a->line;
	c->listens[c->nlistens++] = l;
	return 0;
}

static void
print_listen(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf *c = base;
	char text[ADDR_TEXT];
	size_t i;

	for (i = 0; i < c->nlistens; i++) {
		if (i > 0)
			keyword_again(k, o);
		fputs(addr_text(&c->listens[i].addr, text, sizeof(text)), o->f);
	}
}

#define AT(field) .offset = offsetof(struct conf, field), \
	.size = sizeof(((struct conf *)0)->field)

const struct keyword keywords_top[] = {
	{ "listen", "127.0.0.1:7000\nlisten [::1]:7000", parse_listen, print_listen,
	    AT(nlistens), .repeats = 1 },
	{ "workers", "64", value_workers, value_workers_print, AT(workers),
	    .min = 1, .max = CONF_WORKERS_MAX },
	{ "max-requests", "off", value_max_requests, value_max_requests_print,
	    AT(max_requests), .min = 1, .max = 1000000000 },
	{ "stuck-after", "10s", value_time, value_time_print, AT(stuck_after),
	    .min = CLOCK_MS, .max = 24 * HOUR, .may_be_off = 1 },
	{ "worker-timeout", "off", value_time, value_time_print,
	    AT(worker_timeout), .min = CLOCK_MS, .max = 24 * HOUR,
	    .may_be_off = 1 },
	{ "crash-limit", "off", value_crash_limit, value_crash_limit_print,
	    AT(crash_limit), .min = 1, .max = DEATHS_LIMIT_MAX },
	{ "balance", "idle", value_choice, value_choice_print, AT(balance),
	    .choices = balances, .reload = KEYWORD_RESTART },
	{ "backlog", "4096", value_number, value_number_print, AT(backlog),
	    .min = 1, .max = 65535 },
	{ "defer-accept", "yes", value_choice, value_choice_print,
	    AT(defer_accept), .choices = answers },
	{ "group", NULL, parse_group, print_name, AT(group) },
	{ "user", NULL, parse_user, print_name, AT(user) },
	{ "confine", "no-new-privs landlock rlimits", parse_confine,
	    print_confine, AT(confine),
	    .choices = parts_of_confine },
	{ "queue-timeout", "4s", value_time, value_time_print, AT(queue_timeout),
	    .min = CLOCK_MS, .max = HOUR, .may_be_off = 1 },
	{ "queue-timeout-status", "408", value_number, value_number_print,
	    AT(queue_timeout_status), .min = 400, .max = 599 },
	{ "request-timeout", "10s", value_time, value_time_print,
	    AT(request_timeout), .min = CLOCK_MS, .max = HOUR },
	{ "read-timeout", "off", value_time, value_time_print, AT(read_timeout),
	    .min = CLOCK_MS, .max = 24 * HOUR, .may_be_off = 1 },
	{ "stop-timeout", "30s", value_time, value_time_print, AT(stop_timeout),
	    .min = 0, .max = 24 * HOUR },
	{ "upgrade-timeout", "30s", value_time, value_time_print,
	    AT(upgrade_timeout), .min = CLOCK_MS, .max = HOUR },
	{ "max-delay", "1h", value_time, value_time_print, AT(max_delay),
	    .min = CLOCK_MS, .max = 24 * HOUR },
	{ "keepalive-timeout", "off", value_time, value_time_print,
	    AT(keepalive_timeout), .min = CLOCK_MS, .max = HOUR,
	    .may_be_off = 1 },
	{ "max-per-address", "off", value_number, value_number_print,
	    AT(max_per_address), .min = 1, .max = CONF_WORKERS_MAX,
	    .may_be_off = 1 },
	{ "request-limit", "8k", value_size, value_size_print, AT(request_limit),
	    .min = 256, .max = CONF_HEAD_MAX },
	{ "access-log", "off", parse_access_log, print_access_log,
	    .offset = 0 },
	{ "truth-log", "off", parse_truth_log, print_file, AT(truth_file) },
	{ "error-log", "stderr", value_choice, value_choice_print, AT(error_log),
	    .choices = error_logs },
	{ "pid-file", "off", parse_pid_file, print_file, AT(pid_file),
	    .reload = KEYWORD_RESTART },
	{ "disk", NULL, block_disk, block_disk_print, .repeats = 1,
	    .block = keywords_disk, .lacks = condition_lacks,
	    .end = condition_end },
	{ .name = NULL },
};

_Static_assert(sizeof(keywords_top) / sizeof(keywords_top[0]) <=
    CONF_KEYWORDS_MAX, "too many keywords");

const struct keyword *
keyword_find(const struct keyword *k, const char *name)
{
	for (; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

/*
 * Levenshtein's distance between two words, at most 31 letters of each: the
 * fewest letters to insert, remove or replace that make one the other.
 */
static size_t
distance(const char *a, const char *b)
{
	size_t row[32], i, j, la = strnlen(a, 31), lb = strnlen(b, 31);
	size_t diagonal, above, best;

	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= lb; j++) {
			above = row[j];
			best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[lb];
}

char *
keyword_hint(const struct keyword *table, const char *word, char *buf,
    size_t size)
{
	const struct keyword *k, *nearest = NULL;
	size_t d, least = 3;

	for (k = table; k->name != NULL; k++) {
		if ((d = distance(word, k->name)) < least) {
			least = d;
			nearest = k;
		}
	}
	if (nearest != NULL) {
		snprintf(buf, size, "did you mean `%s'?", nearest->name);
		return buf;
	}
	strlcpy(buf, "expected one of", size);
	for (k = table; k->name != NULL; k++) {
		strlcat(buf, " ", size);
		strlcat(buf, k->name, size);
	}
	return buf;
}

/* Reads the default as if it stood behind the keyword in the file. */
static void
assign(const struct keyword *k, struct conf *c, void *base)
{
	struct keyword_args a = { .conf = c, .file = "default" };
	struct lex lex;
	char buf[512];

	snprintf(buf, sizeof(buf) - 1, "%s %s", k->name, k->preset);
	lex_init(&lex, buf, strlen(buf));
	while (lex_next(&lex) == LEX_STATEMENT) {
		a.words = lex.words + 1;
		a.n = lex.nwords - 1;
		if (k->parse(k, base, &a) == -1)
			abort();	/* the table contradicts itself */
	}
}

void
keyword_presets(const struct keyword *k, struct conf *c, void *base)
{
	for (; k->name != NULL; k++)
		if (k->preset != NULL)
			assign(k, c, base);
}
