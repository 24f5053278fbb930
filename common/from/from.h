/*
 * Foreign formats in, memkit records out: one run over files, folders or a
 * stream, in constant memory.  First comes a "start" record, before
 * anything can fail, then events, sessions and records, with cursors between
 * them when it follows, and an "end" record with the counts; a run that
 * failed has no end.
 *
 * What cannot be read is skipped; what is not worth remembering (injected
 * texts, copies, thoughts) is dropped.  Both are counted by reason.
 *
 * Formats of bug records print nothing but start before all operands are
 * read: an import that is over its limits prints no record.
 */
#ifndef FROM_FROM_H
#define FROM_FROM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"

struct bug_words;
struct from_docs_opts;	/* docs.h */
struct store;
struct from;
struct from_map;

/* All formats, in the order of the man page; the last name is NULL. */
struct from_format;
const struct from_format *from_format(const char *name);	/* or NULL */
const char *from_format_name(size_t i);				/* or NULL */
bool	from_is_bugs(const struct from_format *);	/* of bug records */
bool	from_wants_words(const struct from_format *);	/* has to have some */
bool	from_is_docs(const struct from_format *);
bool	from_is_table(const struct from_format *);	/* of these, CSV */

struct from_opts {
	const struct from_format *format;
	bool thinking;		/* keep what the model thought */
	bool branches;		/* take what was said on other branches too */
	int64_t since_ms, until_ms;	/* events of [since, until) */
	int64_t limit;		/* stop after so many events; 0: never */
	int64_t at_ms;		/* time of what has none; 0: the file's */
	const struct from_map *map;	/* borrowed; format jsonl */
	const char *rules;	/* borrowed; format git-fixes, NULL: built in */
	bool follow;		/* print cursors, and go on from the store's */
	struct store *store;	/* borrowed; NULL: there is none yet */
	/* of bug records */
	int64_t max_records, max_bytes;	/* of all operands; 0: no limit */
	const struct bug_words *words;	/* borrowed */
	const struct strv *columns;	/* borrowed: COLUMN=FIELD; or NULL */
	const struct from_docs_opts *docs;	/* borrowed; format docs */
};

/* Where it all goes.  emit takes one record, borrowed; say a line for
 * people (detail: only for those who asked for more). */
struct from_sink {
	int (*emit)(void *, const json_t *, struct err *);
	/* The same of a record that is JSON text already; NULL: none asked
	 * for, then it is parsed. */
	int (*text)(void *, const char *, size_t len, struct err *);
	void (*say)(void *, bool detail, const char *line);
	void *arg;
};

struct from_counts {
	int64_t total;		/* = valid + skipped + dropped */
	int64_t valid;		/* records printed */
	int64_t skipped;	/* broken: the run is done in part */
	int64_t dropped;	/* left out on purpose */
	struct map skips, drops, notes;		/* by reason: i */
};

struct from *from_new(const struct from_opts *, const struct from_sink *);
void	from_free(struct from *);		/* takes NULL */

/* Who reads what is printed learns from this that an end must follow. */
int	from_start(const struct from_format *, char **operands, size_t n,
	    const struct from_sink *, struct err *);

/*
 * Read the operands (none: standard input, "-" too).  Returns 0, 1 when
 * something was skipped, -1 failed: ERR_ABSENT names an operand that is
 * not there, before any record is printed.
 */
int	from_run(struct from *, char **operands, size_t n, struct err *);
const struct from_counts *from_counts(const struct from *);

/* A mapping from a file in git-config syntax; ERR_INPUT says what is wrong
 * with it. */
int	from_map_read(struct from_map **, const char *path, struct err *);
int	from_map_parse(struct from_map **, const char *text, size_t len,
	    const char *name, struct err *);
void	from_map_free(struct from_map *);

#endif
