/*
 * All in one map: "section/word".
 */
#include "from/bug_words.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/map.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MAX 200		/* longer ones are none of ours */

extern const unsigned char data_import_bug_conf[];
extern const size_t data_import_bug_conf_len;
extern const unsigned char data_import_bug_csv_conf[];
extern const size_t data_import_bug_csv_conf_len;

struct meaning {
	int rank;
	char to[];
};

struct bug_words {
	struct map map;		/* to own struct meaning */
	struct map sections;	/* i: how many ranks each value has */
};

struct reading {
	struct bug_words *w;
	const char *name;	/* of the file */
	bool known;		/* only what the built-in files have, too */
	struct err *e;
};

/* "section/word", the word in the form that is compared.  false: it is too
 * long to be one. */
static bool
add_key(struct buf *b, const char *section, const char *word, size_t len)
{
	bool gap = false;
	size_t i;
	char c;

	buf_adds(b, section);
	buf_addc(b, '/');
	for (i = 0; i < len; i++) {
		c = word[i];
		if (strchr(" \t\r\n_-", c) != NULL) {
			gap = true;
			continue;
		}
		if (gap && !str_ends(b->p, "/"))
			buf_addc(b, '_');
		gap = false;
		buf_addc(b, c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	return len <= WORD_MAX;
}

static void
add_word(struct bug_words *w, const char *section, const char *word,
    size_t len, const char *to, int rank)
{
	struct buf key = BUF_INIT;
	union map_value *v;
	struct meaning *m;
	int made;

	if (add_key(&key, section, word, len) && !str_ends(key.p, "/")) {
		v = map_put(&w->map, key.p, &made);
		free(v->p);
		v->p = m = xmalloc(sizeof *m + strlen(to) + 1);
		m->rank = rank;
		memcpy(m->to, to, strlen(to) + 1);
	}
	buf_release(&key);
}

/* "column.jira.bug-id" and "issue key, key". */
static int
add_pair(void *arg, const char *key, const char *value)
{
	struct reading *r = arg;
	const char *dot = strrchr(key, '.'), *p;
	char *section = xstrndup(key, (size_t)(dot - key));
	char *to = xstrdup(dot + 1);
	union map_value *ranks;
	int made, bad = 0;
	size_t n;

	for (p = to; *p != '\0'; p++)
		if (*p == '-')
			to[p - to] = '_';
	ranks = map_put(&r->w->sections, key, &made);
	if (made && r->known)
		bad = err_set(r->e, ERR_INPUT, "'%s': %s is not known; "
		    "bug.conf and bug-csv.conf in share/memkit/import have "
		    "what is", r->name, key);
	for (p = value; bad == 0; p += n + 1) {
		n = strcspn(p, ",");
		/* of the user's, the first are before all others */
		add_word(r->w, section, p, n, to, r->known ?
		    (int)(ranks->i++ - WORD_MAX) : (int)ranks->i++);
		if (p[n] == '\0')
			break;
	}
	free(section);
	free(to);
	return bad;
}

static int
add_text(struct bug_words *w, const void *text, size_t len, const char *name,
    struct err *e)
{
	struct reading r = { w, name, false, e };
	struct conf *c;
	int n;

	if (conf_parse(&c, text, len, name, e) < 0)
		return -1;
	n = conf_each(c, add_pair, &r);
	conf_free(c);
	return n;
}

static int
add_file(struct bug_words *w, const char *path, struct err *e)
{
	struct reading r = { w, path, true, e };
	struct buf text = BUF_INIT;
	struct conf *c;
	size_t i;
	int n = -1;

	for (i = 0; i < w->sections.n; i++)
		w->sections.e[i].v.i = 0;
	if (buf_read_file(&text, path, (size_t)1 << 20, e) == 0 &&
	    conf_parse(&c, text.p, text.len, path, e) == 0) {
		n = conf_each(c, add_pair, &r);
		conf_free(c);
	}
	buf_release(&text);
	return n;
}

int
bug_words_new(struct bug_words **out, const char *path, struct err *e)
{
	struct bug_words *w = xcalloc(1, sizeof *w);

	if (add_text(w, data_import_bug_conf, data_import_bug_conf_len,
	    "bug.conf", e) < 0 || add_text(w, data_import_bug_csv_conf,
	    data_import_bug_csv_conf_len, "bug-csv.conf", e) < 0 ||
	    (path != NULL && add_file(w, path, e) < 0)) {
		bug_words_free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
bug_words_free(struct bug_words *w)
{
	size_t i;

	if (w == NULL)
		return;
	for (i = 0; i < w->map.n; i++)
		free(w->map.e[i].v.p);
	map_release(&w->map);
	map_release(&w->sections);
	free(w);
}

const char *
bug_words_find(const struct bug_words *w, const char *section,
    const char *word, int *rank)
{
	struct buf key = BUF_INIT;
	const union map_value *v = NULL;
	const struct meaning *m;

	if (add_key(&key, section, word, strnlen(word, WORD_MAX + 1)))
		v = map_get(&w->map, key.p);
	buf_release(&key);
	if (v == NULL)
		return NULL;
	m = v->p;
	if (rank != NULL)
		*rank = m->rank;
	return m->to;
}
