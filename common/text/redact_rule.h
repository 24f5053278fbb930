/*
 * The rules for secrets, as memkit-redact(5) describes their file.  At
 * first only names and literals are read, which takes some 10 us; the rest
 * of a rule is read and compiled when one of its literals is met, which
 * for most never happens.  Rules borrow the text they were read from.
 */
#ifndef TEXT_REDACT_RULE_H
#define TEXT_REDACT_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "text/pattern.h"

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

/* Values that are no secrets.  Sets of the same name are one. */
struct rule_set {
	struct slice name, body;
	const char *file;		/* borrowed; for messages */
	int line;
	bool ready;			/* what follows is filled */
	struct slice *word;		/* own */
	struct pattern **like;		/* own */
	size_t nword, word_cap, nlike, like_cap;
};

/* What a rule says, compiled. */
struct rule_code {
	enum rule_form form;
	bool quoted, blanks, basic, has_left;
	bool weak;			/* its kind gives way to another */
	uint32_t min;			/* bytes of the secret */
	double entropy;			/* bits per byte, at least */
	unsigned char before[PATTERN_SET], left[PATTERN_SET];
	uint32_t left_min, left_max;
	unsigned char need[RULE_NEED_MAX][PATTERN_SET];
	struct pattern *after, *name, *unless;		/* own, or NULL */
	struct pattern *except[RULE_EXCEPT_MAX];	/* own, or NULL */
	struct slice except_set[RULE_EXCEPT_MAX];	/* its name, or n 0 */
	int nneed, nexcept;
};

struct rule {
	struct slice kind, body;
	const char *file;		/* borrowed */
	int line, nliteral;
	bool nocase, off;
	struct rule_code *code;		/* own; NULL before it is needed */
};

/* What must be there before a rule is tried. */
struct literal {
	char s[RULE_LITERAL_MAX];	/* in lower case if the rule says */
	unsigned char n;
	uint16_t rule;
	uint16_t next;			/* of the same bucket; index + 1 */
};

struct rules {
	struct rule *rule;		/* own */
	struct literal *lit;		/* own */
	struct rule_set *set;		/* own */
	size_t nrule, rule_cap, nlit, lit_cap, nset, set_cap;
};

/*
 * Add the rules of a text, which must outlive them.  ERR_INPUT names file
 * and line.  What is in a rule or a set is looked at by rules_check.
 */
int	rules_parse(struct rules *, const char *text, size_t len,
	    const char *file, struct err *);
/* Make all rules and sets ready, so that a bad one is found now. */
int	rules_check(struct rules *, struct err *);
void	rules_release(struct rules *);

/* Make sure that u->code is there. */
int	rule_ready(struct rule *, struct err *);
int	rule_set_ready(struct rule_set *, struct err *);

/* Is what a rule has found one, by its length, its bytes and its
 * exceptions?  sure: where it stands is proof enough, so that `need` does
 * not count, and 6 bytes are enough. */
bool	rule_accepts(struct rules *, const struct rule *, const char *p,
	    const char *end, bool sure);

/* Lines of the file: the next one of *rest, which loses it, its first
 * word, and what that says. */
bool	rule_line(struct slice *rest, struct slice *key, struct slice *says);
/* The next word of *rest, which loses it; n 0 at the end. */
struct slice rule_word(struct slice *rest);
bool	slice_is(struct slice, const char *);
bool	slice_same(struct slice, struct slice);

/*
 * The end of a block of a private key whose head ends at p; NULL if no key
 * follows.  A block that was cut off ends with its last line of base64.  A
 * line of its own, before the end, may be short; elsewhere it would be
 * prose.  In redact_block.c.
 */
const char *block_end(const char *p, const char *end);

/* For redact_json: the rule of RULE_ASSIGN that all of a key is a name of,
 * or NULL; and is this its secret? */
struct redact;
const struct rule *redact_key(struct redact *, const char *, size_t);
bool	redact_value(struct redact *, const struct rule *, const char *,
	    size_t);

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
int	assign_find(struct rules *, const struct rule *,
	    struct pattern_text *, const char *base, const char *p,
	    const char *q, struct slice *value);
/* Is all of the name [base, tx->end) one of the rule? */
bool	assign_name(const struct rule *, struct pattern_text *,
	    const char *base, const char *p, const char *q);
/* Is a string that stands under such a name a secret? */
bool	assign_value(struct rules *, const struct rule *, const char *p,
	    size_t n);

#endif
