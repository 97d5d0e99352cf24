#include <string.h>

#include "common/chars.h"
#include "server/admin/params.h"

/* Gives what is wrong, or NULL. */
static const char *
decode(const char *p, const char *end, char value[PARAM_MAX])
{
	size_t n = 0;
	int c;

	while (p < end) {
		c = *p == '%' ? chars_encoded(p, end) :
		    *p == '+' ? ' ' : (unsigned char)*p;
		if (c < ' ' || c == 0x7f)
			return "a control character in a parameter";
		if (n == PARAM_MAX - 1)
			return "a parameter is too long";
		value[n++] = (char)c;
		p += *p == '%' ? 3 : 1;
	}
	value[n] = '\0';
	return NULL;
}

static struct param *
find(const char *p, const char *end, struct param *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((size_t)(end - p) == strlen(v[i].name) &&
		    memcmp(p, v[i].name, (size_t)(end - p)) == 0)
			return &v[i];
	return NULL;
}

static const char *
take(const char *p, const char *end, struct param *v, size_t n)
{
	const char *equals = memchr(p, '=', (size_t)(end - p));
	struct param *param;

	param = find(p, equals != NULL ? equals : end, v, n);
	if (param == NULL)
		return "a parameter that is not known here";
	if (param->given)
		return "a parameter that is there twice";
	param->given = 1;
	return equals == NULL ? NULL : decode(equals + 1, end, param->value);
}

const char *
params_parse(struct http_slice query, struct param *v, size_t n)
{
	const char *p = query.p, *end, *next, *why;

	if (p == NULL)
		return NULL;
	for (end = p + query.len; p < end; p = next + 1) {
		if ((next = memchr(p, '&', (size_t)(end - p))) == NULL)
			next = end;
		if (next > p && (why = take(p, next, v, n)) != NULL)
			return why;
	}
	return NULL;
}
