/*
 * getopt_long(3) was left aside: it keeps its place in globals, prints by
 * itself, and knows neither the help texts nor the verbs.
 */
#include "base/opt.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"

#define NAME_MAX_OPT 32	/* longest name that is compared for likeness */

struct parse {
	const struct opt_tool *tool;
	const struct opt_verb *verb;	/* known by now, or NULL */
	const char *first;	/* first word of a verb of two */
	bool operands;		/* there is an operand, and no verb */
};

static bool
takes_value(const struct opt *o)
{
	switch (o->kind) {
	case OPT_K_STR:
	case OPT_K_LIST:
	case OPT_K_INT:
	case OPT_K_SIZE:
	case OPT_K_TIME:
	case OPT_K_ENUM:
	case OPT_K_WORD:
		return true;
	default:
		return false;
	}
}

static const struct opt *
find_in(const struct opt *t, char letter, const char *name, size_t len)
{
	const struct opt *o;

	for (; t != NULL && t->kind != OPT_K_END; t++) {
		if (t->kind == OPT_K_INCLUDE) {
			o = find_in(t->more, letter, name, len);
			if (o != NULL)
				return o;
		} else if (name == NULL) {
			if (t->letter != 0 && t->letter == letter)
				return t;
		} else if (t->name != NULL && strlen(t->name) == len &&
		    memcmp(t->name, name, len) == 0) {
			return t;
		}
	}
	return NULL;
}

static const struct opt *
find(const struct parse *p, char letter, const char *name, size_t len)
{
	const struct opt *o = NULL;

	if (p->verb != NULL)
		o = find_in(p->verb->opts, letter, name, len);
	if (o == NULL)
		o = find_in(p->tool->opts, letter, name, len);
	return o;
}

/* A long name; *on is false when it is the negation of a flag. */
static const struct opt *
find_long(const struct parse *p, const char *name, size_t len, bool *on)
{
	const struct opt *o;
	char no[NAME_MAX_OPT + 4] = "no-";

	*on = true;
	if ((o = find(p, 0, name, len)) != NULL)
		return o;
	*on = false;
	if (len > 3 && memcmp(name, "no-", 3) == 0) {
		o = find(p, 0, name + 3, len - 3);
	} else if (len < NAME_MAX_OPT) {
		memcpy(no + 3, name, len);
		o = find(p, 0, no, len + 3);
	}
	return o != NULL && o->kind == OPT_K_FLAG ? o : NULL;
}

/* Edits between two words (Levenshtein), or a large number. */
static size_t
distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[NAME_MAX_OPT + 1], i, j, diag, best, up;

	if (na > NAME_MAX_OPT || nb > NAME_MAX_OPT)
		return SIZE_MAX;
	for (j = 0; j <= nb; j++)
		row[j] = j;
	for (i = 1; i <= na; i++) {
		diag = row[0];
		row[0] = i;
		for (j = 1; j <= nb; j++) {
			up = row[j];
			best = diag + (a[i - 1] != b[j - 1]);
			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diag = up;
		}
	}
	return row[nb];
}

static void
nearest_in(const struct opt *t, const char *name, size_t len, size_t *best,
    const char **word)
{
	size_t d;

	for (; t != NULL && t->kind != OPT_K_END; t++) {
		if (t->kind == OPT_K_INCLUDE)
			nearest_in(t->more, name, len, best, word);
		if (t->name == NULL)
			continue;
		d = distance(name, len, t->name, strlen(t->name));
		if (d < *best) {
			*best = d;
			*word = t->name;
		}
	}
}

static int
unknown_option(const struct parse *p, const char *name, size_t len,
    struct err *e)
{
	const char *word = NULL, *tool = p->tool->name;
	size_t best = len / 3 + 2;	/* more edits are another word */

	if (p->verb != NULL)
		nearest_in(p->verb->opts, name, len, &best, &word);
	nearest_in(p->tool->opts, name, len, &best, &word);
	if (word != NULL)
		return err_set(e, ERR_USAGE, "unknown option '--%.*s', did "
		    "you mean '--%s'? see %s -h", (int)(len > 80 ? 80 : len),
		    name, word, tool);
	return err_set(e, ERR_USAGE, "unknown option '--%.*s'; see %s -h",
	    (int)(len > 80 ? 80 : len), name, tool);
}

static int
unknown_verb(const struct parse *p, const char *word, struct err *e)
{
	const struct opt_verb *v;
	const char *near = NULL, *sp = p->first ? " " : "";
	const char *first = p->first ? p->first : "";
	char both[2 * NAME_MAX_OPT + 2] = "";
	size_t n, d, best;

	if (strlen(first) + strlen(word) < sizeof both - 1) {
		strncat(both, first, sizeof both - 1);
		strncat(both, sp, sizeof both - 1 - strlen(both));
		strncat(both, word, sizeof both - 1 - strlen(both));
	}
	n = strlen(both);
	best = n / 3 + 2;
	for (v = p->tool->verbs; v->name != NULL; v++) {
		d = distance(both, n, v->name, strlen(v->name));
		if (d < best) {
			best = d;
			near = v->name;
		}
	}
	if (near != NULL)
		return err_set(e, ERR_USAGE, "unknown command '%s%s%.80s', "
		    "did you mean '%s'? see %s -h", first, sp, word, near,
		    p->tool->name);
	return err_set(e, ERR_USAGE, "unknown command '%s%s%.80s'; see %s -h",
	    first, sp, word, p->tool->name);
}

/* How the option was called, for messages. */
static const char *
called(const struct opt *o, char room[3])
{
	if (o->name != NULL)
		return o->name;
	room[0] = '-';
	room[1] = o->letter;
	room[2] = '\0';
	return room;
}

static int
bad_value(const struct opt *o, const char *what, const char *value,
    struct err *e)
{
	char room[3];

	return err_set(e, ERR_USAGE, "option '%s%s' wants %s, not '%.80s'",
	    o->name != NULL ? "--" : "", called(o, room), what, value);
}

static int
set_word(const struct opt *o, const char *value, struct err *e)
{
	struct buf all = BUF_INIT;
	int i;

	for (i = 0; o->words[i] != NULL; i++)
		if (strcmp(o->words[i], value) == 0)
			break;
	if (o->words[i] != NULL) {
		if (o->kind == OPT_K_ENUM)
			*(int *)o->value = i;
		else
			*(const char **)o->value = o->words[i];
		return 0;
	}
	for (i = 0; o->words[i] != NULL; i++)
		buf_addf(&all, "%s%s", i == 0 ? "" :
		    o->words[i + 1] == NULL ? " or " : ", ", o->words[i]);
	bad_value(o, all.p, value, e);
	buf_release(&all);
	return -1;
}

static void
set_list(const struct opt *o, const char *value)
{
	size_t n;

	for (;; value += n + 1) {
		n = strcspn(value, ",");
		if (n > 0)
			strv_add_n(o->value, value, n);
		if (value[n] == '\0')
			return;
	}
}

/*
 * Times wait until all options are read: what "yesterday" means depends on
 * the zone, and that on --store.
 */
#define TIMES_MAX 8		/* time options of one tool */

static struct {
	const struct opt *opt;
	const char *value;
} waiting[TIMES_MAX];
static size_t nwaiting;

int (*opt_zone)(struct err *);

static void
wait_time(const struct opt *o, const char *value)
{
	size_t i;

	for (i = 0; i < nwaiting && waiting[i].opt != o; i++)
		;
	assert(i < TIMES_MAX);
	waiting[i].opt = o;
	waiting[i].value = value;
	if (i == nwaiting)
		nwaiting++;
}

static int
set_times(struct err *e)
{
	char room[3];
	size_t i;

	if (nwaiting > 0 && opt_zone != NULL && opt_zone(e) < 0)
		return -1;
	for (i = 0; i < nwaiting; i++)
		if (date_parse(waiting[i].value, date_now(),
		    waiting[i].opt->value, NULL, e) < 0)
			return err_add(e, "option '%s%s'",
			    waiting[i].opt->name != NULL ? "--" : "",
			    called(waiting[i].opt, room));
	return 0;
}

static int
set_value(const struct opt *o, const char *value, struct err *e)
{

	switch (o->kind) {
	case OPT_K_STR:
		*(const char **)o->value = value;
		return 0;
	case OPT_K_LIST:
		set_list(o, value);
		return 0;
	case OPT_K_INT:
		if (!str_int(value, 0, INT64_MAX, o->value))
			return bad_value(o, "a whole number", value, e);
		return 0;
	case OPT_K_SIZE:
		if (!str_size(value, INT64_MAX, o->value))
			return bad_value(o, "a size such as 64k or 2M", value,
			    e);
		return 0;
	case OPT_K_TIME:
		wait_time(o, value);
		return 0;
	default:
		return set_word(o, value, e);
	}
}

/* A flag; *ask is set for those that end the parse. */
static void
set_flag(const struct opt *o, bool on, int *ask)
{
	switch (o->kind) {
	case OPT_K_FLAG:
		*(bool *)o->value = on;
		break;
	case OPT_K_COUNT:
		++*(int *)o->value;
		break;
	case OPT_K_HELP:
		*ask = 'h';
		break;
	case OPT_K_VERSION:
		*ask = 'v';
		break;
	default:
		assert(0);
	}
}

static int
no_value(const struct parse *p, const struct opt *o, struct err *e)
{
	char room[3];

	return err_set(e, ERR_USAGE, "option '%s%s' wants a value (%s); "
	    "see %s -h", o->name != NULL ? "--" : "", called(o, room),
	    o->arg != NULL ? o->arg : "a word", p->tool->name);
}

/* "--name", "--name=value"; next is the word after it, or NULL.  Returns
 * 1 when it was used as the value, 0 when not. */
static int
parse_long(const struct parse *p, const char *word, const char *next,
    int *ask, struct err *e)
{
	const char *name = word + 2, *value;
	size_t len = strcspn(name, "=");
	const struct opt *o;
	bool on;

	if ((o = find_long(p, name, len, &on)) == NULL)
		return unknown_option(p, name, len, e);
	value = name[len] == '=' ? name + len + 1 : NULL;
	if (!takes_value(o)) {
		if (value != NULL)
			return err_set(e, ERR_USAGE, "option '--%.*s' takes "
			    "no value; see %s -h", (int)len, name,
			    p->tool->name);
		set_flag(o, on, ask);
		return 0;
	}
	if (value != NULL)
		return set_value(o, value, e);
	if (next == NULL)
		return no_value(p, o, e);
	return set_value(o, next, e) < 0 ? -1 : 1;
}

/* "-qn5", "-n 5". */
static int
parse_short(const struct parse *p, const char *word, const char *next,
    int *ask, struct err *e)
{
	const struct opt *o;

	for (word++; *word != '\0' && *ask == 0; word++) {
		if ((o = find(p, *word, NULL, 0)) == NULL)
			return err_set(e, ERR_USAGE, "unknown option '-%c'; "
			    "see %s -h", *word, p->tool->name);
		if (!takes_value(o)) {
			set_flag(o, true, ask);
			continue;
		}
		if (word[1] != '\0')
			return set_value(o, word + 1, e);
		if (next == NULL)
			return no_value(p, o, e);
		return set_value(o, next, e) < 0 ? -1 : 1;
	}
	return 0;
}

/*
 * Take an operand for the verb, or for the first of its two words.  1 it
 * was one, 0 it is not known.
 */
static int
take_verb(struct parse *p, const char *word)
{
	const struct opt_verb *v;
	const char *name;
	size_t n;

	for (v = p->tool->verbs; v->name != NULL; v++) {
		name = v->name;
		if (p->first != NULL) {
			n = strlen(p->first);
			if (strncmp(name, p->first, n) != 0 || name[n] != ' ')
				continue;
			name += n + 1;
		}
		if (strcmp(name, word) == 0) {
			p->verb = v;
			return 1;
		}
	}
	n = strlen(word);
	for (v = p->tool->verbs; p->first == NULL && v->name != NULL; v++) {
		if (strncmp(v->name, word, n) == 0 && v->name[n] == ' ') {
			p->first = word;
			return 1;
		}
	}
	return 0;
}

/* A verb of one word may be the first of two, as well: the word behind it is
 * the second, if it is one. */
static int
take_second(struct parse *p, const char *word)
{
	const struct opt_verb *was = p->verb;

	if (was == NULL || p->first != NULL || strchr(was->name, ' ') != NULL)
		return 0;
	p->first = was->name;
	if (take_verb(p, word))
		return 1;
	p->first = NULL;
	return 0;
}

static bool
wants_verb(const struct parse *p)
{
	return p->tool->verbs != NULL && p->verb == NULL && !p->operands;
}

int
opt_parse(const struct opt_tool *tool, int *argc, char **argv,
    const struct opt_verb **verb, int *ask, struct err *e)
{
	struct parse p = { tool, NULL, NULL, false };
	bool only = false;	/* "--" was seen */
	int i, n = 0, r;
	char *w;

	*ask = 0;
	*verb = NULL;
	nwaiting = 0;
	if (*argc > 1 && strcmp(argv[1], "--complete") == 0) {
		memmove(argv, argv + 2, (size_t)(*argc - 2) * sizeof *argv);
		*argc -= 2;
		*ask = 'c';
		return 1;
	}
	for (i = 1; i < *argc; i++) {
		w = argv[i];
		if (only || w[0] != '-' || w[1] == '\0') {
			if (wants_verb(&p) ? take_verb(&p, w) :
			    n == 0 && !only && take_second(&p, w))
				continue;
			if (wants_verb(&p) && (!tool->bare || p.first != NULL))
				return unknown_verb(&p, w, e);
			p.operands = true;
			argv[n++] = w;
			continue;
		}
		if (w[1] == '-' && w[2] == '\0') {
			only = true;
			continue;
		}
		r = (w[1] == '-' ? parse_long : parse_short)(&p, w,
		    i + 1 < *argc ? argv[i + 1] : NULL, ask, e);
		if (r < 0)
			return -1;
		*verb = p.verb;
		if (*ask != 0)
			return 1;
		i += r;
	}
	if (wants_verb(&p) && (!tool->bare || p.first != NULL))
		return err_set(e, ERR_USAGE, "no command given%s%s; see %s -h",
		    p.first ? " after " : "", p.first ? p.first : "",
		    tool->name);
	*verb = p.verb;
	*argc = n;
	argv[n] = NULL;
	return set_times(e);
}

static bool
starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static void
complete_names(const struct opt *t, const char *word, struct buf *b)
{
	for (; t != NULL && t->kind != OPT_K_END; t++) {
		if (t->kind == OPT_K_INCLUDE)
			complete_names(t->more, word, b);
		else if (t->kind == OPT_K_GROUP)
			continue;
		else if (t->name == NULL && strcmp(word, "-") == 0)
			buf_addf(b, "-%c\t%s\n", t->letter, t->help);
		else if (t->name != NULL && starts(t->name,
		    word[1] == '-' ? word + 2 : word + 1))
			buf_addf(b, "--%s\t%s\n", t->name, t->help);
	}
}

/* The value of an option; word is all of it, lead how much of it comes
 * before the value. */
static void
complete_value(const struct opt *o, const char *word, size_t lead,
    struct buf *b, enum opt_comp *comp)
{
	static const char *const times[] = { "now", "today", "yesterday",
	    "last week", "last month", NULL };
	const char *const *w = o->kind == OPT_K_TIME ? times : o->words;

	for (; w != NULL && *w != NULL; w++)
		if (starts(*w, word + lead))
			buf_addf(b, "%.*s%s\t%s\n", (int)lead, word, *w,
			    o->arg != NULL ? o->arg : o->name);
	*comp = o->comp;
}

static void
complete_verbs(const struct parse *p, const char *word, struct buf *b)
{
	const struct opt_verb *v;
	const char *name;
	size_t n, first = p->first != NULL ? strlen(p->first) + 1 : 0;

	for (v = p->tool->verbs; v->name != NULL; v++) {
		if (first > 0 && (!starts(v->name, p->first) ||
		    v->name[first - 1] != ' '))
			continue;
		name = v->name + first;
		n = strcspn(name, " ");
		if (!starts(name, word))
			continue;
		/* the verbs of one first word stand together */
		if (name[n] == ' ' && v > p->tool->verbs &&
		    strncmp(v[-1].name, v->name, n) == 0 &&
		    (v[-1].name[n] == ' ' || v[-1].name[n] == '\0'))
			continue;
		buf_addf(b, "%.*s\t%s\n", (int)n, name, v->help);
	}
}

/* What a verb of one word may go on with. */
static void
complete_second(const struct parse *p, const char *word, struct buf *b)
{
	struct parse with = *p;

	if (p->verb == NULL || p->first != NULL || p->operands)
		return;
	with.first = p->verb->name;
	complete_verbs(&with, word, b);
}

/* Take in a word that stands before the one to complete; returns the
 * option that now waits for its value, or NULL. */
static const struct opt *
complete_skip(struct parse *p, const char *w, const char *next, bool *only)
{
	struct err ignored;	/* half-typed lines have mistakes */
	const struct opt *o;
	int ask = 0;
	bool on;

	if (*only || w[0] != '-' || w[1] == '\0') {
		if (wants_verb(p))
			take_verb(p, w);
		else if (!take_second(p, w))
			p->operands = true;
		return NULL;
	}
	if (strcmp(w, "--") == 0) {
		*only = true;
		return NULL;
	}
	(w[1] == '-' ? parse_long : parse_short)(p, w, next, &ask, &ignored);
	if (w[1] == '-') {
		o = find_long(p, w + 2, strcspn(w + 2, "="), &on);
		return o != NULL && takes_value(o) &&
		    strchr(w, '=') == NULL ? o : NULL;
	}
	for (w++; *w != '\0'; w++)
		if ((o = find(p, *w, NULL, 0)) != NULL && takes_value(o))
			return w[1] == '\0' ? o : NULL;
	return NULL;
}

size_t
opt_complete(const struct opt_tool *tool, int n, char **words, struct buf *b,
    enum opt_comp *comp)
{
	struct parse p = { tool, NULL, NULL, false };
	const struct opt *o = NULL;
	const char *word = n > 0 ? words[n - 1] : "", *eq;
	bool only = false, on;
	int i;

	*comp = OPT_C_NONE;
	for (i = 0; i < n - 1; i++)
		o = o != NULL ? NULL : complete_skip(&p, words[i],
		    i + 1 < n - 1 ? words[i + 1] : NULL, &only);
	if (o != NULL) {
		complete_value(o, word, 0, b, comp);
		return 0;
	}
	if (!only && starts(word, "--") && (eq = strchr(word, '=')) != NULL) {
		o = find_long(&p, word + 2, (size_t)(eq - word - 2), &on);
		if (o == NULL || !takes_value(o))
			return 0;
		complete_value(o, word, (size_t)(eq + 1 - word), b, comp);
		return (size_t)(eq + 1 - word);
	}
	if (!only && word[0] == '-') {
		if (p.verb != NULL)
			complete_names(p.verb->opts, word, b);
		complete_names(tool->opts, word, b);
	} else if (wants_verb(&p)) {
		complete_verbs(&p, word, b);
	} else {
		complete_second(&p, word, b);
		*comp = p.verb != NULL ? p.verb->comp : tool->comp;
	}
	return 0;
}
