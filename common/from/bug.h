/*
 * Bug records: fields as a source has them in, one record of type
 * bug_record out, by one set of rules for all formats.
 *
 * Severity and status are words of a fixed set, paths are relative, tags are
 * snake_case, times are read in the forms that trackers write, lengths are
 * bounded (characters, not bytes).
 */
#ifndef FROM_BUG_H
#define FROM_BUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct bug_words;

#define BUG_ID_MAX 128
#define BUG_TITLE_MAX 512
#define BUG_DESCRIPTION_MAX 10000
#define BUG_TEXT_MAX 10000	/* of any other text */
#define BUG_FILES_MAX 50
#define BUG_TAGS_MAX 20
#define BUG_PATH_MAX 1024	/* bytes */

/* The fields of the published rules, and what a source may say besides. */
enum bug_field { BUG_ID, BUG_TITLE, BUG_SEVERITY, BUG_STATUS, BUG_MODULE,
    BUG_LANGUAGE, BUG_ROOT_CAUSE, BUG_FIX, BUG_REPORTER, BUG_ASSIGNEE,
    BUG_PROJECT, BUG_ENVIRONMENT, BUG_URL, BUG_CREATED, BUG_RESOLVED,
    BUG_DESCRIPTION, BUG_PRIORITY,
    BUG_RESOLUTION,		/* "wontfix", "fixed" */
    BUG_TEXTS,			/* those below are lists */
    BUG_FILES = BUG_TEXTS, BUG_TAGS, BUG_LABELS, BUG_FIELDS };
extern const char *const bug_fields[];	/* their names; the last is NULL */

/* By its name, "-" for "_" too; BUG_FIELDS: there is none. */
enum bug_field bug_field(const char *name);

struct bug {
	struct buf text[BUG_TEXTS];		/* own */
	struct strv list[BUG_FIELDS - BUG_TEXTS];	/* own */
	bool guessed;		/* the severity is not the source's */
	bool exact;		/* its paths are a repository's, and stay */
};

void	bug_init(struct bug *);
void	bug_reset(struct bug *);	/* empty, memory kept */
void	bug_release(struct bug *);

/* Set a text, or add to a list; blanks around it are taken off, and nothing
 * happens when nothing is left (or it is NULL). */
void	bug_put(struct bug *, enum bug_field, const char *);
/* The same, but a text that is there stays. */
void	bug_fill(struct bug *, enum bug_field, const char *);
/* A cell of several: split at ';', else '|', else ','. */
void	bug_put_list(struct bug *, enum bug_field, const char *);
bool	bug_has(const struct bug *, enum bug_field);

/* Why there is no record of it. */
enum bug_reason { BUG_GOOD, BUG_NO_ID, BUG_NO_TITLE, BUG_BAD_SEVERITY,
    BUG_BAD_ID };
extern const char *const bug_reasons[];

/* What was noticed; bits.  The names are for people. */
enum { BUG_CUT, BUG_BAD_CREATED, BUG_BAD_RESOLVED, BUG_BAD_STATUS,
    BUG_BAD_PRIORITY, BUG_BAD_PATH, BUG_GUESSED, BUG_NOTES };
extern const char *const bug_notes[];

/*
 * The record as JSON text, appended; false: nothing was, for that reason.
 * *notes gets a bit (1 << BUG_CUT ...) for each thing noticed.
 */
bool	bug_record(const struct bug *, const struct bug_words *,
	    struct buf *, enum bug_reason *, unsigned *notes);

/* --- the rules, one by one (bug_text.c, bug_time.c) ------------------- */

/* "NullCheck", "null-check" and "Null Check" are null_check; appended. */
void	bug_tag(struct buf *, const char *);
/*
 * A path below its project, appended: without what it was below on some
 * machine ("/home/ann/app/", "C:\", "file:///"), a line number behind it,
 * and "." and ".." within.  false: there is none left, or it leads out, or it
 * holds controls; nothing was appended.
 */
bool	bug_path(struct buf *, const char *);
/*
 * A time: what date_machine reads, and YYYY/MM/DD, DD/MM/YYYY, DD/Mon/YY,
 * DD-Mon-YYYY, Mon DD, YYYY, a time of day behind them (24 hours, or AM and
 * PM).  UTC where no zone is told.  *day: it has no time of day.  1 read, 0
 * not.
 */
int	bug_time(const char *, int64_t *ms, bool *day);
/* Bytes of the first n characters. */
size_t	bug_chars(const char *, size_t len, size_t n);

#endif
