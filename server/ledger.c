#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/ledger.h"

#define MAGIC	"spindled ledger"
#define SEALS	(F_SEAL_SHRINK | F_SEAL_GROW)

struct entry {
	char name[LEDGER_NAME];
	_Atomic uint64_t value;
};

struct ledger_file {
	char magic[16];
	_Atomic uint64_t n;		/* entries */
	_Atomic uint64_t final;
	int64_t writer;			/* its process id */
	uint64_t unused[3];
	struct entry v[];
};

_Static_assert(sizeof(struct entry) == 64, "the same in every version");
_Static_assert(sizeof(struct ledger_file) == 64, "likewise");

/* Nobody can make it shorter, which would kill whoever reads it. */
int
ledger_create(struct ledger *l, size_t room)
{
	memset(l, 0, sizeof(*l));
	l->size = sizeof(*l->file) + room * sizeof(struct entry);
	l->room = room;
	l->file = MAP_FAILED;
	l->fd = memfd_create("spindled totals",
	    MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (l->fd != -1 && ftruncate(l->fd, (off_t)l->size) == 0 &&
	    fcntl(l->fd, F_ADD_SEALS, SEALS) == 0 &&
	    (l->next = calloc(room, sizeof(*l->next))) != NULL)
		l->file = mmap(NULL, l->size, PROT_READ | PROT_WRITE,
		    MAP_SHARED, l->fd, 0);
	if (l->file == MAP_FAILED) {
		l->file = NULL;
		ledger_close(l);
		return -1;
	}
	memcpy(l->file->magic, MAGIC, sizeof(MAGIC));
	l->file->writer = getpid();
	return 0;
}

void
ledger_begin(struct ledger *l)
{
	memset(l->next, 0, l->room * sizeof(*l->next));
	l->at = 0;
}

int
ledger_is_max(const char *name)
{
	const size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, " max") == 0;
}

/* Where the name is, or l->n.  They mostly come in the order of before. */
static size_t
find(const struct ledger *l, const char *name)
{
	size_t i, k;

	for (k = 0; k < l->n; k++) {
		i = (l->at + k) % l->n;
		if (strcmp(l->file->v[i].name, name) == 0)
			return i;
	}
	return l->n;
}

static void
add_at(struct ledger *l, size_t i, const char *name, uint64_t value)
{
	if (i == l->n) {
		if (l->n == l->room)
			return;
		strlcpy(l->file->v[i].name, name, LEDGER_NAME);
		l->n++;
	}
	if (!ledger_is_max(name))
		l->next[i] += value;
	else if (value > l->next[i])
		l->next[i] = value;
	l->at = i + 1;
}

void
ledger_put(struct ledger *l, const char *name, uint64_t value)
{
	add_at(l, l->at, name, value);
}

void
ledger_add(struct ledger *l, const char *name, uint64_t value)
{
	add_at(l, find(l, name), name, value);
}

void
ledger_publish(struct ledger *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		atomic_store_explicit(&l->file->v[i].value, l->next[i],
		    memory_order_relaxed);
	l->file->n = l->n;
}

void
ledger_end(struct ledger *l)
{
	l->file->final = 1;
}

int
ledger_open(struct ledger *l, int fd)
{
	struct stat st;
	size_t i;
	int seals;

	memset(l, 0, sizeof(*l));
	l->fd = fd;
	if ((seals = fcntl(fd, F_GET_SEALS)) == -1 || !(seals & F_SEAL_SHRINK) ||
	    fstat(fd, &st) == -1 || st.st_size < (off_t)sizeof(*l->file))
		return -1;
	l->size = (size_t)st.st_size;
	l->file = mmap(NULL, l->size, PROT_READ, MAP_SHARED, fd, 0);
	if (l->file == MAP_FAILED) {
		l->file = NULL;
		return -1;
	}
	l->n = l->file->n;
	if (memcmp(l->file->magic, MAGIC, sizeof(MAGIC)) != 0 ||
	    l->n > (l->size - sizeof(*l->file)) / sizeof(struct entry))
		return -1;
	for (i = 0; i < l->n; i++)
		if (memchr(l->file->v[i].name, '\0', LEDGER_NAME) == NULL)
			return -1;
	return 0;
}

const char *
ledger_name(const struct ledger *l, size_t i)
{
	return l->file->v[i].name;
}

uint64_t
ledger_value(const struct ledger *l, size_t i)
{
	return atomic_load_explicit(&l->file->v[i].value,
	    memory_order_relaxed);
}

int
ledger_is_final(const struct ledger *l)
{
	/* Of another process with its id, this is wrong, and harmless. */
	return l->file->final ||
	    (kill((pid_t)l->file->writer, 0) == -1 && errno == ESRCH);
}

void
ledger_leave(const struct ledger *l)
{
	munmap(l->file, l->size);
	close(l->fd);
}

void
ledger_close(struct ledger *l)
{
	if (l->file != NULL)
		munmap(l->file, l->size);
	if (l->fd != -1)
		close(l->fd);
	free(l->next);
	memset(l, 0, sizeof(*l));
	l->fd = -1;
}
