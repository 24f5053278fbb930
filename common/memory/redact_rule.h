/*
 * The rules for secrets, as memkit-redact(5) describes their file.  Rules
 * are read at once and borrow the text they were read from; their patterns
 * are compiled when the rule is first needed, which most never are.
 */
#ifndef MEMORY_REDACT_RULE_H
#define MEMORY_REDACT_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "memory/pattern.h"

#define RULE_LITERAL_MIN 3
#define RULE_LITERAL_MAX 31
#define RULE_EXCEPT_MAX 6
#define RULE_NEED_MAX 2

struct slice {
	const char *p;		/* borrowed */
	size_t n;
};

enum rule_form {
	RULE_PLAIN,		/* the pattern finds the secret */
	RULE_PEM,		/* the pattern ends a head; the body follows */
	RULE_ASSIGN		/* the pattern ends a name; a value follows */
};

/* What is no secret, however it is assigned. */
struct rule_set {
	struct slice name;
	struct slice *word, *like;	/* own arrays */
	size_t nword, word_cap, nlike, like_cap;
	struct pattern **compiled;	/* own; of like, or NULL */
};

/* What a rule is compiled to. */
struct rule_code {
	unsigned char before[PATTERN_SET], left[PATTERN_SET];
	uint32_t left_min, left_max;
	unsigned char need[RULE_NEED_MAX][PATTERN_SET];
	struct pattern *after, *unless;			/* own, or NULL */
	struct pattern *except_pat[RULE_EXCEPT_MAX];	/* the same */
	struct rule_set *except_set[RULE_EXCEPT_MAX];	/* borrowed */
	struct rule_set *dummy;		/* borrowed, or NULL */
};

struct rule {
	struct slice kind;
	enum rule_form form;
	bool nocase, quoted, blanks, basic, off;
	bool weak;			/* its kind gives way to another */
	uint32_t min;			/* bytes of the secret */
	double entropy;			/* bits per byte, at least */
	struct slice before, left, after, unless;
	struct slice need[RULE_NEED_MAX];
	struct slice except[RULE_EXCEPT_MAX];
	int nneed, nexcept, nliteral;
	const char *file;		/* for messages */
	int line;

	struct rule_code *code;		/* own; NULL before it is needed */
};

/* What must be there before a rule is tried. */
struct literal {
	char s[RULE_LITERAL_MAX];	/* in lower case if the rule says */
	unsigned char n;
	uint16_t rule;
	uint16_t next;			/* of the same bucket, + 1 */
};

struct rules {
	struct rule *rule;		/* own */
	struct literal *lit;		/* own */
	struct rule_set *set;		/* own */
	size_t nrule, rule_cap, nlit, lit_cap, nset, set_cap;
};

/*
 * Add the rules of a text, which must outlive them.  ERR_INPUT names file
 * and line.  Patterns are looked at by rules_check.
 */
int	rules_parse(struct rules *, const char *text, size_t len,
	    const char *file, struct err *);
/* Compile every rule from `first` on, so that a bad one is found now. */
int	rules_check(struct rules *, size_t first, struct err *);
void	rules_release(struct rules *);
struct rule_set *rules_set(struct rules *, struct slice name);	/* or NULL */

/* Make sure that u->code is there. */
int	rule_ready(struct rules *, struct rule *, struct err *);

/* Is what a rule has found one, by its length, its bytes and its
 * exceptions? */
bool	rule_accepts(const struct rule *, const char *p, const char *end);

/* Of ASCII; the locale has no say. */
static inline int
rule_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/*
 * RULE_ASSIGN, in redact_assign.c.  The literal is at [p, q) of the text
 * that begins at base; 1 when a value is assigned to its name and is a
 * secret, which *value then is.
 */
int	assign_find(const struct rule *, struct pattern_text *,
	    const char *base, const char *p, const char *q,
	    struct slice *value);
/* Is all of the name [base, tx->end) one of the rule? */
bool	assign_name(const struct rule *, struct pattern_text *,
	    const char *base, const char *p, const char *q);
/* Is a string that stands under such a name a secret? */
bool	assign_value(const struct rule *, const char *p, size_t n);

#endif
