/*
 * bpf(2), as far as we need it; the C library has no function for it.
 *
 * Descriptors that are opened here close on exec.  What fails gives -1 and
 * errno.
 */
#ifndef SERVER_BPF_H
#define SERVER_BPF_H

#include <linux/bpf.h>

#include <stddef.h>
#include <stdint.h>

/* A program and what it is to be loaded as.  name: at most 15 characters. */
struct bpf_program {
	const char *name;
	enum bpf_prog_type type;
	uint32_t attach;		/* enum bpf_attach_type, or 0 */
	const struct bpf_insn *code;
	size_t size;			/* of code, in bytes */
};

/*
 * Makes a map from numbers below entries to 64-bit values.  flags: BPF_F_*.
 * name: at most 15 characters.  Needs CAP_BPF.
 */
int	bpf_map_open(enum bpf_map_type, uint32_t entries, uint32_t flags,
	    const char *name);

/* The same from up to so many 64-bit numbers, with any value. */
int	bpf_hash_open(uint32_t entries, const char *name);

/* These need nothing but the descriptor. */
int	bpf_map_put(int map, uint32_t key, uint64_t value);
int	bpf_map_remove(int map, uint32_t key);
int	bpf_hash_put(int map, uint64_t key, uint64_t value);
int	bpf_hash_remove(int map, uint64_t key);

/*
 * Loads a program; maps are the descriptors that its code has the indexes of,
 * nmaps of them, 4 at most.  Needs CAP_BPF.  Unless log is NULL, it gets what
 * the verifier has to say in brief; its size is 256 at least.  ETIMEDOUT: the
 * kernel did not come back within 5 seconds, and is not asked again.
 */
int	bpf_load(const struct bpf_program *, const int *maps, size_t nmaps,
	    char *log, size_t size);

#endif
