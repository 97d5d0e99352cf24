#include "server/logs.h"

unsigned int
logs_open(struct logs *l, const struct conf *c, conf_report *report)
{
	unsigned int errors = access_open(&l->access, c, report);

	errors += truth_open(&l->truth, c, report);
	if (errors > 0)
		logs_close(l);
	return errors;
}

void
logs_close(struct logs *l)
{
	access_close(&l->access);
	truth_close(&l->truth);
}

void
logs_write(const struct logs *l, const struct exchange *x,
    const struct conn *c, unsigned int slot)
{
	access_write(&l->access, x, c, slot);
	truth_write(&l->truth, x, slot);
}
