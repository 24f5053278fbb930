/*
 * What the formats of bug records share.  A source is read value by value, as
 * transcripts are; but nothing goes out before everything is read, because
 * the limits are checked first and of records with one id the last counts.
 * Until then they wait in a temporary file; memory holds a hash of each id.
 *
 * Only files of from/ include this.
 */
#ifndef FROM_BUG_IMPORT_H
#define FROM_BUG_IMPORT_H

#include "from/bug.h"
#include "from/bug_words.h"
#include "from/format.h"
#include "from/json_split.h"

/* Where the values of a format are. */
struct from_bug_format {
	/* JSON: arrays within objects to take apart, as json_split has it */
	const char *const *inner[JSON_SPLIT_LEVELS];
	/* What is around them; level 0 is the object at the top, n the
	 * ordinal of what stands in the outer array (sarif's run), from 0. */
	int (*shell)(struct from *, int level, int64_t n, const json_t *,
	    struct err *);
	bool ahead;		/* shells before values: two passes */
	const char *const *elements;	/* XML: these are the values */
	bool table;		/* CSV: a row is an object by its header */
};

/* Read a source; as from_read_fd, which calls it.  ERR_INPUT: it is over a
 * limit. */
int	from_bugs_read(struct from *, int fd, const struct stat *,
	    struct err *);
/* Print what was read, in the order of the input. */
int	from_bugs_tell(struct from *, struct err *);
void	from_bugs_free(struct from *);	/* takes what has none */
void	from_bugs_counts(const struct from *, json_t *end);

int64_t	from_bugs_outer(const struct from *);	/* n, of the value at hand */

/* What a record is made in: empty, borrowed.  Then it is added. */
struct bug *from_bug(struct from *);
int	from_bug_add(struct from *, struct err *);
const struct bug_words *from_bug_words(const struct from *);

/*
 * Put the members of an object into the fields that a section of
 * bug-csv.conf says, those of --map first.  What has no field is counted;
 * names that are no field of bug records ("type") go into *more (own, or
 * NULL), as texts.
 */
void	from_bug_members(struct from *, const json_t *, const char *section,
	    json_t **more);

/* A person, a component ...: the string, or the name in the object; NULL. */
const char *from_name(const json_t *);
/* The same of a member. */
const char *from_name_of(const json_t *, const char *key);
/* A number or a string as text; "" else. */
void	from_scalar(struct buf *, const json_t *);

/*
 * Issues of trackers, where severity is said by several things: by a severity
 * of their own, else by a priority, else by their type.
 */
struct issue {
	const char *severity, *by_priority, *by_type;	/* or NULL */
	char type[48];		/* one that is no bug; or "" */
	bool bug;		/* of a type that is */
};
void	issue_severity(struct from *, struct issue *, const char *word);
void	issue_priority(struct from *, struct issue *, const char *word);
void	issue_type(struct from *, struct issue *, const char *word);
/* "severity: high", "P1", "kind/bug", "area/net", "wontfix"; kept as it is,
 * too. */
void	issue_label(struct from *, struct issue *, const char *label);
/* All of an array of strings or objects with a name. */
void	issue_labels(struct from *, struct issue *, const json_t *);
/* Add the record, or drop what is no bug. */
int	issue_add(struct from *, struct issue *, struct err *);

#endif
