#include <linux/landlock.h>
#include <sys/syscall.h>

#include <stdint.h>
#include <unistd.h>

#include "common/fd.h"
#include "server/landlock.h"

/*
 * The headers may be older than the kernel: this is what landlock(7) says.
 * What a version does not know must not be asked of it.
 */
static const struct {
	int since;		/* the version that brought them */
	uint64_t files, network, scope;
} rights[] = {
	/* All accesses to files and directories of the first version. */
	{ .since = 1, .files = (UINT64_C(1) << 13) - 1 },
	/* Links and renames from one directory to another. */
	{ .since = 2, .files = UINT64_C(1) << 13 },
	/* truncate(2). */
	{ .since = 3, .files = UINT64_C(1) << 14 },
	/* bind(2) and connect(2) of TCP sockets. */
	{ .since = 4, .network = 3 },
	/* ioctl(2) of devices. */
	{ .since = 5, .files = UINT64_C(1) << 15 },
	/* Abstract names, and signals. */
	{ .since = 6, .scope = 3 },
};

/* Directories too: one is opened before it is told from a file. */
#define READ	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* struct landlock_ruleset_attr, as it has become. */
struct ruleset {
	uint64_t files;		/* since version 1 */
	uint64_t network;	/* 4 */
	uint64_t scope;		/* 6 */
};

int
landlock_probe(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

/* Everything that is not allowed by a rule afterwards. */
static int
open_ruleset(int version)
{
	struct ruleset r = { .files = 0 };
	size_t i;

	for (i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		if (rights[i].since > version)
			break;
		r.files |= rights[i].files;
		r.network |= rights[i].network;
		r.scope |= rights[i].scope;
	}
	/* A kernel takes what it does not know, as long as that is zero. */
	return (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0);
}

int
landlock_restrict(int version, const int *dirs, size_t n)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = READ };
	int fd;
	size_t i;

	if ((fd = open_ruleset(version)) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		beneath.parent_fd = dirs[i];
		if (syscall(SYS_landlock_add_rule, fd,
		    LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == -1)
			return fd_drop(&fd);
	}
	if (syscall(SYS_landlock_restrict_self, fd, 0) == -1)
		return fd_drop(&fd);
	close(fd);
	return 0;
}
