#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "common/fd.h"
#include "server/bpf.h"
#include "server/gate.h"

/* What gate_code calls the map. */
enum { GATE_MAP_WORDS };

#include "server/gate_code.h"

static const struct bpf_program program = {
	"spindled_gate", BPF_PROG_TYPE_SOCKET_FILTER, 0,
	gate_code, sizeof(gate_code)
};

int
gates_open(struct gates *g)
{
	g->prog = -1;
	g->map = bpf_map_open(BPF_MAP_TYPE_ARRAY, GATES, BPF_F_MMAPABLE,
	    "spindled_gates");
	if (g->map != -1)
		g->prog = bpf_load(&program, &g->map, 1, NULL, 0);
	return g->prog == -1 ? -1 : 0;
}

void
gates_close(struct gates *g)
{
	fd_drop(&g->prog);
	fd_drop(&g->map);
}

static uintptr_t
page_size(void)
{
	return (uintptr_t)sysconf(_SC_PAGESIZE);
}

/* Of the map, the page that the word is in. */
static int
map_word(struct gate *g, const struct gates *gs, uint64_t number)
{
	const uintptr_t at = number * sizeof(uint64_t);
	const uintptr_t in_page = at % page_size();
	char *page;

	page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED,
	    gs->map, (off_t)(at - in_page));
	if (page == MAP_FAILED)
		return -1;
	g->word = (volatile uint64_t *)(uintptr_t)(page + in_page);
	return 0;
}

int
gate_open(struct gate *g, const struct gates *gs, int listener, int deferral)
{
	uint64_t cookie;
	socklen_t len = sizeof(cookie);

	g->word = NULL;
	if (getsockopt(listener, SOL_SOCKET, SO_COOKIE, &cookie, &len) == -1 ||
	    map_word(g, gs, cookie % GATES) == -1)
		return -1;
	*g->word = deferral > 0 ? GATE_DEFERS : 0;
	if (setsockopt(listener, SOL_SOCKET, SO_ATTACH_BPF, &gs->prog,
	    sizeof(gs->prog)) == -1) {
		gate_free(g);
		return -1;
	}
	return 0;
}

void
gate_free(struct gate *g)
{
	const int saved = errno;

	if (g->word != NULL)
		munmap((void *)((uintptr_t)g->word & ~(page_size() - 1)),
		    page_size());
	g->word = NULL;
	errno = saved;
}

void
gate_reset(const struct gate *g)
{
	__atomic_fetch_and(g->word, GATE_DEFERS, __ATOMIC_SEQ_CST);
}

uint64_t
gate_close(const struct gate *g)
{
	return __atomic_fetch_or(g->word, GATE_CLOSED, __ATOMIC_SEQ_CST) &
	    GATE_COUNT;
}
