/*
 * Where processors are: those that we ship are built in, so that a tool
 * finds them wherever it is; a user's own lie in the store or anywhere.
 */
#include "ltm/processor.h"

#include "base/file.h"
#include "store/store.h"

#include <dirent.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20)	/* bytes */
#define SUFFIX ".conf"

#define SHIPPED(x) \
	extern const unsigned char data_processors_##x##_conf[]; \
	extern const size_t data_processors_##x##_conf_len;
SHIPPED(bug_history)
SHIPPED(bug_import)
SHIPPED(incidents)
SHIPPED(requirement_changes)
SHIPPED(review_comments)

#define ROW(name, x) \
	{ name, data_processors_##x##_conf, &data_processors_##x##_conf_len }

static const struct {
	const char *name;
	const unsigned char *text;
	const size_t *len;
} shipped[] = {
	ROW("bug-history", bug_history),
	ROW("bug-import", bug_import),
	ROW("incidents", incidents),
	ROW("requirement-changes", requirement_changes),
	ROW("review-comments", review_comments),
};
#define NSHIPPED (sizeof shipped / sizeof *shipped)

/* What its facts are told by must not depend on where the file lies. */
static char *
name_of(const char *path, char out[65])
{
	const char *base = strrchr(path, '/');
	size_t len;

	base = base != NULL ? base + 1 : path;
	len = strlen(base);
	if (str_ends(base, SUFFIX))
		len -= strlen(SUFFIX);
	len = len < 64 ? len : 64;
	memcpy(out, base, len);
	out[len] = '\0';
	return out;
}

static bool
good_name(const char *s)
{
	return s[0] != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] == '\0';
}

static int
read_file(struct processor **p, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	char name[65];
	int r;

	if (!good_name(name_of(path, name)))
		return err_set(e, ERR_USAGE, "'%s' names no processor: "
		    "letters, digits, - and _, then .conf", path);
	if ((r = buf_read_file(&b, path, FILE_MAX, e)) == 0)
		r = processor_parse(p, name, b.p, b.len, path, e);
	buf_release(&b);
	return r;
}

static int
unknown(const struct store *st, const char *name, struct err *e)
{
	struct strv names = STRV_INIT;
	struct buf b = BUF_INIT;
	size_t i;

	if (processor_names(st, &names, e) == 0) {
		for (i = 0; i < names.n; i++)
			buf_addf(&b, "%s%s", i > 0 ? ", " : "", names.v[i]);
		err_set(e, ERR_ABSENT, "there is no processor '%s'; there are "
		    "%s, and files that end in .conf", name, b.p);
	}
	strv_release(&names);
	buf_release(&b);
	return -1;
}

int
processor_find(struct processor **p, const struct store *st, const char *name,
    struct err *e)
{
	struct buf path = BUF_INIT;
	size_t i;
	int r = 1;

	if (strchr(name, '/') != NULL || str_ends(name, SUFFIX))
		return read_file(p, name, e);
	if (st != NULL && good_name(name)) {
		buf_addf(&path, "%s/processors/%s" SUFFIX, st->dir, name);
		if (file_exists(path.p))
			r = read_file(p, path.p, e);
		buf_release(&path);
	}
	for (i = 0; r == 1 && i < NSHIPPED; i++)
		if (str_eq(shipped[i].name, name))
			r = processor_parse(p, name,
			    (const char *)shipped[i].text, *shipped[i].len,
			    name, e);
	return r == 1 ? unknown(st, name, e) : r;
}

int
processor_names(const struct store *st, struct strv *names, struct err *e)
{
	struct buf path = BUF_INIT;
	struct dirent *d;
	DIR *folder = NULL;
	char name[65];
	size_t i;

	(void)e;
	for (i = 0; i < NSHIPPED; i++)
		strv_add(names, shipped[i].name);
	if (st != NULL) {
		buf_addf(&path, "%s/processors", st->dir);
		folder = opendir(path.p);
	}
	while (folder != NULL && (d = readdir(folder)) != NULL)
		if (d->d_name[0] != '.' && str_ends(d->d_name, SUFFIX) &&
		    good_name(name_of(d->d_name, name)) &&
		    !strv_has(names, name))
			strv_add(names, name);
	if (folder != NULL)
		closedir(folder);
	buf_release(&path);
	strv_sort(names);
	return 0;
}
