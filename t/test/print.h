/* What came of The Test, on standard output. */
#ifndef T_TEST_PRINT_H
#define T_TEST_PRINT_H

#include "t/test/trial.h"

/* For people. */
void	print_table(const struct trial *, enum problem, const char *evidence);

/* For programs: spindled-test(1) documents it. */
void	print_json(const struct trial *, enum problem, const char *evidence);

#endif
