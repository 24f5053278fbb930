/*
 * A review in the making.  Only review*.c includes this.
 */
#ifndef MEMORY_REVIEW_WORK_H
#define MEMORY_REVIEW_WORK_H

#include "base/map.h"
#include "memory/review.h"

#define REVIEW_WORDS_MAX 2000	/* of a file's changed lines, different */
#define REVIEW_PARTNERS 5
#define REVIEW_ROW_BASE 0.40	/* confidence of a row: this, */
#define REVIEW_ROW_SHARE 0.35	/* and this times the share of its words */
#define REVIEW_ROW_ELSEWHERE 0.60	/* all words, in another file */
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

/*
 * A finding at the file's first range; NULL when it is below what is told.
 * One about the same thing becomes one with it: the greater confidence
 * counts.  Valid until the next.
 */
struct review_finding *review_add(struct review *, enum review_rule,
	    const struct review_file *, double confidence, const char *what,
	    const char *message);
void	strv_put(struct strv *, const char *);	/* once */

#endif
