/*
 * The words of a subject are looked up one by one; those that are not ASCII
 * are few, and are searched for.
 */
#include "history/fix.h"

#include "base/alloc.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 64

extern const unsigned char data_import_git_fixes_conf[];
extern const size_t data_import_git_fixes_conf_len;

const char *const fix_severities[] = { "trivial", "minor", "major",
    "critical", NULL };

/* What a word says, as bits: of a severity 1 << FIX_..., and these. */
enum { SAYS_FIX = 1 << 4, SAYS_NOT = 1 << 5, EARLY = 6 };
#define ALL ((1 << EARLY) - 1)

struct fix_rules {
	struct map words;	/* i: bits; those of ^word moved by EARLY */
	struct strv others;	/* what is not ASCII */
	enum fix_severity usual;
};

static int
severity_of(const char *name)
{
	int i;

	for (i = 0; fix_severities[i] != NULL; i++)
		if (strcmp(fix_severities[i], name) == 0)
			return i;
	return -1;
}

static int
bits_of(const char *key)
{
	size_t n = strlen("severity.");
	char name[16];
	int i;

	if (strcmp(key, "fix.word") == 0)
		return SAYS_FIX;
	if (strcmp(key, "fix.except") == 0)
		return SAYS_NOT;
	if (!str_starts(key, "severity.") || !str_ends(key, ".word") ||
	    strlen(key) - n >= sizeof name)
		return 0;
	memcpy(name, key + n, strlen(key) - n + 1);
	name[strlen(name) - strlen(".word")] = '\0';
	return (i = severity_of(name)) < 0 ? 0 : 1 << i;
}

static bool
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static bool
in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

struct reading {
	struct fix_rules *r;
	const char *path;
	struct err *e;
};

static int
add(void *arg, const char *key, const char *value)
{
	struct reading *g = arg;
	bool early = *value == '^';
	int bits = bits_of(key), n, made;
	char word[WORD_MAX];

	if (strcmp(key, "fix.severity") == 0 &&
	    (n = severity_of(value)) >= 0) {
		g->r->usual = (enum fix_severity)n;
		return 0;
	}
	if (bits == 0)
		return err_set(g->e, ERR_INPUT, "'%s': '%s = %s' is nothing "
		    "that such a file has", g->path, key, value);
	value += early;
	for (n = 0; is_ascii(value) && in_word(value[n]); n++)
		;
	if (*value == '\0' || strlen(value) >= sizeof word ||
	    (is_ascii(value) ? value[n] != '\0' : early))
		return err_set(g->e, ERR_INPUT, "'%s': '%s' is not one word "
		    "of at most %d letters and digits", g->path, value,
		    WORD_MAX - 1);
	memcpy(word, value, strlen(value) + 1);
	str_lower(word);
	if (!is_ascii(word) && !strv_has(&g->r->others, word))
		strv_add(&g->r->others, word);
	map_put(&g->r->words, word, &made)->i |= early ? bits << EARLY : bits;
	return 0;
}

int
fix_rules_read(struct fix_rules **out, const char *path, struct err *e)
{
	struct reading g = { NULL, path != NULL ? path : "git-fixes.conf", e };
	struct conf *c = NULL;
	int r;

	r = path == NULL ? conf_parse(&c, (const char *)
	    data_import_git_fixes_conf, data_import_git_fixes_conf_len,
	    g.path, e) : file_exists(path) ? conf_read(&c, path, e) :
	    err_set(e, ERR_ABSENT, "cannot open '%s': it is not there", path);
	if (r < 0)
		return -1;
	g.r = xcalloc(1, sizeof *g.r);
	g.r->usual = FIX_MINOR;
	r = conf_each(c, add, &g);
	conf_free(c);
	if (r != 0) {
		fix_rules_free(g.r);
		return -1;
	}
	*out = g.r;
	return 0;
}

void
fix_rules_free(struct fix_rules *r)
{
	if (r == NULL)
		return;
	map_release(&r->words);
	strv_release(&r->others);
	free(r);
}

static int64_t
look_up(const struct fix_rules *r, const char *p, size_t len)
{
	const union map_value *v;
	char word[WORD_MAX];

	if (len >= sizeof word)
		return 0;
	memcpy(word, p, len);
	word[len] = '\0';
	str_lower(word);
	v = map_get(&r->words, word);
	return v != NULL ? v->i : 0;
}

int
fix_match(const struct fix_rules *r, const char *subject,
    enum fix_severity *severity)
{
	const char *p = subject;
	int64_t found, all = 0;
	bool first = true;
	size_t i, n;

	for (; *p != '\0'; p += n) {
		for (n = 0; in_word(p[n]); n++)
			;
		if (n == 0) {
			n = 1;
			continue;
		}
		found = look_up(r, p, n);
		all |= (found & ALL) | (first ? found >> EARLY : 0);
		first = false;
	}
	for (i = 0; i < r->others.n; i++)
		if (strstr(subject, r->others.v[i]) != NULL)
			all |= map_get(&r->words, r->others.v[i])->i;
	if (!(all & SAYS_FIX) || (all & SAYS_NOT))
		return 0;
	*severity = all & 1 << FIX_CRITICAL ? FIX_CRITICAL :
	    all & 1 << FIX_MAJOR ? FIX_MAJOR :
	    all & 1 << FIX_MINOR ? FIX_MINOR :
	    all & 1 << FIX_TRIVIAL ? FIX_TRIVIAL : r->usual;
	return 1;
}
