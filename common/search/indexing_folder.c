/*
 * The folder of an index: its manifest, and files that nobody needs.
 */
#include "search/indexing_work.h"

#include "base/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
update_write(struct update *u, struct err *e)
{
	if (update_vectors_df(u, e) < 0 ||
	    manifest_write(&u->m, u->dir, &u->seal, e) < 0)
		return -1;
	update_sweep(u);
	return 0;
}

/* "NUMBER.seg", "NUMBER.vec", "NUMBER.NDEAD.df" */
static bool
is_live(const struct manifest *m, const char *name)
{
	const struct manifest_segment *s;
	char *end;
	uint64_t number = strtoull(name, &end, 10), ndead;
	size_t i;

	for (i = 0; i < m->n && m->segment[i].number != number; i++)
		;
	if (end == name || i == m->n)
		return false;
	s = &m->segment[i];
	if (strcmp(end, ".seg") == 0)
		return true;
	if (strcmp(end, ".vec") == 0)
		return s->vectors != MANIFEST_NONE;
	if (*end != '.')
		return false;
	ndead = strtoull(end + 1, &end, 10);
	return s->vectors == MANIFEST_ALL && ndead == s->ndead &&
	    strcmp(end, ".df") == 0;
}

static bool
is_ours(const char *name)
{
	/* the last: a file in the making */
	return strstr(name, ".seg") != NULL || strstr(name, ".vec") != NULL ||
	    strstr(name, ".df") != NULL || strncmp(name, ".tmp-", 5) == 0;
}

void
update_sweep(const struct update *u)
{
	struct dirent *d;
	struct buf path = BUF_INIT;
	DIR *dir = opendir(u->dir);

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		if (!is_ours(d->d_name) || is_live(&u->m, d->d_name))
			continue;
		buf_reset(&path);
		file_join(&path, u->dir, d->d_name);
		unlink(path.p);
	}
	if (dir != NULL)
		closedir(dir);
	buf_release(&path);
}

int
update_next_number(struct update *u, struct err *e)
{
	struct dirent *d;
	uint64_t number;
	DIR *dir = opendir(u->dir);

	if (dir == NULL)
		return err_sys(e, "cannot open folder '%s'", u->dir);
	while ((d = readdir(dir)) != NULL) {
		number = strtoull(d->d_name, NULL, 10);
		if (number >= u->m.next && number < UINT64_MAX / 2)
			u->m.next = number + 1;
	}
	closedir(dir);
	return 0;
}
