#include "ltm/live_rules.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "store/store.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20)	/* bytes */
#define SUFFIX ".conf"

void
live_rule_release(struct live_rule *r)
{
	free(r->name);
	free(r->kind);
	free(r->key);
	free(r->content);
	strv_release(&r->patterns);
	strv_release(&r->needs);
	strv_release(&r->only);
	strv_release(&r->unless);
	memset(r, 0, sizeof *r);
}

void
live_rules_release(struct live_rules *l)
{
	size_t i;

	for (i = 0; i < l->nrules; i++)
		live_rule_release(&l->rule[i]);
	for (i = 0; i < l->nphrases; i++) {
		free(l->phrases[i].name);
		free(l->phrases[i].why);
		strv_release(&l->phrases[i].say);
	}
	for (i = 0; i < l->nvetoes; i++) {
		free(l->veto[i].name);
		strv_release(&l->veto[i].say);
	}
	free(l->rule);
	free(l->phrases);
	free(l->veto);
	strv_release(&l->cut);
	strv_release(&l->join);
	memset(l, 0, sizeof *l);
}

/* --- files ------------------------------------------------------------- */

extern const unsigned char data_live_en_conf[], data_live_zh_conf[];
extern const size_t data_live_en_conf_len, data_live_zh_conf_len;

int
live_rules_built_in(struct live_rules *l, struct err *e)
{
	return live_rules_parse(l, (const char *)data_live_en_conf,
	    data_live_en_conf_len, "en.conf", e) < 0 ||
	    live_rules_parse(l, (const char *)data_live_zh_conf,
	    data_live_zh_conf_len, "zh.conf", e) < 0 ? -1 : 0;
}

static int
load_file(struct live_rules *l, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if ((r = buf_read_file(&b, path, FILE_MAX, e)) == 0)
		r = live_rules_parse(l, b.p, b.len, path, e);
	buf_release(&b);
	return r;
}

int
live_rules_load(struct live_rules *l, const struct store *st, struct err *e)
{
	struct buf path = BUF_INIT;
	struct strv names = STRV_INIT;
	struct dirent *d;
	DIR *folder;
	size_t i, n;
	int r = live_rules_built_in(l, e);

	buf_addf(&path, "%s/live/", st->dir);
	n = path.len;
	folder = opendir(path.p);
	while (folder != NULL && (d = readdir(folder)) != NULL)
		if (d->d_name[0] != '.' && str_ends(d->d_name, SUFFIX))
			strv_add(&names, d->d_name);
	if (folder != NULL)
		closedir(folder);
	strv_sort(&names);
	for (i = 0; r == 0 && i < names.n; i++) {
		buf_cut(&path, n);
		buf_adds(&path, names.v[i]);
		r = load_file(l, path.p, e);
	}
	strv_release(&names);
	buf_release(&path);
	return r;
}
