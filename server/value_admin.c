#include <sys/un.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/admin/door.h"
#include "server/value.h"
#include "server/value_admin.h"

#define DEFAULT_NAME	"spindled.admin"

static int
fail(struct keyword_args *a)
{
	return value_fail(a, "expected ADDRESS:PORT in numbers, such as "
	    "127.0.0.1:7001, unix: and an absolute file name of at most %d "
	    "bytes without blanks, or off", DOOR_NAME_MAX);
}

static int
add(struct conf *c, const struct conf_admin *wanted, struct keyword_args *a)
{
	const struct conf_admin *other;

	for (other = c->admins; other < c->admins + c->nadmins; other++)
		if (addr_equal(&other->addr, &wanted->addr))
			return value_fail(a, "%s is on line %u already",
			    a->words[0], other->line);
	if (c->nadmins == CONF_ADMIN_MAX)
		return value_fail(a, "expected at most %d addresses",
		    CONF_ADMIN_MAX);
	c->admins[c->nadmins++] = *wanted;
	return 0;
}

int
value_admin(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;
	struct conf_admin wanted = { .line = a->line };
	const int off = a->n == 1 && strcmp(a->words[0], "off") == 0;

	(void)k;
	if (off && c->admin_off > 0)
		return value_fail(a, "off is on line %u already",
		    c->admin_off);
	if (c->admin_off > 0 || (off && c->nadmins > 0))
		return value_fail(a, "off and an address, on line %u, do not "
		    "go together", c->admin_off > 0 ? c->admin_off :
		    c->admins[0].line);
	c->admin_off = off ? a->line : 0;
	if (off)
		return 0;
	if (a->n != 1 || door_parse(a->words[0], &wanted.addr) == -1)
		return fail(a);
	return add(c, &wanted, a);
}

void
value_admin_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf *c = base;
	char text[DOOR_TEXT];
	size_t i;

	if (c->nadmins == 0)
		fputs("off", o->f);
	for (i = 0; i < c->nadmins; i++) {
		if (i > 0)
			keyword_again(k, o);
		door_text(&c->admins[i].addr, text, sizeof(text));
		/* A name may have what only quotes make part of a word. */
		if (door_file(&c->admins[i].addr) != NULL)
			value_put_file(text, o->f);
		else
			fputs(text, o->f);
	}
}

/*
 * The service manager's directory for us, where there is one: the first, of
 * several with colons between them.
 */
static unsigned int
add_default(struct conf *c, conf_report *report)
{
	const char *dir = getenv("RUNTIME_DIRECTORY");
	struct conf_admin *a = &c->admins[0];
	char text[PATH_MAX + 32];

	if (dir == NULL || dir[0] == '\0')
		return 0;
	snprintf(text, sizeof(text), "unix:%.*s/" DEFAULT_NAME,
	    (int)strcspn(dir, ":"), dir);
	if (door_parse(text, &a->addr) == -1) {
		conf_error(c, 0, report, "admin: the default, %s, cannot be "
		    "one: expected an absolute file name of at most %d bytes "
		    "without blanks, or off", text, DOOR_NAME_MAX);
		return 1;
	}
	c->nadmins = 1;
	return 0;
}

unsigned int
value_admin_end(struct conf *c, conf_report *report)
{
	const struct conf_admin *a;
	unsigned int errors = 0;
	char text[DOOR_TEXT];

	if (c->nadmins == 0 && c->admin_off == 0)
		return add_default(c, report);
	for (a = c->admins; a < c->admins + c->nadmins; a++) {
		if (c->token_file[0] != '\0' || !door_is_remote(&a->addr))
			continue;
		conf_error(c, a->line, report, "admin: other machines can "
		    "reach %s: expected an `admin-token' with it",
		    door_text(&a->addr, text, sizeof(text)));
		errors++;
	}
	return errors;
}
