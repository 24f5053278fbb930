/*
 * A review in the making.  Only review*.c includes this.
 */
#ifndef REVIEW_REVIEW_WORK_H
#define REVIEW_REVIEW_WORK_H

#include "base/map.h"
#include "review/review.h"

#define REVIEW_WORDS_MAX 2000	/* of a file's changed lines, different */
#define REVIEW_PARTNERS 5
#define REVIEW_ROW_BASE 0.40	/* confidence of a row: this, */
#define REVIEW_ROW_SHARE 0.35	/* and this times the share of its words */
#define REVIEW_ROW_ELSEWHERE 0.60	/* all words, in another file */
#define REVIEW_WRONG 0.25	/* less, for each verdict */
#define REVIEW_MISSED 0.15	/* more */
#define REVIEW_WORD_LEAST 3	/* letters; shorter words tell nothing */

/* A file of the change. */
struct review_file {
	char *path, *was;	/* own; was NULL: the same */
	bool deleted;
	int64_t line, end_line;	/* the first range; 0: none */
	struct map words;	/* of its changed lines */
	struct map stems;	/* of these */
};

/* A pattern that words can tell: "null_check". */
struct review_pattern {
	struct strv words;
	bool stems;		/* it is stems that they are */
	json_t *fact;		/* own */
};

struct review {
	struct review_how how;
	const struct review_source *source;	/* borrowed, or NULL */
	const struct churn *churn;	/* borrowed, or NULL */
	struct review_file *file;	/* own; as they come */
	size_t nfiles, files_cap;
	struct map paths;	/* of file, old names too; i: number */
	struct map words, stems;	/* of all files */
	struct map told;	/* rule and what it is about; i: finding */
	struct review_finding *v;	/* own */
	size_t n, cap;
	struct review_pattern *pattern;	/* own */
	size_t npatterns, patterns_cap;
};

/* review_words.c */
/* The words of a line of code: of identifiers their parts, in small letters,
 * each once in the map. */
void	review_words_add(struct map *, const char *, size_t);
/* The same, of a name such as "null_check", in order. */
void	review_words_of(struct strv *, const char *);
/* All of them; one word alone says too little. */
bool	review_has_words(const struct map *have, const struct strv *want);
/* The stems of words, for each file and for all. */
void	review_stems(struct review *);

/* review_fact.c: what is known of a file. */
int	review_file_facts(struct review *, const struct review_file *,
	    struct err *);
int	review_patterns(struct review *, struct err *);	/* of all */

/* review_history.c: what its history tells of it. */
/* The risk of a file; false: it has no past. */
bool	review_risk(const struct review *, const struct review_file *,
	    struct risk *, struct buf *message);
int	review_partners(struct review *, const struct review_file *,
	    struct err *);

/* review_found.c */
/* What a finding rests on. */
struct review_ids {
	struct strv facts, sources, records;
};
void	review_ids_release(struct review_ids *);
/* Of a fact, and of the rows below it ("source_..._ids"). */
void	review_ids_take(struct review_ids *, const json_t *fact);
void	strv_put(struct strv *, const char *);	/* once */

/*
 * A finding at the file's first range; one about the same thing becomes one
 * with it, and the greater confidence counts.  ids may be NULL.
 */
int	review_add(struct review *, enum review_rule,
	    const struct review_file *, double confidence, const char *what,
	    const char *message, const struct review_ids *, struct err *);
/* The same of one fact, and of a row. */
int	review_add_fact(struct review *, enum review_rule,
	    const struct review_file *, double confidence, const char *what,
	    const char *message, const json_t *fact, struct err *);
int	review_add_row(struct review *, const struct review_file *,
	    double confidence, const json_t *row, struct err *);
/* In the end: what is not told goes, the rest gets its level and place. */
void	review_settle(struct review *);
void	review_finding_release(struct review_finding *);

/* review_verdict.c */
/* What verdicts make of a finding if it is told of this file. */
int	review_weigh(const struct review *, const struct review_finding *,
	    const struct review_file *, double *confidence, json_t **steps,
	    struct err *);
/* What somebody missed in a file, after all that was found. */
int	review_missed(struct review *, const struct review_file *,
	    struct err *);

#endif
