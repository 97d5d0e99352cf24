/*
 * What the fuzz targets have in common: laws, bytes that nobody can read
 * beyond, and choices.
 */
#ifndef T_FUZZ_FUZZ_H
#define T_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The target, which libFuzzer calls with one input after the other. */
int	LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A law that every input keeps; one that does not is a finding. */
#define FUZZ_LAW(kept, law) \
	do { \
		if (!(kept)) \
			fuzz_broken(__FILE__, __LINE__, law); \
	} while (0)

void	fuzz_broken(const char *file, int line, const char *law)
	    __attribute__((noreturn));

/*
 * A copy of the bytes, with nothing readable around it, to be freed.  Of none
 * it is a pointer all the same.
 */
char	*fuzz_copy(const void *bytes, size_t len);

/* The same with a NUL behind it; one among the bytes is the end of them. */
char	*fuzz_string(const void *bytes, size_t len);

/* From now on, these bytes of such a copy cannot be read; or they can. */
void	fuzz_hide(const char *, size_t len);
void	fuzz_show(const char *, size_t len);

/*
 * Choices that are not the input's own bytes, and yet only depend on them: so
 * a seed is what the parser reads and nothing else, and a finding is found
 * again.
 */
struct fuzz_dice {
	uint64_t key;		/* of the input */
	uint64_t n;		/* choices so far */
};

void	fuzz_dice(struct fuzz_dice *, const void *bytes, size_t len);

/* One of 0 to n - 1. */
size_t	fuzz_choose(struct fuzz_dice *, size_t n);

/* Whether a message is one line of printable ASCII, and not empty. */
int	fuzz_is_message(const char *);

#endif
