#include <stdlib.h>

#include "t/stuck.h"

int
stuck_kernel(void)
{
	static int known, stuck;

	if (!known)
		stuck = system("t/loads-programs.sh >/dev/null 2>&1") != 0;
	known = 1;
	return stuck;
}
