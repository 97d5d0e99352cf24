#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/chars.h"
#include "server/profile.h"
#include "server/value.h"

#define INSTALLED	DATADIR "/profiles"

/* What an editor leaves behind has other names. */
static int
is_profile(const struct dirent *e)
{
	return e->d_name[0] != '.' && chars_is_name(e->d_name, CONF_NAME_MAX);
}

/* Adds the names of all profiles in dir to the text. */
static void
add_names(const char *dir, char *text, size_t size)
{
	struct dirent **found;
	int i, n = scandir(dir, &found, is_profile, alphasort);

	if (n == -1)
		return;
	for (i = 0; i < n; i++) {
		strlcat(text, " ", size);
		strlcat(text, found[i]->d_name, size);
		free(found[i]);
	}
	free(found);
}

static int
fail(const char *name, const char *beside, struct keyword_args *a)
{
	char text[512] = "";

	add_names(beside, text, sizeof(text));
	add_names(INSTALLED, text, sizeof(text));
	if (text[0] == '\0')
		return value_fail(a, "there is no profile `%s', nor any other "
		    "in %s or " INSTALLED ", where `make install' puts them",
		    name, beside);
	return value_fail(a, "there is no profile `%s': expected one of%s",
	    name, text);
}

int
profile_find(const char *name, struct keyword_args *a, char *path)
{
	char beside[PATH_MAX];

	if (value_beside("profiles", a, beside) == -1)
		return -1;
	if (!chars_is_name(name, CONF_NAME_MAX) || name[0] == '.')
		return fail(name, beside, a);
	if (strlen(beside) + 1 + strlen(name) < PATH_MAX) {
		strlcpy(path, beside, PATH_MAX);
		strlcat(path, "/", PATH_MAX);
		strlcat(path, name, PATH_MAX);
		if (access(path, F_OK) == 0)
			return 0;
	}
	snprintf(path, PATH_MAX, INSTALLED "/%s", name);
	return access(path, F_OK) == 0 ? 0 : fail(name, beside, a);
}
