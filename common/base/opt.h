/*
 * Options.  One const table per tool (or per verb of a tool) parses the
 * command line, prints -h, and answers --complete for the shells; a test
 * holds it against the man page.  Options and operands may be mixed; "--"
 * ends the options, "-" is an operand.  Long options take "--name=value"
 * or "--name value", flags negate with --no-.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum opt_kind { OPT_K_END, OPT_K_GROUP, OPT_K_FLAG, OPT_K_STR, OPT_K_LIST,
    OPT_K_INT, OPT_K_SIZE, OPT_K_TIME, OPT_K_ENUM, OPT_K_WORD, OPT_K_COUNT,
    OPT_K_HELP, OPT_K_VERSION, OPT_K_INCLUDE };

/* How the shells complete the value. */
enum opt_comp { OPT_C_NONE, OPT_C_FILE, OPT_C_DIR, OPT_C_TENANT, OPT_C_USER,
    OPT_C_SESSION, OPT_C_KB, OPT_C_AGENT, OPT_C_CONFIG, OPT_C_ARTIFACT };

struct opt {
	enum opt_kind kind;
	char letter;		/* 0: none */
	const char *name;	/* NULL: only a letter */
	void *value;
	const char *arg;	/* what the value is called in -h */
	const char *help;	/* one line, lower case, no full stop */
	const char *const *words;	/* ENUM, WORD: ends with NULL */
	enum opt_comp comp;
	const struct opt *more;	/* OPT_K_INCLUDE */
};

#define OPT_GROUP(t)	{ .kind = OPT_K_GROUP, .help = (t) }
/* bool; --no-NAME clears it (and --NAME a row called "no-NAME") */
#define OPT_FLAG(l, n, v, h) \
	{ OPT_K_FLAG, (l), (n), (v), NULL, (h), NULL, OPT_C_NONE, NULL }
/* const char *; the last one counts */
#define OPT_STR(l, n, v, a, h, c) \
	{ OPT_K_STR, (l), (n), (v), (a), (h), NULL, (c), NULL }
/* struct strv; each adds; commas separate */
#define OPT_LIST(l, n, v, a, h, c) \
	{ OPT_K_LIST, (l), (n), (v), (a), (h), NULL, (c), NULL }
/* int64_t, 0 or more */
#define OPT_INT(l, n, v, a, h) \
	{ OPT_K_INT, (l), (n), (v), (a), (h), NULL, OPT_C_NONE, NULL }
/* int64_t bytes; k, M, G */
#define OPT_SIZE(l, n, v, a, h) \
	{ OPT_K_SIZE, (l), (n), (v), (a), (h), NULL, OPT_C_NONE, NULL }
/* int64_t milliseconds: the start of what is named */
#define OPT_TIME(l, n, v, a, h) \
	{ OPT_K_TIME, (l), (n), (v), (a), (h), NULL, OPT_C_NONE, NULL }
/* int: index into words */
#define OPT_ENUM(l, n, v, w, a, h) \
	{ OPT_K_ENUM, (l), (n), (v), (a), (h), (w), OPT_C_NONE, NULL }
/* const char *: one of words */
#define OPT_WORD(l, n, v, w, a, h) \
	{ OPT_K_WORD, (l), (n), (v), (a), (h), (w), OPT_C_NONE, NULL }
/* int: how often it was given */
#define OPT_COUNT(l, n, v, h) \
	{ OPT_K_COUNT, (l), (n), (v), NULL, (h), NULL, OPT_C_NONE, NULL }
#define OPT_HELP(l, n, h) \
	{ OPT_K_HELP, (l), (n), NULL, NULL, (h), NULL, OPT_C_NONE, NULL }
#define OPT_VERSION(l, n, h) \
	{ OPT_K_VERSION, (l), (n), NULL, NULL, (h), NULL, OPT_C_NONE, NULL }
/* another table at this place */
#define OPT_INCLUDE(t)	{ .kind = OPT_K_INCLUDE, .more = (t) }
#define OPT_END		{ .kind = OPT_K_END }

/*
 * A verb of a tool: `mem-admin backup FILE`.  Its own options stand before
 * the tool's of the same name.
 */
struct opt_verb {
	const char *name;	/* one word, or two: "config get"; or both:
				   "audit", and behind it "audit verify" */
	const char *args;	/* "FILE|-", for -h */
	const char *help;
	const struct opt *opts;	/* its own, besides the tool's; or NULL */
	enum opt_comp comp;	/* of its operands */
};

struct opt_tool {
	const char *name;	/* "mem-log" */
	const char *args;	/* "[ID ...]", for the synopsis; a line each */
	const char *about;	/* one line, as in the man page's NAME */
	const struct opt *opts;
	const struct opt_verb *verbs;	/* ends with name NULL; or NULL */
	enum opt_comp comp;	/* of its operands */
	bool bare;		/* it has verbs and does without, too: what is
				   none is an operand */
};

/*
 * Parse.  On return argv[0 .. *argc) are the operands (argv[0] no longer
 * the program's name); *verb is the verb (its name is taken off), NULL if
 * the tool has none, or does without.  Returns 0; 1: -h or --version or
 * --complete asked, which *ask says ('h', 'v', 'c'; for 'c' the operands are
 * the words after it); -1 ERR_USAGE, the message naming the option.
 */
int	opt_parse(const struct opt_tool *, int *argc, char **argv,
	    const struct opt_verb **verb, int *ask, struct err *);

/*
 * Called before the first time is read, when all other options are set: it
 * puts the zone in force (date_zone).  NULL: none.
 */
extern int (*opt_zone)(struct err *);

struct buf;
/* The text of -h, to 80 columns: of the whole tool, or of one verb. */
void	opt_help(const struct opt_tool *, const struct opt_verb *,
	    struct buf *);

/*
 * Candidates for the last of these words, "word\thelp" a line.  When the
 * word is a value that only the store or the file system can tell, *comp
 * says of what kind and nothing is added.  Returns how many bytes of the
 * word come before what is completed ("--user=ann": 7).  Values of the
 * options before it are set, as far as they can be read, so that --store
 * counts.
 */
size_t	opt_complete(const struct opt_tool *, int n, char **words,
	    struct buf *, enum opt_comp *comp);

#endif
