#include "common/clock.h"
#include "server/disk.h"

int
disk_begin(const struct conf *c, const struct conf_disk *d, unsigned int slot,
    const char *path, size_t len, int64_t size, int64_t asked, int status,
    struct disk_read *r)
{
	(void)c;
	(void)slot;
	(void)path;
	(void)len;
	(void)size;
	r->model = &d->models[0];
	r->draw.service = asked >= 0 ? asked : dist_value(&r->model->read, 0.5, 0);
	r->draw.status = status > 0 ? status : 200;
	r->arrival = clock_mono();
	return 0;
}

void
disk_wait(const struct conf_disk *d, int fd, struct disk_read *r)
{
	(void)d;
	(void)fd;
	clock_sleep_until(r->arrival + r->draw.service);
}

void
disk_end(const struct conf_disk *d, struct disk_read *r)
{
	(void)d;
	r->end = clock_mono();
	r->how = DISK_READ;
}

int64_t
disk_time(const struct disk_read *r)
{
	return r->end == 0 ? 0 : r->end - r->arrival;
}
