#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "t/check.h"
#include "t/privileges.h"

char *
privileges_field(pid_t pid, const char *name, char *buf, size_t size)
{
	char path[64], line[1024], *word, *rest;
	size_t len = strlen(name);
	FILE *f;

	buf[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return buf;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, name, len) != 0 || line[len] != ':')
			continue;
		rest = line + len + 1;
		while ((word = strsep(&rest, " \t\n")) != NULL)
			if (word[0] != '\0') {
				strlcat(buf, " ", size);
				strlcat(buf, word, size);
			}
	}
	fclose(f);
	return buf;
}

long
privileges_number(pid_t pid, const char *name, int base)
{
	char text[64];

	privileges_field(pid, name, text, sizeof(text));
	return text[0] == '\0' ? -1 : strtol(text, NULL, base);
}

long
privileges_capabilities(pid_t pid)
{
	return privileges_number(pid, "CapEff", 16) |
	    privileges_number(pid, "CapPrm", 16) |
	    privileges_number(pid, "CapInh", 16) |
	    privileges_number(pid, "CapAmb", 16);
}

void
privileges_read(pid_t pid, char *buf)
{
	static const char *const names[] = {
		"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapAmb"
	};
	char value[256];
	size_t i;

	buf[0] = '\0';
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		strlcat(buf, names[i], PRIVILEGES_TEXT);
		strlcat(buf, privileges_field(pid, names[i], value,
		    sizeof(value)), PRIVILEGES_TEXT);
		strlcat(buf, "\n", PRIVILEGES_TEXT);
	}
}

void
privileges_none(uid_t u, gid_t g, const char *groups, char *buf)
{
#define NONE "0000000000000000"
	snprintf(buf, PRIVILEGES_TEXT, "Uid %u %u %u %u\nGid %u %u %u %u\n"
	    "Groups%s\nCapInh " NONE "\nCapPrm " NONE "\nCapEff " NONE
	    "\nCapAmb " NONE "\n", u, u, u, u, g, g, g, g, groups);
#undef NONE
}

void
privileges_of_workers(const struct daemon *d, pid_t *workers, size_t n,
    uid_t uid, gid_t gid, const char *what)
{
	char got[PRIVILEGES_TEXT], want[PRIVILEGES_TEXT], group[32];
	size_t i;

	snprintf(group, sizeof(group), " %u", gid);
	privileges_none(uid, gid, group, want);
	is_int((long long)daemon_workers(d, workers, n), (long long)n,
	    "%s: workers", what);
	for (i = 0; i < n; i++) {
		privileges_read(workers[i], got);
		is_string(got, want, "%s: worker %zu", what, i);
	}
}

void
privileges_of_nobodies(const struct daemon *d, pid_t *workers, size_t n,
    const char *what)
{
	const struct passwd *pw = getpwnam("nobody");

	privileges_of_workers(d, workers, n, pw->pw_uid, pw->pw_gid, what);
}
