#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "common/fd.h"
#include "server/bpf.h"
#include "server/steer.h"

/* What steer_code calls the maps. */
enum {
	STEER_MAP_WORDS,
	STEER_MAP_GROUP,
	STEER_MAPS
};

#include "server/steer_code.h"

static const struct bpf_program steer_program = {
	"spindled_steer", BPF_PROG_TYPE_SK_REUSEPORT,
	BPF_SK_REUSEPORT_SELECT_OR_MIGRATE, steer_code, sizeof(steer_code)
};

int
steer_open(struct steer *s)
{
	void *p;

	s->words = NULL;
	s->gates = (struct gates){ -1, -1, NULL };
	s->fd = bpf_map_open(BPF_MAP_TYPE_ARRAY, STEER_WORDS, BPF_F_MMAPABLE,
	    "spindled_idle");
	if (s->fd == -1)
		return -1;
	if (gates_open(&s->gates, s->fd) == -1) {
		steer_close(s);
		return -1;
	}
	p = mmap(NULL, STEER_WORDS * sizeof(uint64_t), PROT_READ | PROT_WRITE,
	    MAP_SHARED, s->fd, 0);
	if (p == MAP_FAILED) {
		steer_close(s);
		return -1;
	}
	s->words = p;
	return 0;
}

void
steer_close(struct steer *s)
{
	if (s->words != NULL)
		munmap((void *)(uintptr_t)s->words,
		    STEER_WORDS * sizeof(uint64_t));
	s->words = NULL;
	gates_close(&s->gates);
	fd_drop(&s->fd);
}

static int
group_map(void)
{
	return bpf_map_open(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, STEER_SLOTS + 1,
	    0, "spindled_group");
}

static int
load(const struct steer *s, int group, char *log, size_t size)
{
	const int maps[STEER_MAPS] = {
		[STEER_MAP_WORDS] = s->fd,
		[STEER_MAP_GROUP] = group,
	};

	return bpf_load(&steer_program, maps, STEER_MAPS, log, size);
}

int
steer_group_prepare(struct steer_group *g, const struct steer *s, int shared)
{
	int saved;

	g->prog = -1;
	if ((g->fd = group_map()) == -1)
		return -1;
	/* The program comes last: without this listener, it has no choice. */
	if (steer_group_put(g, STEER_SHARED, shared) == -1) {
		fd_drop(&g->fd);
		return -1;
	}
	if ((g->prog = load(s, g->fd, NULL, 0)) == -1) {
		/* The kernel frees the map later; the listener, now. */
		saved = errno;
		bpf_map_remove(g->fd, STEER_SHARED);
		errno = saved;
		fd_drop(&g->fd);
		return -1;
	}
	return 0;
}

/* The sockets keep the program, and it keeps the maps: prog can be closed. */
int
steer_group_attach(struct steer_group *g, int shared)
{
	int error = setsockopt(shared, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF,
	    &g->prog, sizeof(g->prog));

	fd_drop(&g->prog);
	return error;
}

int
steer_group_open(struct steer_group *g, const struct steer *s, int shared)
{
	int saved;

	if (steer_group_prepare(g, s, shared) == -1)
		return -1;
	if (steer_group_attach(g, shared) == -1) {
		saved = errno;
		bpf_map_remove(g->fd, STEER_SHARED);
		errno = saved;
		fd_drop(&g->fd);
		return -1;
	}
	return 0;
}

void
steer_group_leave(const struct steer_group *g)
{
	if (g->prog != -1)
		close(g->prog);
}

void
steer_group_close(struct steer_group *g)
{
	fd_drop(&g->prog);
	fd_drop(&g->fd);
}

int
steer_group_put(const struct steer_group *g, unsigned int slot, int fd)
{
	return bpf_map_put(g->fd, slot, (uint64_t)fd);
}

/*
 * The order matters: who clears a bit of the summary looks at the word
 * afterwards (steer.bpf.c).  Both are always written, so that a worker that
 * becomes idle mends whatever is amiss.
 */
void
steer_idle(const struct steer *s, unsigned int slot)
{
	unsigned int word = slot / 64;

	__atomic_fetch_or(&s->words[word], UINT64_C(1) << slot % 64,
	    __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&s->words[STEER_SUMMARY + word / 64],
	    UINT64_C(1) << word % 64, __ATOMIC_SEQ_CST);
}

/* The summary is left alone: only the program may clear a bit of it. */
int
steer_busy(const struct steer *s, unsigned int slot)
{
	const uint64_t bit = UINT64_C(1) << slot % 64;

	return (__atomic_fetch_and(&s->words[slot / 64], ~bit,
	    __ATOMIC_SEQ_CST) & bit) != 0;
}

uint32_t
steer_gate(unsigned int slot)
{
	return STEER_GATES + slot % STEER_LINES * 8 + slot / STEER_LINES;
}

uint64_t
steer_count(const struct steer *s, enum steer_count n)
{
	return __atomic_load_n(&s->words[STEER_COUNTS + n], __ATOMIC_RELAXED);
}

int
steer_explain(const struct steer *s, char *log, size_t size)
{
	int group, prog;

	log[0] = '\0';
	if ((group = group_map()) == -1)
		return -1;
	prog = load(s, group, log, size);
	fd_drop(&group);
	if (prog == -1)
		return -1;
	close(prog);
	return 0;
}
