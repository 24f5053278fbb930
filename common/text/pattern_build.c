/*
 * From the text of a pattern to its code, by recursive descent.
 */
#include "text/pattern_code.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define CODE_MAX 1024		/* instructions */
#define DEPTH_MAX 8		/* groups in groups */

/* What is being compiled. */
struct source {
	const char *p, *end;
	struct pattern *pt;
	bool nocase;
	int depth, alts;
	const char *why;
};

static bool	parse_alt(struct source *);

static void
set_add(unsigned char *set, unsigned char c)
{
	set[c >> 3] |= (unsigned char)(1 << (c & 7));
}

static void
set_range(unsigned char *set, int from, int to)
{
	for (; from <= to; from++)
		set_add(set, (unsigned char)from);
}

static bool
fail(struct source *s, const char *why)
{
	s->why = why;
	return false;
}

static struct instr *
emit(struct source *s, enum op op)
{
	struct pattern *pt = s->pt;
	struct instr *i;

	pt->code = xgrow(pt->code, pt->n, &pt->cap, sizeof *pt->code);
	i = &pt->code[pt->n++];
	memset(i, 0, sizeof *i);
	i->op = op;
	return i;
}

/* Put an instruction in front of what begins at `at`. */
static struct instr *
insert(struct source *s, size_t at, enum op op)
{
	struct instr i;

	i = *emit(s, op);
	memmove(&s->pt->code[at + 1], &s->pt->code[at],
	    (s->pt->n - 1 - at) * sizeof i);
	s->pt->code[at] = i;
	return &s->pt->code[at];
}

static void
copy(struct source *s, size_t from, size_t n)
{
	struct instr *to;

	while (n-- > 0) {
		to = emit(s, OP_END);
		*to = s->pt->code[from++];
	}
}

/* What follows a backslash, into a set; *c is the byte if it is one, else
 * -1. */
static bool
parse_escape(struct source *s, unsigned char *set, int *c)
{
	if (s->p == s->end)
		return fail(s, "nothing follows the '\\'");
	*c = -1;
	switch (*s->p) {
	case 'w':
		set_range(set, 'a', 'z');
		set_range(set, 'A', 'Z');
		set_add(set, '_');
		/* FALLTHROUGH */
	case 'd':
		set_range(set, '0', '9');
		break;
	case 's':
		set_range(set, '\t', '\r');
		set_add(set, ' ');
		break;
	case 'n':
		*c = '\n';
		break;
	case 'r':
		*c = '\r';
		break;
	case 't':
		*c = '\t';
		break;
	default:
		if ((*s->p >= 'a' && *s->p <= 'z') || (*s->p >= 'A' &&
		    *s->p <= 'Z') || (*s->p >= '0' && *s->p <= '9'))
			return fail(s, "a '\\' before a letter that it gives "
			    "no meaning");
		*c = (unsigned char)*s->p;
	}
	if (*c >= 0)
		set_add(set, (unsigned char)*c);
	s->p++;
	return true;
}

/* One member of a set, or the end of a range. */
static bool
parse_member(struct source *s, unsigned char *set, int *c)
{
	if (*s->p == '\\') {
		s->p++;
		return parse_escape(s, set, c);
	}
	*c = (unsigned char)*s->p++;
	set_add(set, (unsigned char)*c);
	return true;
}

/* After the '['. */
static bool
parse_set(struct source *s, unsigned char *set)
{
	bool not = s->p < s->end && *s->p == '^';
	int i, from, to;

	if (not)
		s->p++;
	do {
		if (s->p == s->end)
			return fail(s, "a '[' without ']'");
		if (!parse_member(s, set, &from))
			return false;
		if (s->end - s->p < 2 || *s->p != '-' || s->p[1] == ']')
			continue;
		s->p++;
		if (!parse_member(s, set, &to))
			return false;
		if (from < 0 || to < from)
			return fail(s, "a range in a set that goes backwards");
		set_range(set, from, to);
	} while (s->p == s->end || *s->p != ']');
	s->p++;
	for (i = 0; s->nocase && i < 26; i++)
		if (pattern_in(set, (char)('a' + i)) ||
		    pattern_in(set, (char)('A' + i))) {
			set_add(set, (unsigned char)('a' + i));
			set_add(set, (unsigned char)('A' + i));
		}
	for (i = 0; not && i < PATTERN_SET; i++)
		set[i] = (unsigned char)~set[i];
	return true;
}

/* One byte or set, as it stands outside of brackets. */
static bool
parse_one(struct source *s, unsigned char *set)
{
	int c = (unsigned char)*s->p++;

	switch (c) {
	case '[':
		return parse_set(s, set);
	case '.':
		memset(set, 0xff, PATTERN_SET);
		set['\n' >> 3] &= (unsigned char)~(1 << ('\n' & 7));
		return true;
	case '\\':
		return parse_escape(s, set, &c);
	case '^':
	case '$':
		return fail(s, "a '^' or '$' without '\\': a pattern begins "
		    "where its literal ends");
	case '*':
	case '+':
	case '?':
	case '{':
		return fail(s, "nothing to repeat");
	}
	set_add(set, (unsigned char)c);
	if (s->nocase && c >= 'a' && c <= 'z')
		set_add(set, (unsigned char)(c - 'a' + 'A'));
	if (s->nocase && c >= 'A' && c <= 'Z')
		set_add(set, (unsigned char)(c - 'A' + 'a'));
	return true;
}

static bool
parse_number(struct source *s, uint32_t *n)
{
	if (s->p == s->end || *s->p < '0' || *s->p > '9')
		return fail(s, "no number where '{' wants one");
	for (*n = 0; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
		if ((*n = *n * 10 + (uint32_t)(*s->p - '0')) > PATTERN_RUN)
			return fail(s, "a number over 16384");
	return true;
}

/* 1 there is a count, 0 none, -1 a bad one. */
static int
parse_count(struct source *s, uint32_t *min, uint32_t *max)
{
	*min = *max = 1;
	if (s->p == s->end || strchr("*+?{", *s->p) == NULL || *s->p == '\0')
		return 0;
	switch (*s->p++) {
	case '*':
		*min = 0;
		*max = PATTERN_RUN;
		return 1;
	case '+':
		*max = PATTERN_RUN;
		return 1;
	case '?':
		*min = 0;
		return 1;
	}
	if (!parse_number(s, min))
		return -1;
	*max = *min;
	if (s->p < s->end && *s->p == ',') {
		*max = PATTERN_RUN;
		if (++s->p < s->end && *s->p != '}' && !parse_number(s, max))
			return -1;
	}
	if (s->p == s->end || *s->p++ != '}') {
		fail(s, "a '{' without '}'");
		return -1;
	}
	if (*max < *min || *max == 0) {
		fail(s, "a count that nothing fits");
		return -1;
	}
	return 1;
}

/* May the code from `at` to the end match nothing?  Backwards, because all
 * jumps but those of loops go forward: each place is looked at once. */
static bool
nullable(const struct pattern *pt, size_t at)
{
	bool *can = xcalloc(pt->n - at + 1, sizeof *can), r;
	const struct instr *i;
	size_t k = pt->n - at;

	can[k] = true;
	while (k-- > 0) {
		i = &pt->code[at + k];
		if (i->op == OP_SET || i->op == OP_LAZY)
			can[k] = i->min == 0 && can[k + 1];
		else if (i->op == OP_JUMP)
			can[k] = i->other > 0 && can[k + (size_t)i->other];
		else
			can[k] = can[k + 1] || (i->op == OP_SPLIT &&
			    can[k + (size_t)i->other]);
	}
	r = can[0];
	free(can);
	return r;
}

/* Repeat the code from `at` to the end. */
static bool
repeat(struct source *s, size_t at, uint32_t min, uint32_t max)
{
	size_t len = s->pt->n - at, first = at;
	uint32_t i;

	if (max == PATTERN_RUN && nullable(s->pt, at))
		return fail(s, "endless repetition of nothing");
	if ((max == PATTERN_RUN ? (uint64_t)min + 1 : max) * (len + 2) >
	    CODE_MAX)
		return fail(s, "too long when written out");
	if (max < PATTERN_RUN) {
		/* x{1,3}: x (x (x)?)? */
		for (i = 1; i < max; i++)
			copy(s, at, len);
		for (i = max; i-- > min; )
			insert(s, at + i * len, OP_SPLIT);
		for (i = min, first = at + min * len; i < max;
		    i++, first += len + 1)
			s->pt->code[first].other = (int)(s->pt->n - first);
		return true;
	}
	for (i = 0; i < min; i++, first += len)
		copy(s, at, len);
	insert(s, first, OP_SPLIT)->other = (int)len + 2;
	emit(s, OP_JUMP)->other = -(int)(len + 1);
	return true;
}

/* (?=[set]) and (?![set]), after the sign. */
static bool
parse_look(struct source *s)
{
	struct instr *i = emit(s, s->p[-1] == '=' ? OP_NEXT : OP_NOT_NEXT);

	return s->p < s->end ? parse_one(s, i->set) :
	    fail(s, "a '(' without ')'");
}

static bool
parse_inside(struct source *s, bool capture)
{
	if (++s->depth > DEPTH_MAX)
		return fail(s, "groups nested too deeply");
	if (capture)
		emit(s, OP_OPEN);
	if (!parse_alt(s))
		return false;
	if (capture)
		emit(s, OP_CLOSE);
	s->depth--;
	return true;
}

/* After a '('. */
static bool
parse_group(struct source *s)
{
	bool plain = s->p == s->end || *s->p != '?', look;
	size_t at = s->pt->n;
	uint32_t min, max;
	int r;

	if (!plain && (s->end - s->p < 2 || memchr(":=!", s->p[1], 3) == NULL))
		return fail(s, "a '(?' of a kind that is not known");
	look = !plain && s->p[1] != ':';
	s->p += plain ? 0 : 2;
	if (!(look ? parse_look(s) : parse_inside(s, plain)))
		return false;
	if (s->p == s->end || *s->p++ != ')')
		return fail(s, "a '(' without ')'");
	if (look)
		return true;
	r = parse_count(s, &min, &max);
	return r == 0 || (r > 0 && repeat(s, at, min, max));
}

static bool
parse_seq(struct source *s)
{
	struct instr *i;
	int r;

	while (s->p < s->end && *s->p != '|' && *s->p != ')') {
		if (s->pt->n > CODE_MAX)
			return fail(s, "too long");
		if (*s->p == '(') {
			s->p++;
			if (!parse_group(s))
				return false;
			continue;
		}
		i = emit(s, OP_SET);
		if (!parse_one(s, i->set) ||
		    (r = parse_count(s, &i->min, &i->max)) < 0)
			return false;
		if (r > 0 && s->p < s->end && *s->p == '?') {
			i->op = OP_LAZY;
			s->p++;
		}
	}
	return true;
}

static bool
parse_alt(struct source *s)
{
	size_t at = s->pt->n, jump;

	if (!parse_seq(s))
		return false;
	if (s->p == s->end || *s->p != '|')
		return true;
	if (++s->alts > CODE_MAX / 4)
		return fail(s, "too many alternatives");
	s->p++;
	insert(s, at, OP_SPLIT);
	jump = s->pt->n;
	emit(s, OP_JUMP);
	s->pt->code[at].other = (int)(s->pt->n - at);
	if (!parse_alt(s))
		return false;
	s->pt->code[jump].other = (int)(s->pt->n - jump);
	return true;
}

/* Can what stands at pc begin with a byte of the set (or with nothing)?
 * Then a run of the set that comes before may have to give some back. */
static bool
may_begin(const struct pattern *pt, size_t pc, const unsigned char *set,
    int depth)
{
	const struct instr *i = &pt->code[pc];
	int k;

	if (depth > 8)
		return true;
	switch (i->op) {
	case OP_OPEN:
	case OP_CLOSE:
		return may_begin(pt, pc + 1, set, depth + 1);
	case OP_JUMP:
		return may_begin(pt, (size_t)((int)pc + i->other), set,
		    depth + 1);
	case OP_SPLIT:
		return may_begin(pt, pc + 1, set, depth + 1) ||
		    may_begin(pt, (size_t)((int)pc + i->other), set,
		    depth + 1);
	case OP_NOT_NEXT:
		for (k = 0; k < PATTERN_SET; k++)
			if (set[k] & ~i->set[k])
				return true;
		return false;
	case OP_SET:
	case OP_LAZY:
	case OP_NEXT:
		for (k = 0; k < PATTERN_SET; k++)
			if (set[k] & i->set[k])
				return true;
		return i->op != OP_NEXT && i->min == 0 &&
		    may_begin(pt, pc + 1, set, depth + 1);
	case OP_END:
		break;
	}
	return true;
}

struct pattern *
pattern_new(const char *p, size_t len, bool nocase, const char **why)
{
	struct pattern *pt = xcalloc(1, sizeof *pt);
	struct source s = { p, p + len, pt, nocase, 0, 0, NULL };
	size_t pc;

	if (parse_alt(&s) && s.p < s.end)
		fail(&s, "a ')' without '('");
	if (s.why == NULL && pt->n > CODE_MAX)
		fail(&s, "too long");
	if (s.why != NULL) {
		*why = s.why;
		pattern_free(pt);
		return NULL;
	}
	emit(&s, OP_END);
	for (pc = 0; pc < pt->n; pc++)
		if (pt->code[pc].op == OP_SET)
			pt->code[pc].keep = !may_begin(pt, pc + 1,
			    pt->code[pc].set, 0);
	return pt;
}
