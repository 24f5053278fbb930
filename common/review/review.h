/*
 * A review: a change is read as a patch, and what is known of the files, of
 * where they lie and of the words in the lines that changed becomes findings.
 * Findings are the worst first.
 *
 * What is known comes from three sides, each of which may be missing: facts
 * and rows, through a struct review_source, and the history of the
 * repository, as a struct churn.
 *
 * Verdicts on the facts and rows that a finding names add to its confidence,
 * for each person, and for a file and for all files, once: false_positive
 * takes 0.25 off, so that an error becomes a note and two leave nothing,
 * missed_issue adds 0.15, up to 0.95.  With a file, a missed one is a finding
 * there (at least 0.6 sure, and that 0.15) though nothing else told of it.
 */
#ifndef REVIEW_REVIEW_H
#define REVIEW_REVIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "history/churn.h"
#include "history/patch.h"
#include "ltm/verdict.h"

enum review_level { REVIEW_NOTE, REVIEW_WARNING, REVIEW_ERROR,
    REVIEW_LEVELS };
extern const char *const review_levels[];	/* by number; NULL-ended */

/* What a finding is about; the names are the rules of a SARIF log. */
enum review_rule { REVIEW_FILE, REVIEW_MODULE, REVIEW_PATTERN, REVIEW_BUG,
    REVIEW_PARTNER, REVIEW_RULES };
extern const char *const review_rules[];
extern const char *const review_rule_texts[];	/* a sentence each */

struct review_finding {
	enum review_rule rule;
	enum review_level level;
	double confidence;
	double found;		/* the same before verdicts */
	json_t *steps;		/* own; from that to this, "why" and "add";
				   NULL: there is no verdict */
	char *path;		/* own; of the change */
	int64_t line, end_line;	/* 0: of the file as a whole */
	char *message;		/* own; at most 1,000 characters */
	char *what;		/* own; tells it from others in this file,
				   whatever line it is in */
	struct strv facts, sources;	/* ids */
	struct strv records;	/* those that it says are near: KB/RECORD_ID */
};

/*
 * Where facts and rows come from.  Functions with fn call it with a record,
 * borrowed, for each that there is, until it returns nonzero, which is handed
 * on.  The keys of words are in small letters, those of stems what the
 * language makes of them.
 */
struct review_source {
	/* First of all: the words of the whole change.  Or NULL. */
	int (*begin)(void *, const struct map *words,
	    const struct map *stems, struct err *);
	/* Facts with this tag: "file:src/a.c", "module:src". */
	int (*facts)(void *, const char *tag, int (*fn)(void *,
	    const json_t *, struct err *), void *, struct err *);
	/* Last of all: facts about kinds of bugs ("pattern:", "cause:"), those
	 * at least whose words the change may have. */
	int (*patterns)(void *, int (*fn)(void *, const json_t *,
	    struct err *), void *, struct err *);
	/* Rows that are near what changed in a file, whose words these are.
	 * Or NULL. */
	int (*rows)(void *, const char *path, const struct map *words,
	    int (*fn)(void *, const json_t *, double confidence,
	    struct err *), void *, struct err *);
	/* Verdicts on a fact (its id) or a row (KB/RECORD_ID) for all files
	 * and for these two; was may be NULL.  Or NULL. */
	int (*verdicts)(void *, const char *about, const char *path,
	    const char *was, verdict_fn *, void *, struct err *);
	/* Facts and rows that somebody missed in a file.  Or NULL. */
	int (*missed)(void *, const char *path, int (*fn)(void *,
	    const char *about, const json_t *, struct err *), void *,
	    struct err *);
	void *arg;
};

struct review_how {
	double least;		/* confidence of what is told */
	double warning, error;	/* from which it is that */
	int64_t now_ms;
	const struct language *language;	/* borrowed; NULL: English */
};
#define REVIEW_HOW { RISK_FLAG, 0.75, 0.9, 0, NULL }

struct language;
struct review;

/* source and churn may be NULL; both are borrowed. */
struct review *review_new(const struct review_how *,
	    const struct review_source *, const struct churn *);
void	review_free(struct review *);		/* takes NULL */

/* To be filled by a patch: read it with this. */
void	review_sink(struct review *, struct patch_sink *);
/* After the patch, once. */
int	review_end(struct review *, struct err *);

/* In order; borrowed. */
const struct review_finding *review_findings(const struct review *,
	    size_t *n);
size_t	review_files(const struct review *);	/* that changed */

/* To a finding's confidence, less than 0 for one that is wrong. */
double	review_verdict_adds(const char *name);

json_t	*review_json(const struct review_finding *);	/* own */
/* Of its rule, file and what it is about: stays when lines move.  out has
 * HASH_HEX + 1 bytes. */
void	review_fingerprint(const struct review_finding *, char *out);

#endif
