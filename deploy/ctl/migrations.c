// SPDX-License-Identifier: Apache-2.0
#include "deploy/ctl/migrations.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "0003_config.sql" -> 3; 0: another file. */
static int version_of(const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < 4; i++)
		if (!isdigit((unsigned char)name[i]))
			return 0;
	return name[4] == '_' && n > 9 && strcmp(name + n - 4, ".sql") == 0
		       ? (int)strtol(name, NULL, 10)
		       : 0;
}

static int by_version(const void *a, const void *b)
{
	const struct migration *x = a, *y = b;

	return x->version - y->version;
}

int migrations_list(const char *share, struct migrations *m, struct bb_err *err)
{
	char dir[300];
	const struct dirent *e;
	DIR *d;

	m->n = 0;
	snprintf(dir, sizeof(dir), "%s/migrations", share);
	d = opendir(dir);
	if (!d)
		return bb_err_errno(err,
			"cannot open folder \"%s\"; BUSBAR_SHARE names the folder it is in", dir);
	while ((e = readdir(d)) && m->n < MIGRATIONS_MAX) {
		struct migration *x = &m->item[m->n];

		x->version = version_of(e->d_name);
		if (x->version > 0 && snprintf(x->file, sizeof(x->file), "%s/%s", dir, e->d_name) <
					      (int)sizeof(x->file))
			m->n++;
	}
	closedir(d);
	qsort(m->item, m->n, sizeof(m->item[0]), by_version);
	for (size_t i = 1; i < m->n; i++)
		if (m->item[i].version == m->item[i - 1].version)
			return bb_err_set(err, "two migrations have number %d in \"%s\"",
				m->item[i].version, dir);
	return m->n ? 0 : bb_err_set(err, "there are no migrations in \"%s\"", dir);
}
