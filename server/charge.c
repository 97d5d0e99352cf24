#include <stdatomic.h>
#include <stddef.h>

#include "server/charge.h"
#include "server/shared.h"

static _Atomic int *charge;

int
charge_open(int ours)
{
	void *p = shared_map(sizeof(*charge));

	if (p == NULL)
		return -1;
	charge = p;
	*charge = ours;
	return 0;
}

int
charge_is_ours(void)
{
	return charge == NULL || *charge;
}

void
charge_set(int ours)
{
	*charge = ours;
}
