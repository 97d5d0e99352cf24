#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/chars.h"
#include "common/json.h"
#include "common/units.h"
#include "server/admin/health.h"
#include "server/admin/metrics.h"
#include "server/admin/page.h"
#include "server/admin/params.h"
#include "server/admin/route.h"
#include "server/admin/status_json.h"
#include "server/admin/status_text.h"
#include "server/admin/why.h"
#include "server/recent.h"

#define TYPE_JSON	"application/json"
#define TYPE_TEXT	"text/plain; charset=utf-8"
#define TYPE_EVENTS	"text/event-stream"

/* Longer than anybody waits, and far from what a time can hold. */
#define FOR_MAX		(INT64_C(366) * 24 * 3600 * 1000000000)

/* What a handler works with. */
struct call {
	const struct route_ask *ask;
	struct look *look;
	struct http_slice star;	/* of the path: what stands for a `*' */
	struct route_reply *r;
	FILE *f;		/* the body */
};

static void
reply(struct route_reply *r, int status, const char *type)
{
	r->then = ROUTE_REPLY;
	r->status = status;
	r->type = type;
}

/* {"ok":true,"message":...}, or {"ok":false,"error":...}; or a line. */
static void
put_outcome(FILE *f, int status, const char *message, int text)
{
	struct json j = { .f = f };
	const int ok = status < 300;

	if (text) {
		fprintf(f, "%s\n", message);
		return;
	}
	json_object(&j, NULL);
	json_bool(&j, "ok", ok);
	json_string(&j, ok ? "message" : "error", message);
	json_end_object(&j);
	putc('\n', f);
}

static void
outcome(struct route_reply *r, int status, const char *message, int text)
{
	FILE *f = sheet_begin();

	reply(r, status, text ? TYPE_TEXT : TYPE_JSON);
	if (f == NULL)
		return;
	put_outcome(f, status, message, text);
	r->body = sheet_end(f);
}

void
route_refuse(struct route_reply *r, int status, const char *why, int text)
{
	if (status == 401)
		r->fields = "WWW-Authenticate: Bearer\r\n";
	outcome(r, status, why, text);
}

/* A handler's refusal: its body is not begun. */
static void
refuse(struct call *c, int status, const char *why)
{
	reply(c->r, status, c->r->text ? TYPE_TEXT : TYPE_JSON);
	put_outcome(c->f, status, why, c->r->text);
}

/* Takes the query apart; `as' is in each.  Gives 0, or -1: it is refused. */
static int
take_params(struct call *c, struct param *v, size_t n)
{
	const char *why = params_parse(c->ask->http->query, v, n);

	c->r->text = c->r->text || strcmp(v[0].value, "text") == 0;
	if (why == NULL && v[0].given && !c->r->text &&
	    strcmp(v[0].value, "json") != 0)
		why = "as: expected json or text";
	if (why != NULL)
		refuse(c, 400, why);
	return why == NULL ? 0 : -1;
}

/* What can be seen. */

static void
page(struct call *c)
{
	reply(c->r, 200, "text/html; charset=utf-8");
	c->r->fields = "Content-Security-Policy: default-src 'none'; "
	    "script-src " PAGE_SCRIPTS "; style-src " PAGE_STYLES "; "
	    "connect-src 'self'; img-src data:; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'\r\n";
	fwrite(page_html, 1, sizeof(page_html), c->f);
}

static void
health(struct call *c)
{
	reply(c->r, health_write(look_now(c->look), c->f), TYPE_TEXT);
}

static void
status(struct call *c)
{
	struct param v[] = { { .name = "as" }, { .name = "slots" } };

	c->r->text = 1;
	if (take_params(c, v, 2) == -1)
		return;
	reply(c->r, 200, TYPE_TEXT);
	status_text_write(look_now(c->look),
	    c->look->ticked ? c->look->tick : NULL,
	    strcmp(v[1].value, "all") == 0, c->f);
}

static void
status_json(struct call *c)
{
	struct param v[] = { { .name = "as" }, { .name = "slots" } };

	if (take_params(c, v, 2) == -1)
		return;
	reply(c->r, 200, TYPE_JSON);
	status_json_write(look_now(c->look), strcmp(v[1].value, "0") != 0,
	    c->f);
}

static void
metrics(struct call *c)
{
	reply(c->r, 200, METRICS_TYPE);
	metrics_write(look_now(c->look), c->f);
}

static void
events(struct call *c)
{
	reply(c->r, 200, TYPE_EVENTS);
	c->r->then = ROUTE_STREAM;
	tick_write_history(c->look->history, c->f);
}

static const struct snapshot_disk *
find_disk(const struct snapshot *s, struct http_slice name)
{
	size_t i;

	for (i = 0; i < s->ndisks; i++)
		if (strlen(s->disks[i].about.name) == name.len &&
		    memcmp(s->disks[i].about.name, name.p, name.len) == 0)
			return &s->disks[i];
	return NULL;
}

static void
disk(struct call *c)
{
	struct param v[] = { { .name = "as" } };
	const struct snapshot_disk *d;
	const struct snapshot *s;

	if (take_params(c, v, 1) == -1)
		return;
	s = look_now(c->look);
	if ((d = find_disk(s, c->star)) == NULL) {
		refuse(c, 404, "there is no such disk");
		return;
	}
	reply(c->r, 200, c->r->text ? TYPE_TEXT : TYPE_JSON);
	if (c->r->text)
		status_text_disk(d, s, c->f);
	else
		status_json_disk(d, s, c->f);
}

/* The id that the path has, 16 hexadecimal digits; 0: it is none. */
static uint64_t
parse_id(struct http_slice s)
{
	char text[RECENT_ID + 1];

	if (s.len != RECENT_ID ||
	    chars_span(s.p, s.p + s.len, CHARS_HEX) != s.p + s.len)
		return 0;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	return strtoull(text, NULL, 16);
}

static void
request(struct call *c)
{
	struct param v[] = { { .name = "as" } };
	const char *end = c->star.p + c->star.len;
	const uint64_t id = parse_id(c->star);
	struct recent found;
	int got;

	if (take_params(c, v, 1) == -1)
		return;
	if (chars_is_word(c->star.p, end, "last"))
		got = recent_last(&found);
	else if (chars_is_word(c->star.p, end, "slowest"))
		got = recent_slowest(&found);
	else if (id != 0)
		got = recent_find(id, &found);
	else {
		refuse(c, 404, "this is no id of a request: expected 16 "
		    "hexadecimal digits, last or slowest");
		return;
	}
	if (got == -1) {
		refuse(c, 404, id != 0 ? "no request of that id is among the "
		    "latest 4096 that have ended" : "no request has ended yet");
		return;
	}
	reply(c->r, 200, c->r->text ? TYPE_TEXT : TYPE_JSON);
	if (c->r->text)
		why_write_text(&found, c->f);
	else
		why_write_json(&found, c->f);
}

/* What the master can be asked for. */

static void
ask_master(struct call *c, enum channel_verb verb)
{
	struct channel_request *q = &c->r->request;

	c->r->then = ROUTE_MASTER;
	q->verb = verb;
	q->pid = c->ask->pid;
	strlcpy(q->from, c->ask->from, sizeof(q->from));
}

static void
condition(struct call *c)
{
	struct param v[] = {
		{ .name = "as" }, { .name = "name" }, { .name = "for" }
	};
	struct channel_request *q = &c->r->request;

	if (take_params(c, v, 3) == -1)
		return;
	if (c->star.len > CONF_NAME_MAX)
		c->star.len = 0;
	memcpy(q->name, c->star.p, c->star.len);
	if (!chars_is_name(q->name, CONF_NAME_MAX)) {
		refuse(c, 404, "there is no such disk");
		return;
	}
	if (!v[1].given) {
		refuse(c, 400, "name: expected a condition of the disk, or "
		    "schedule");
		return;
	}
	if (v[2].given && (units_time(v[2].value, &q->for_ns) == -1 ||
	    q->for_ns <= 0 || q->for_ns > FOR_MAX)) {
		refuse(c, 400, "for: expected a time, such as 20ms, 4s or 2m");
		return;
	}
	if (strlcpy(q->condition, v[1].value, sizeof(q->condition)) >=
	    sizeof(q->condition) || (v[1].value[0] != '\0' &&
	    !chars_is_name(v[1].value, SCHEDULE_NAME_MAX))) {
		refuse(c, 400, "name: expected a condition of the disk, or "
		    "schedule");
		return;
	}
	ask_master(c, CHANNEL_CONDITION);
}

static void
workers(struct call *c)
{
	struct param v[] = { { .name = "as" }, { .name = "n" } };
	const char *p, *end, *wrong = "none";

	if (take_params(c, v, 2) == -1)
		return;
	p = v[1].value;
	end = p + strlen(p);
	/* strtonum(3) takes blanks and signs in front; a number has none. */
	if (p < end && chars_span(p, end, CHARS_DIGIT) == end)
		c->r->request.n = strtonum(p, 1, CONF_WORKERS_MAX, &wrong);
	if (wrong != NULL) {
		refuse(c, 400, "n: expected a number from 1 to 16384");
		return;
	}
	ask_master(c, CHANNEL_WORKERS);
}

static void
plain(struct call *c, enum channel_verb verb)
{
	struct param v[] = { { .name = "as" } };

	if (take_params(c, v, 1) == 0)
		ask_master(c, verb);
}

static void
reload(struct call *c)
{
	plain(c, CHANNEL_RELOAD);
}

static void
upgrade(struct call *c)
{
	plain(c, CHANNEL_UPGRADE);
}

static void
drain(struct call *c)
{
	plain(c, CHANNEL_DRAIN);
}

static const struct route {
	const char *path;	/* `*' stands for one segment */
	enum guard_kind kind;
	int text;		/* what is refused goes to a person */
	void	(*answer)(struct call *);
} routes[] = {
	{ "/", GUARD_PAGE, 1, page },
	{ "/healthz", GUARD_READ, 1, health },
	{ "/status", GUARD_READ, 1, status },
	{ "/status.json", GUARD_READ, 0, status_json },
	{ "/metrics", GUARD_READ, 1, metrics },
	{ "/events", GUARD_READ, 1, events },
	{ "/disks/*", GUARD_READ, 0, disk },
	{ "/requests/*", GUARD_READ, 0, request },
	{ "/disks/*/condition", GUARD_CHANGE, 0, condition },
	{ "/workers", GUARD_CHANGE, 0, workers },
	{ "/reload", GUARD_CHANGE, 0, reload },
	{ "/upgrade", GUARD_CHANGE, 0, upgrade },
	{ "/drain", GUARD_CHANGE, 0, drain },
};

/* Whether the path is a pattern's, and what its star stands for. */
static int
matches(const char *pattern, struct http_slice path, struct http_slice *star)
{
	const char *p = path.p, *end = path.p + path.len;

	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '*') {
			if (p == end || *p++ != *pattern)
				return 0;
			continue;
		}
		for (star->p = p; p < end && *p != '/'; p++)
			;
		star->len = (size_t)(p - star->p);
		if (star->len == 0)
			return 0;
	}
	return p == end;
}

static const struct route *
find(struct http_slice path, struct http_slice *star)
{
	size_t i;

	for (i = 0; path.p != NULL && i < sizeof(routes) / sizeof(routes[0]);
	    i++)
		if (matches(routes[i].path, path, star))
			return &routes[i];
	return NULL;
}

static int
has_method(const struct route *route, const struct http_request *http)
{
	return route->kind == GUARD_CHANGE ? http->method == HTTP_POST :
	    http->method == HTTP_GET || http->method == HTTP_HEAD;
}

void
route_answer(const struct route_ask *a, struct look *look,
    struct route_reply *r)
{
	struct call c = { .ask = a, .look = look, .r = r };
	const struct route *route;
	const char *why;
	int refused;

	memset(r, 0, sizeof(*r));
	route = find(a->http->path, &c.star);
	refused = guard_judge(a->http, a->way, route == NULL ||
	    !has_method(route, a->http) ? GUARD_READ : route->kind,
	    look->token, &why);
	if (refused == 0 && route == NULL) {
		refused = 404;
		why = "there is nothing of that name";
	} else if (refused == 0 && !has_method(route, a->http)) {
		refused = 405;
		why = "another method than this path has";
		r->fields = route->kind == GUARD_CHANGE ?
		    "Allow: POST\r\n" : "Allow: GET, HEAD\r\n";
	} else if (refused == 0 && a->http->has_body) {
		refused = 400;
		why = "a body, where all that counts is in the query";
	}
	if (refused != 0) {
		route_refuse(r, refused, why, route == NULL || route->text);
		return;
	}
	if ((c.f = sheet_begin()) == NULL)
		return;
	route->answer(&c);
	r->body = sheet_end(c.f);
}

void
route_conclude(const struct channel_reply *m, struct route_reply *r)
{
	static const int statuses[CHANNEL_RESULTS] = {
		[CHANNEL_DONE] = 200, [CHANNEL_BAD] = 400,
		[CHANNEL_NONE] = 404, [CHANNEL_REFUSED] = 409,
	};

	outcome(r, m->result < CHANNEL_RESULTS ? statuses[m->result] : 500,
	    m->text, r->text);
}
