#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "common/fd.h"
#include "server/bpf.h"
#include "server/gate.h"
#include "server/steer.h"

/* What gate_code calls the maps. */
enum {
	GATE_MAP_WORDS,
	GATE_MAP_LISTENERS,
	GATE_MAPS
};

#include "server/gate_code.h"

static const struct bpf_program program = {
	"spindled_gate", BPF_PROG_TYPE_SOCKET_FILTER, 0,
	gate_code, sizeof(gate_code)
};

/* The kernel has a chain for each power of two: one more would double them. */
#define LISTENERS	(STEER_SLOTS * STEER_GROUPS)

static int
load(const struct gates *g, int words)
{
	const int maps[GATE_MAPS] = {
		[GATE_MAP_WORDS] = words,
		[GATE_MAP_LISTENERS] = g->listeners,
	};

	return bpf_load(&program, maps, GATE_MAPS, NULL, 0);
}

int
gates_open(struct gates *g, int words)
{
	void *p = mmap(NULL, STEER_COOKIES * sizeof(uint64_t),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
	    -1, 0);

	*g = (struct gates){ -1, -1, p == MAP_FAILED ? NULL : p };
	if (g->cookies == NULL || (g->listeners = bpf_hash_open(LISTENERS,
	    "spindled_gates")) == -1)
		return -1;
	g->prog = load(g, words);
	return g->prog == -1 ? -1 : 0;
}

void
gates_close(struct gates *g)
{
	const int saved = errno;

	if (g->cookies != NULL)
		munmap(g->cookies, STEER_COOKIES * sizeof(uint64_t));
	g->cookies = NULL;
	errno = saved;
	fd_drop(&g->prog);
	fd_drop(&g->listeners);
}

void
gates_leave(const struct gates *g)
{
	struct gates copy = *g;

	gates_close(&copy);
}

static uint64_t *
cookie_of(const struct gates *g, unsigned int slot, size_t n)
{
	return &g->cookies[(size_t)slot * STEER_GROUPS + n];
}

void
gate_remove(const struct gates *g, unsigned int slot, size_t n)
{
	uint64_t *cookie = cookie_of(g, slot, n);

	if (*cookie != 0)
		(void)bpf_hash_remove(g->listeners, *cookie);
	*cookie = 0;
}

int
gate_place(const struct gates *g, unsigned int slot, size_t n, int listener)
{
	uint64_t *cookie = cookie_of(g, slot, n);
	socklen_t len = sizeof(*cookie);

	if (getsockopt(listener, SOL_SOCKET, SO_COOKIE, cookie, &len) == -1 ||
	    bpf_hash_put(g->listeners, *cookie, steer_gate(slot)) == -1)
		return -1;
	return setsockopt(listener, SOL_SOCKET, SO_ATTACH_BPF, &g->prog,
	    sizeof(g->prog));
}

void
gate_open(volatile uint64_t *word, int defers)
{
	__atomic_store_n(word, defers ? GATE_DEFERS : 0, __ATOMIC_SEQ_CST);
}

uint64_t
gate_close(volatile uint64_t *word)
{
	return __atomic_fetch_or(word, GATE_CLOSED, __ATOMIC_SEQ_CST) &
	    GATE_COUNT;
}
