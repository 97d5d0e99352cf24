/*
 * The gate before a listener, gate.h: a socket filter.
 *
 * What is here is not linked into the daemon: see steer.bpf.c.
 */
#include <linux/bpf.h>

#include "server/gate.h"

/* Of the 14th byte of a TCP header. */
#define TCP_FIN	0x01
#define TCP_SYN	0x02
#define TCP_RST	0x04

/* The map.  Its address stands for it until gate.c puts it in. */
extern char gate_words;

static void *(*const map_lookup)(void *, const uint32_t *) =
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

/*
 * Gives how much of a segment is kept: all, or 0.  One step counts it and asks
 * whether the gate is closed: what passes has been counted, for whoever closes
 * it.  What is counted behind that matters to nobody.
 *
 * Before the filter, the kernel has seen the listener listen.  If that has been
 * shut meanwhile, what passed here would be reset.  This is asked last: who has
 * closed the gate, shuts, and opens it again.
 *
 * While a listener defers, the kernel ignores a bare ACK.
 */
__attribute__((section("socket"), used))
int
gate(struct __sk_buff *skb)
{
	volatile uint64_t *word;
	uint64_t was;
	uint8_t tcp[2];		/* the length of the header, and the flags */
	uint32_t number;

	if (skb->sk == NULL || (state(skb) != BPF_TCP_LISTEN &&
	    state(skb) != BPF_TCP_CLOSE) ||
	    load_bytes(skb, 12, tcp, sizeof(tcp)) != 0 ||
	    (tcp[1] & (TCP_SYN | TCP_RST)) != 0)
		return skb->len;
	number = socket_cookie(skb) % GATES;
	if ((word = map_lookup(&gate_words, &number)) == NULL)
		return skb->len;
	was = *word;
	if ((tcp[1] & TCP_FIN) != 0 || skb->len != (tcp[0] >> 4) * 4 ||
	    (was & GATE_DEFERS) == 0)
		was = __sync_fetch_and_add(word, 1);
	if ((was & GATE_CLOSED) != 0 || skb->sk == NULL ||
	    state(skb) == BPF_TCP_CLOSE)
		return 0;
	return skb->len;
}
