#include "graph/pattern.h"

#include <string.h>

#define WORDS 4			/* of a phrase, at most */
#define BEFORE 3		/* words that may stand between */
#define AFTER 3
#define LIST 8			/* "X uses A, B and C" */
#define SLOTS 512		/* a power of two */

enum how { PLAIN, TURNED, IS_A, VERSION };

static const struct {
	const char *phrase, *kind;
	enum how how;
} rules[] = {
	{ "depends on", "depends_on", PLAIN },
	{ "depend on", "depends_on", PLAIN },
	{ "depends upon", "depends_on", PLAIN },
	{ "requires", "depends_on", PLAIN },
	{ "relies on", "depends_on", PLAIN },
	{ "needs", "depends_on", PLAIN },
	{ "required by", "depends_on", TURNED },
	{ "uses", "uses", PLAIN },
	{ "use", "uses", PLAIN },
	{ "used by", "uses", TURNED },
	{ "calls", "calls", PLAIN },
	{ "invokes", "calls", PLAIN },
	{ "called by", "calls", TURNED },
	{ "called from", "calls", TURNED },
	{ "imports", "imports", PLAIN },
	{ "includes", "contains", PLAIN },
	{ "imported by", "imports", TURNED },
	{ "extends", "extends", PLAIN },
	{ "inherits from", "extends", PLAIN },
	{ "implements", "implements", PLAIN },
	{ "is a", "is_a", IS_A },
	{ "is an", "is_a", IS_A },
	{ "was a", "is_a", IS_A },
	{ "was an", "is_a", IS_A },
	{ "fixed in", "fixed_in", VERSION },
	{ "resolved in", "fixed_in", VERSION },
	{ "released in", "released_in", VERSION },
	{ "added in", "added_in", VERSION },
	{ "removed in", "removed_in", VERSION },
	{ "deprecated in", "deprecated_in", VERSION },
	{ "fixes", "fixes", PLAIN },
	{ "fixed by", "fixes", TURNED },
	{ "owned by", "owned_by", PLAIN },
	{ "maintained by", "owned_by", PLAIN },
	{ "owns", "owned_by", TURNED },
	{ "maintains", "owned_by", TURNED },
	{ "part of", "part_of", PLAIN },
	{ "belongs to", "part_of", PLAIN },
	{ "contains", "contains", PLAIN },
	{ "blocked by", "blocked_by", PLAIN },
	{ "blocks", "blocked_by", TURNED },
	{ "caused by", "caused_by", PLAIN },
	{ "due to", "caused_by", PLAIN },
	{ "causes", "caused_by", TURNED },
	{ "replaced by", "replaced_by", PLAIN },
	{ "replaces", "replaced_by", TURNED },
	{ "duplicates", "duplicate_of", PLAIN },
	{ "duplicate of", "duplicate_of", PLAIN },
	{ "runs on", "runs_on", PLAIN },
	{ "runs in", "runs_on", PLAIN },
	{ "deployed on", "runs_on", PLAIN },
	{ "deployed to", "runs_on", PLAIN },
	{ "hosted on", "runs_on", PLAIN },
	{ "written in", "written_in", PLAIN },
	{ "connects to", "connects_to", PLAIN },
	{ "talks to", "connects_to", PLAIN },
	{ "stored in", "stored_in", PLAIN },
	{ "works at", "works_at", PLAIN },
	{ "works for", "works_at", PLAIN },
	{ "lives in", "lives_in", PLAIN },
	{ "moved to", "moved_to", PLAIN },
	{ "married to", "married_to", PLAIN },
	{ "reports to", "reports_to", PLAIN },
	{ NULL, NULL, PLAIN }
};

static const char *const before[] = { "service", "server", "api", "module",
    "class", "function", "library", "package", "now", "also", "still", "then",
    "currently", "always", "often", "will", "can", "must", "should",
    "directly", "itself", "that", "which", "who", "is", "are", "was", "were",
    "has", "been", "be", "only", "just", "bug", "issue", NULL };
static const char *const after[] = { "the", "a", "an", "our", "its", "their",
    "his", "her", "my", "this", "version", "release", "both", "service",
    "module", "class", "file", "library", "package", "team", "for", "issue",
    "bug", "old", "new", NULL };

static struct {
	uint64_t word[WORDS];
	int n;
} phrase[sizeof rules / sizeof *rules];
static uint64_t fill_before[40], fill_after[40], and_word, or_word;
static unsigned char first[SLOTS];	/* of some phrase, by hash */

uint64_t
graph_word(const char *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)(p[i] >= 'A' && p[i] <= 'Z' ?
		    p[i] - 'A' + 'a' : p[i])) * 0x100000001b3u;
	return h;
}

static void
load(void)
{
	const char *p, *end;
	size_t i;

	for (i = 0; rules[i].phrase != NULL; i++) {
		for (p = rules[i].phrase; *p != '\0';
		    p = end + (*end != '\0')) {
			if ((end = strchr(p, ' ')) == NULL)
				end = p + strlen(p);
			phrase[i].word[phrase[i].n++] = graph_word(p,
			    (size_t)(end - p));
		}
		first[phrase[i].word[0] % SLOTS] = 1;
	}
	for (i = 0; before[i] != NULL; i++)
		fill_before[i] = graph_word(before[i], strlen(before[i]));
	for (i = 0; after[i] != NULL; i++)
		fill_after[i] = graph_word(after[i], strlen(after[i]));
	and_word = graph_word("and", 3);
	or_word = graph_word("or", 2);
}

void
pattern_kinds(struct strv *all)
{
	size_t i;

	for (i = 0; rules[i].kind != NULL; i++)
		if (!strv_has(all, rules[i].kind))
			strv_add(all, rules[i].kind);
}

static bool
is_fill(const uint64_t *list, uint64_t word)
{
	for (; *list != 0; list++)
		if (*list == word)
			return true;
	return false;
}

/* The rule whose phrase begins at a unit, the longest; -1. */
static int
rule_at(const struct unit *u, size_t n, size_t at)
{
	int i, k, best = -1;

	if (!first[u[at].word % SLOTS])
		return -1;
	for (i = 0; rules[i].phrase != NULL; i++) {
		for (k = 0; k < phrase[i].n && at + (size_t)k < n &&
		    u[at + (size_t)k].word == phrase[i].word[k] &&
		    (k == 0 || !u[at + (size_t)k].cut); k++)
			;
		if (k == phrase[i].n && (best < 0 || k > phrase[best].n))
			best = i;
	}
	return best;
}

static bool
is_plain(const struct unit *u)
{
	size_t i;

	for (i = 0; i < u->len; i++)
		if (u->p[i] < 'a' || u->p[i] > 'z')
			return false;
	return u->len > 2 && !u->stop;
}

/* "is a key-value store": the words up to one that tells nothing, at most
 * three, are a term. */
static int64_t
thing(struct sum *s, struct unit *u, size_t n, size_t at)
{
	size_t end = at;

	while (end < n && end < at + 3 && (end == at || !u[end].cut) &&
	    (is_plain(&u[end]) || (u[end].len > 2 && memchr(u[end].p, '-',
	    u[end].len) != NULL)))
		end++;
	if (end == at)
		return -1;
	return sum_name(s, GRAPH_TERM, u[at].p, (size_t)(u[end - 1].p +
	    u[end - 1].len - u[at].p), true);
}

/* "1.4", where a version is expected. */
static int64_t
version(struct sum *s, const struct unit *u)
{
	size_t i;

	for (i = 0; i < u->len; i++)
		if ((u->p[i] < '0' || u->p[i] > '9') && u->p[i] != '.')
			return -1;
	return u->len == 0 || u->p[0] == '.' ? -1 :
	    sum_name(s, GRAPH_VERSION, u->p, u->len, true);
}

static void
tell(struct sum *s, int rule, int64_t a, int64_t b)
{
	uint32_t kind = sum_kind(s, rules[rule].kind);

	if (a < 0 || b < 0 || a == b)
		return;
	/* a word that something is said of is more than a frequent one */
	sum_strong(s, a);
	sum_strong(s, b);
	if (rules[rule].how == TURNED)
		sum_pair(s, b, a, kind);
	else
		sum_pair(s, a, b, kind);
}

/* What it is said of stands from here on. */
static void
object(struct sum *s, struct unit *u, size_t n, size_t at, int rule, int64_t a)
{
	size_t i, k;
	int64_t b;

	for (i = at; i < n && i < at + AFTER && u[i].name < 0 &&
	    is_fill(fill_after, u[i].word) && (i == at || !u[i].cut); i++)
		;
	if (i == n || (u[i].cut && i > at))
		return;
	b = u[i].name;
	if (b < 0 && rules[rule].how == VERSION)
		b = version(s, &u[i]);
	if (rules[rule].how == IS_A && i == at && (b < 0 ||
	    graph_kind_of(s->entity[b].kinds) == GRAPH_TERM))
		b = thing(s, u, n, i);
	if (b < 0)
		return;
	tell(s, rule, a, b);
	if (rules[rule].how == IS_A)
		return;
	for (k = 0; k < LIST && u[i].name >= 0; k++) {
		i += u[i].span > 0 ? u[i].span : 1;
		if (i < n && (u[i].word == and_word || u[i].word == or_word))
			i++;
		else if (i >= n || !u[i].cut)
			return;
		if (i >= n || u[i].name < 0)
			return;
		tell(s, rule, a, u[i].name);
	}
}

void
pattern_read(struct sum *s, struct unit *u, size_t n)
{
	static bool loaded;
	size_t i, k, end;
	int rule;

	if (!loaded) {
		load();
		loaded = true;
	}
	for (i = 0; i < n; i = end) {
		end = i + (u[i].span > 0 ? u[i].span : 1);
		if (u[i].name < 0)
			continue;
		for (k = end; k < n && k <= end + BEFORE && !u[k].cut; k++) {
			if ((rule = rule_at(u, n, k)) >= 0) {
				object(s, u, n, k + (size_t)phrase[rule].n,
				    rule, u[i].name);
				break;
			}
			if (!is_fill(fill_before, u[k].word))
				break;
		}
	}
}
