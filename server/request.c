#include "common/draw.h"
#include "server/request.h"

/*
 * The first segment of the name picks the disk.  Where it does, it is no part
 * of the object's name.
 */
static void
pick_disk(struct exchange *x, const struct conf *c)
{
	const struct wire *w = &x->wire;
	size_t first = wire_disk(w);

	x->disk = conf_disk(c, w->name, first);
	if (x->disk == &c->disks[0])
		first = 0;
	else if (first < w->name_len)
		first++;	/* its slash */
	x->name.p = w->name + first;
	x->name.len = w->name_len - first;
}

void
request_judge(struct exchange *x, const struct conf *c, enum conn_result got)
{
	const char *why;

	if (got == CONN_LATE) {
		exchange_fail(x, ERROR_LATE, 408,
		    "the request was not complete within request-timeout");
	} else if (got == CONN_BAD) {
		exchange_fail(x, ERROR_BAD_REQUEST, x->http.status,
		    x->http.why);
	} else if (x->http.method != HTTP_GET &&
	    x->http.method != HTTP_HEAD) {
		exchange_fail(x, ERROR_BAD_REQUEST, 405,
		    "only GET and HEAD are served here");
	} else if (c->queue_timeout != CONF_OFF &&
	    x->queue >= c->queue_timeout) {
		exchange_fail(x, ERROR_QUEUE_TIMEOUT,
		    (int)c->queue_timeout_status,
		    "the request waited longer than queue-timeout");
	} else if ((why = wire_parse(x->http.path.p, x->http.path.len,
	    c->max_delay, &x->wire)) != NULL ||
	    (why = ask_parse(x->http.query.p, x->http.query.len,
	    c->max_delay, CONF_OBJECT_MAX, &x->ask)) != NULL) {
		exchange_fail(x, ERROR_BAD_REQUEST, 400, why);
	} else {
		pick_disk(x, c);
	}
}

/* The query is more precise than the wire form, which has no way to say no. */
struct request_wish
request_wish(const struct exchange *x)
{
	const uint64_t key = x->read.key;
	struct request_wish wish = {
		.delay = ask_delay(&x->ask, draw_unit(key, MODEL_ASK_DELAY)),
		.size = ask_size(&x->ask, draw_unit(key, MODEL_ASK_SIZE)),
		.status = ask_status(&x->ask,
		    draw_unit(key, MODEL_ASK_STATUS)),
		.close = ask_close(&x->ask, draw_unit(key, MODEL_ASK_CLOSE)),
	};

	if (wish.delay < 0 && x->wire.delay != WIRE_BY_MODEL)
		wish.delay = x->wire.delay;
	/* A 200 of the wire form is no wish: it is always there. */
	if (wish.status < 0 && x->wire.status != 200)
		wish.status = x->wire.status;
	return wish;
}
