#include <ctype.h>

#include "t/traffic/chunks.h"

/* Larger chunks than these 15 hexadecimal digits say there are none. */
#define DIGITS	15

void
chunks_start(struct chunks *c)
{
	c->part = CHUNKS_SIZE;
	c->digits = 0;
	c->left = 0;
	c->line = 0;
}

static enum chunks_part
behind_size(const struct chunks *c)
{
	if (c->digits == 0)
		return CHUNKS_BAD;
	return c->left == 0 ? CHUNKS_TRAILER : CHUNKS_DATA;
}

static void
take_size(struct chunks *c, char byte)
{
	const int lower = tolower((unsigned char)byte);

	if (isxdigit((unsigned char)byte) && c->digits < DIGITS) {
		c->left = c->left * 16 +
		    (lower <= '9' ? lower - '0' : lower - 'a' + 10);
		c->digits++;
	} else if (byte == '\n') {
		c->part = behind_size(c);
	} else if (byte == ';' || byte == ' ' || byte == '\t') {
		c->part = CHUNKS_EXTENSION;
	} else if (byte != '\r') {
		c->part = CHUNKS_BAD;
	}
}

static void
take(struct chunks *c, char byte)
{
	switch (c->part) {
	case CHUNKS_SIZE:
		take_size(c, byte);
		break;
	case CHUNKS_EXTENSION:
		if (byte == '\n')
			c->part = behind_size(c);
		break;
	case CHUNKS_BEHIND_DATA:
		if (byte == '\n')
			chunks_start(c);
		else if (byte != '\r')
			c->part = CHUNKS_BAD;
		break;
	case CHUNKS_TRAILER:
		if (byte == '\n' && c->line == 0)
			c->part = CHUNKS_END;
		else if (byte != '\r')
			c->line = byte == '\n' ? 0 : c->line + 1;
		break;
	default:
		break;
	}
}

size_t
chunks_feed(struct chunks *c, const char *p, size_t len)
{
	size_t i = 0, some, data = 0;

	while (i < len && c->part != CHUNKS_END && c->part != CHUNKS_BAD) {
		if (c->part != CHUNKS_DATA) {
			take(c, p[i++]);
			continue;
		}
		some = len - i;
		if ((int64_t)some >= c->left) {
			some = (size_t)c->left;
			c->part = CHUNKS_BEHIND_DATA;
		}
		c->left -= (int64_t)some;
		data += some;
		i += some;
	}
	return data;
}
