/*
 * The gate before a slot's own listeners, gate.h: a socket filter.
 *
 * What is here is not linked into the daemon: see steer.bpf.c.
 */
#include <linux/bpf.h>

#include "server/gate.h"

/* Of the 14th byte of a TCP header. */
#define TCP_FIN	0x01
#define TCP_SYN	0x02
#define TCP_RST	0x04
#define TCP_ACK	0x10

/* The maps.  Their addresses stand for them until gate.c puts them in. */
extern char gate_words, gate_listeners;

static void *(*const map_lookup)(void *, const void *) =
    (void *)BPF_FUNC_map_lookup_elem;
static long (*const load_bytes)(const struct __sk_buff *, uint32_t, void *,
    uint32_t) = (void *)BPF_FUNC_skb_load_bytes;
static uint64_t (*const socket_cookie)(struct __sk_buff *) =
    (void *)BPF_FUNC_get_socket_cookie;

/* How the socket is at this moment, which another processor may change. */
static inline uint32_t
state(struct __sk_buff *skb)
{
	return *(volatile uint32_t *)&skb->sk->state;
}

static inline volatile uint64_t *
word(struct __sk_buff *skb)
{
	const uint64_t cookie = socket_cookie(skb);
	const uint64_t *found = map_lookup(&gate_listeners, &cookie);
	uint32_t number;

	if (found == NULL)
		return NULL;
	number = (uint32_t)*found;
	return map_lookup(&gate_words, &number);
}

/*
 * Gives how much of a segment is kept: all, or 0.  One step counts it and asks
 * whether the gate is closed: what passes has been counted, for whoever closes
 * it.  What is counted behind that matters to nobody.
 *
 * Before the filter, the kernel has seen the listener listen.  If that has been
 * shut meanwhile, what passed here would be reset; but then the gate is closed.
 */
__attribute__((section("socket"), used))
int
gate(struct __sk_buff *skb)
{
	uint8_t tcp[2];		/* the length of the header, and the flags */
	int begins, bare;	/* a handshake; without data or end */
	volatile uint64_t *w;
	uint64_t was;

	if (skb->sk == NULL || (state(skb) != BPF_TCP_LISTEN &&
	    state(skb) != BPF_TCP_CLOSE) ||
	    load_bytes(skb, 12, tcp, sizeof(tcp)) != 0 ||
	    (tcp[1] & TCP_RST) != 0)
		return skb->len;
	begins = (tcp[1] & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	bare = (tcp[1] & TCP_FIN) == 0 && skb->len == (tcp[0] >> 4) * 4;
	if ((begins && bare) || (w = word(skb)) == NULL)
		return skb->len;
	was = *w;
	if (!begins && (!bare || (was & GATE_DEFERS) == 0))
		was = __sync_fetch_and_add(w, 1);
	return (was & GATE_CLOSED) != 0 ? 0 : skb->len;
}
