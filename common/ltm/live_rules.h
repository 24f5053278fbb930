/*
 * What the live flow goes by: rules and phrases, as data (share/live, and a
 * user's own in STORE/live).  mem-ltm(1) describes the files; whatever is not
 * known there is an error, with line and column.
 */
#ifndef LTM_LIVE_RULES_H
#define LTM_LIVE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct store;

enum live_does {
	LIVE_TELLS,	/* a fact */
	LIVE_ENDS,	/* facts of this value hold no more */
	LIVE_CORRECTS	/* facts of the other value have this one */
};

struct live_rule {
	char *name;		/* own */
	char *kind;		/* own; the first tag of its facts */
	char *key;		/* own; template */
	char *content;		/* own; template */
	struct strv patterns;
	struct strv needs;	/* names of phrases, one of which is there */
	struct strv only;	/* names of phrases, with one of which the
				   value begins */
	struct strv unless;	/* the value does not begin so */
	int64_t words;		/* of the value, at most */
	bool named;		/* the value has a digit, or a capital */
	enum live_does does;
	int sure;		/* ten thousandths */
	bool off;
	size_t at;		/* in the file */
};

#define LIVE_PHRASES 64		/* sections of them, at most */

enum live_place { LIVE_BEGIN, LIVE_END, LIVE_EITHER, LIVE_NAMED };

/* Phrases that stand around what is said, and tell something of it. */
struct live_phrases {
	char *name;		/* own */
	struct strv say;
	enum live_place place;
	int add;		/* ten thousandths */
	char *why;		/* own; of the step, or NULL */
	bool session;		/* it is said for now */
};

enum live_where { LIVE_IN_SENTENCE, LIVE_IN_TURN, LIVE_IN_VALUE,
    LIVE_BEGINS_VALUE, LIVE_IS_VALUE, LIVE_BEGINS_SENTENCE };

struct live_veto {
	char *name;		/* own */
	struct strv say;
	enum live_where where;
};

struct live_rules {
	struct live_rule *rule;		/* own */
	struct live_phrases *phrases;	/* own */
	struct live_veto *veto;		/* own */
	struct strv cut;		/* a value ends before them */
	struct strv join;		/* a clause begins behind them */
	size_t nrules, nphrases, nvetoes;
	size_t cap_rules, cap_phrases, cap_vetoes;
};
#define LIVE_RULES_INIT { .cut = STRV_INIT, .join = STRV_INIT }

void	live_rules_release(struct live_rules *);
void	live_rule_release(struct live_rule *);
/* Adds a file.  A section that is there already gets more phrases; a rule of
 * the same name is taken out and written anew.  ERR_INPUT names the place. */
int	live_rules_parse(struct live_rules *, const char *text, size_t len,
	    const char *file, struct err *);
/* Those that are built in. */
int	live_rules_built_in(struct live_rules *, struct err *);
/* And those of the store, in the order of their names. */
int	live_rules_load(struct live_rules *, const struct store *,
	    struct err *);

#endif
