#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "server/admin/token.h"

/* What a credential of this kind can be made of (RFC 6750, 2.1). */
#define LETTERS	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define BYTES	LETTERS "0123456789-._~+/="

static struct token *token;

int
token_open(void)
{
	void *p = mmap(NULL, sizeof(*token), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	token = p;
	return token_share(0);
}

void
token_set(struct token *t)
{
	*token = *t;
	explicit_bzero(t, sizeof(*t));
}

const struct token *
token_get(void)
{
	return token != NULL && token->len > 0 ? token : NULL;
}

int
token_share(int on)
{
	return madvise(token, sizeof(*token),
	    on ? MADV_KEEPONFORK : MADV_WIPEONFORK);
}

/* The first line is the token.  Gives why it is none, or NULL. */
static const char *
take_line(struct token *t, char *text)
{
	text[strcspn(text, "\r\n")] = '\0';
	t->len = strlen(text);
	if (t->len < TOKEN_MIN || t->len > TOKEN_MAX)
		return "its first line has not 16 to 256 bytes";
	if (strspn(text, BYTES) != t->len)
		return "its first line has something else in it than letters, "
		    "digits, and any of -._~+/=";
	strlcpy(t->text, text, sizeof(t->text));
	return NULL;
}

static const char *
read_from(struct token *t, int fd)
{
	char text[TOKEN_MAX + 3];
	const char *why;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no regular file";
	if (st.st_mode & S_IRWXO)
		return "others may read or write it: expected a mode like 0600 "
		    "or 0640";
	if ((n = read(fd, text, sizeof(text) - 1)) == -1)
		return strerror(errno);
	text[n] = '\0';
	why = take_line(t, text);
	explicit_bzero(text, sizeof(text));
	return why;
}

unsigned int
token_read(struct token *t, const struct conf *c, conf_report *report)
{
	const char *why;
	int fd;

	memset(t, 0, sizeof(*t));
	if (c->token_file[0] == '\0')
		return 0;
	fd = open(c->token_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	why = fd == -1 ? strerror(errno) : read_from(t, fd);
	if (fd != -1)
		close(fd);
	if (why == NULL)
		return 0;
	explicit_bzero(t, sizeof(*t));
	conf_error(c, c->token_at, report, "admin-token: %s: %s",
	    c->token_file, why);
	return 1;
}
