/*
 * Replies, as the load client reads them from whatever server it is pointed
 * at.  The input is all that the server sends before it closes.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "t/fuzz/fuzz.h"
#include "t/traffic/reply.h"

/*
 * Feeds it in pieces of at most so many bytes, each of them by itself, until
 * the client would stop, or the connection ends.
 */
static enum reply_state
feed(struct reply *r, const char *p, size_t len, size_t most,
    struct fuzz_dice *d)
{
	enum reply_state state = REPLY_MORE;
	size_t n;
	char *piece;

	reply_start(r);
	for (; len > 0 && state == REPLY_MORE; p += n, len -= n) {
		n = d == NULL ? len : 1 + fuzz_choose(d, most);
		if (n > len)
			n = len;
		piece = fuzz_copy(p, n);
		state = reply_feed(r, piece, n);
		free(piece);
	}
	return state == REPLY_MORE ? reply_end(r) : state;
}

static int
has_status(const struct reply *r)
{
	const char *p = r->head + strlen("HTTP/1.1 ");

	return p[-1] == ' ' && isdigit((unsigned char)p[0]) &&
	    isdigit((unsigned char)p[1]) && isdigit((unsigned char)p[2]) &&
	    !isdigit((unsigned char)p[3]) &&
	    r->status == 100 * (p[0] - '0') + 10 * (p[1] - '0') + p[2] - '0';
}

static void
check_done(const struct reply *r, size_t len)
{
	FUZZ_LAW(has_status(r) && r->status >= 200 && r->status <= 599,
	    "a reply has a status of three digits, 200 to 599");
	FUZZ_LAW(r->body >= 0 && (size_t)r->body <= len,
	    "a body is no longer than what came");
	FUZZ_LAW(r->framing != REPLY_LENGTH || r->body == r->length,
	    "a body is as long as its head says");
	FUZZ_LAW(r->framing != REPLY_CHUNKED ||
	    r->chunks.part == CHUNKS_END, "the last chunk has come");
	FUZZ_LAW(r->queue >= -1 && r->disk >= -1,
	    "a time is not negative, or is missing");
}

static int
same(const struct reply *a, const struct reply *b)
{
	return a->status == b->status && a->framing == b->framing &&
	    a->body == b->body && a->queue == b->queue && a->disk == b->disk &&
	    (a->framing != REPLY_LENGTH || a->length == b->length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct reply whole, pieces;
	const char *p = (const char *)bytes;
	enum reply_state state = feed(&whole, p, len, len, NULL);
	struct fuzz_dice d;

	FUZZ_LAW(state != REPLY_MORE, "a connection's end ends a reply");
	FUZZ_LAW(whole.head_len < sizeof(whole.head) &&
	    whole.head[whole.head_len] == '\0', "the head is in its room");
	if (state == REPLY_DONE)
		check_done(&whole, len);
	fuzz_dice(&d, bytes, len);
	FUZZ_LAW(feed(&pieces, p, len, 1 + fuzz_choose(&d, 1 + len), &d) ==
	    state && (state == REPLY_BAD || same(&whole, &pieces)),
	    "pieces are what the whole is");
	return 0;
}
