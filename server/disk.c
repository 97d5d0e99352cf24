#include "common/clock.h"
#include "server/disk.h"

int64_t
disk_service(const struct conf_disk *d, int64_t asked)
{
	return asked >= 0 ? asked : d->read;
}

void
disk_read(const struct conf_disk *d, int64_t asked, struct disk_read *r)
{
	r->service = disk_service(d, asked);
	r->lane = 0;
	r->start = clock_mono();
	r->end = clock_sleep_until(r->start + r->service);
}

int64_t
disk_time(const struct disk_read *r)
{
	return r->end == 0 ? 0 : r->end - r->start;
}
