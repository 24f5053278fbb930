/*
 * What a reader of one format gets and gives: values in, one after the
 * other (a line, or an element of an array), messages out.  Everything that
 * formats have in common happens behind from_event: cleaning, times, ids,
 * copies, limits, counts.
 *
 * Only files of from/ include this.
 */
#ifndef FROM_FORMAT_H
#define FROM_FORMAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/str.h"
#include "memory/event.h"
#include "from/from.h"

#define FROM_VALUE_MAX ((size_t)64 << 20)	/* longest line or element */
#define FROM_REASONS_MAX 64	/* different reasons; then "other" */
#define FROM_QUIET_MS INT64_C(600000)	/* a file at rest so long has ended */

enum from_shape {
	FROM_NONE,		/* not one of this format's files */
	FROM_LINES,		/* a value a line, appended to */
	FROM_VALUES		/* one array or value, rewritten as a whole */
};

/* A file as formats see it. */
struct from_source {
	char *path;		/* own; absolute, or "-" */
	char *stem;		/* own; last part without its suffix */
	char *folder;		/* own; last part of where it lies, or "" */
	bool regular;		/* can be read twice */
	int64_t mtime_ms;
	int64_t line_no;	/* of the value at hand, from 1 */
	int64_t begin, end;	/* its bytes in the file */
	bool quiet;		/* nobody has written to it for a while */
};

struct from_bug_format;	/* bug_import.h */
struct bug_import;
struct from_docs;	/* docs_work.h */

struct from_format {
	const char *name, *agent;
	size_t size;		/* of its private state, zero for each source */
	enum from_shape shape;	/* of what has no telling name */
	const char *names;	/* of its files, for people */
	/* A file in a folder: is it ours?  *why is the reason if it is not
	 * (NULL: not worth counting).  names are its neighbours, sorted. */
	enum from_shape (*want)(const char *name, const struct strv *names,
	    const char **why);
	/* First pass over a regular file, whole: what must be known before
	 * the first value is read.  begins is the byte where it stands. */
	void (*scan)(struct from *, const char *line, size_t len,
	    int64_t begin);
	/* After the first pass, before the first value. */
	int (*begin)(struct from *, struct err *);
	int (*value)(struct from *, const json_t *, struct err *);
	/* Nothing more can be read now.  What is held back is told now, but
	 * for what may still grow when we follow and the file is not
	 * quiet. */
	int (*flush)(struct from *, struct err *);
	/* What it must know to go on behind a cursor; also at an earlier
	 * place of the file, when it holds something back. */
	void (*save)(struct from *, json_t *state);
	void (*restore)(struct from *, const json_t *state);
	void (*release)(struct from *);
	const struct from_bug_format *bugs;	/* NULL: transcripts */
	/* Reads an operand by itself; then there is none of the others. */
	int (*operand)(struct from *, const char *, struct err *);
};

/* Values of 64-bit hashes that were met, the oldest forgotten first. */
#define FROM_SEEN_MAX ((size_t)1 << 18)
struct from_seen {
	uint64_t *now, *before;	/* own; FROM_SEEN_MAX * 2 slots, 0 free */
	size_t n;		/* in now */
};
bool	from_seen_put(struct from_seen *, uint64_t);	/* true: was there */
bool	from_seen_has(const struct from_seen *, uint64_t);
void	from_seen_release(struct from_seen *);
/* A ring of hashes in the state of a cursor, zeros left out.  Returns how
 * many were read. */
void	from_save_hashes(json_t *state, const char *key, const uint64_t *,
	    size_t n);
size_t	from_restore_hashes(const json_t *state, const char *key, uint64_t *,
	    size_t n);
/* A hash of strings, ended by NULL; never 0. */
uint64_t from_hash(const char *, ...);

/* Which tool a call was of: its result often names only the call. */
#define FROM_TOOLS 256
struct from_tool {
	uint64_t call;
	char name[64];
};

struct from {
	const struct from_format *format;
	struct from_opts o;
	struct from_sink sink;
	struct from_source src;
	void *priv;		/* own; the format's state for this source */
	struct from_counts counts;
	struct from_seen seen;	/* events, across sources */
	struct from_tool tools[FROM_TOOLS];	/* called last, by hash */
	int64_t now_ms;
	int64_t events;		/* printed */
	int64_t files;		/* opened, of those named by their operands'
				   folders or by themselves */
	bool stop;		/* the limit is reached */
	bool mute;		/* only what was seen is noted (from_recall) */
	bool following;		/* cursors are kept for this source */
	int64_t hold;		/* byte from which to read again, or -1 */
	struct from_known *known;	/* own; sources with cursors */
	size_t nknown;
	uint64_t recall;	/* root told by the value at hand, or 0 */
	int64_t until;		/* read lines before this byte; 0: all */
	/* for times */
	int64_t src_ms;		/* of the message before; 0 none */
	bool src_invented;
	int64_t start_ms;	/* of the session; 0 none */
	int parts;		/* ordinal of the next part at src_ms */
	char *announced;	/* own; session told of last, in this source */
	struct map titles;	/* session: rank and title, own */
	struct bug_import *bugs;	/* own; or NULL */
	struct from_docs *docs;	/* own; or NULL */
	struct buf text, mend;	/* room */
};

/*
 * Sources that were read up to a cursor, and the root of each: what a copy
 * of it would share with it (its first id).
 */
struct from_known {
	char *source;		/* own */
	int64_t offset;
	uint64_t root;		/* 0: has none */
};

/* One message, as formats describe it; strings are borrowed. */
struct from_msg {
	const char *session;
	const char *agent;	/* NULL: the format's */
	const char *parent;	/* session that this one is a part of */
	const char *id;		/* of the message where it comes from */
	bool global;		/* that id is unique over all sessions */
	bool by_time;		/* it is made of the time: ordinals count */
	bool by_agent;		/* a "user" who is an agent, not a person */
	bool verbatim;		/* no preamble is taken off */
	int64_t ts_ms;
	bool guessed;		/* ts_ms is not the message's own */
	bool invented;		/* it is not even in the source */
	int first;		/* ordinal of its first part */
	const char *cwd, *git_branch, *model, *message_id, *author;
	const char *branch;	/* "abandoned" */
	const char *rewound_to;	/* id behind which it goes on */
	const char *attachment;	/* name of the file that it is */
	json_t *more;		/* borrowed; further metadata, strings */
};

/* One part of it. */
struct from_part {
	int no;			/* its place in the message, from 0 */
	enum event_type type;
	enum event_role role;
	const char *text;
	size_t len;
	const char *tool, *tool_id;
	int is_error;		/* -1 not told, 0, 1 */
	const char *exit_code;
	bool thinking;
};

/* Counting.  Broken things make the run one "done in part". */
void	from_skip(struct from *, const char *reason);
void	from_drop(struct from *, const char *reason);
/* The same with a word of the input in it: "line of type 'x'". */
void	from_drop_of(struct from *, const char *what, const char *word);
void	from_note(struct from *, const char *reason);
void	from_say(struct from *, bool detail, const char *, ...) ERR_FMT(3, 4);

/*
 * The time of a message: v is a string, a number of seconds, milliseconds
 * or smaller, or NULL.  Without a time it is the message before's, the
 * session's start, the file's.
 */
void	from_when(struct from *, struct from_msg *, const json_t *v);
int	from_time(const json_t *v, int64_t *ms);	/* 1 read, 0 none */

/* Out they go.  0, or -1 when the output failed. */
int	from_event(struct from *, const struct from_msg *,
	    const struct from_part *, struct err *);
int	from_text(struct from *, const struct from_msg *, int no,
	    enum event_role, const char *text, struct err *);
int	from_thought(struct from *, const struct from_msg *, int no,
	    const char *text, struct err *);
int	from_tool_use(struct from *, const struct from_msg *, int no,
	    const char *id, const char *name, const json_t *input,
	    struct err *);
/* v is the result as it stands there; exit_code may be NULL. */
int	from_tool_result(struct from *, const struct from_msg *, int no,
	    const char *id, const char *name, const json_t *v, int is_error,
	    const char *exit_code, struct err *);
/* Content as a string or an array of blocks; role is of its texts. */
int	from_content(struct from *, const struct from_msg *, enum event_role,
	    const json_t *content, struct err *);
/* A title; the last of the highest rank counts, told when the source ends:
 * a change of it on every import would be one more row each time. */
void	from_title(struct from *, const char *session, int rank,
	    const char *title);
int	from_titles_tell(struct from *, struct err *);
void	from_titles_release(struct from *);
/* What is known of a session; told once, strings may be NULL. */
int	from_session(struct from *, const struct from_msg *,
	    const char *title, struct err *);
/* Any other record; owned by the caller. */
int	from_record(struct from *, const json_t *, struct err *);
/* One that is text already, and was counted. */
int	from_emit_text(struct from *, const char *, size_t len, struct err *);

/* Keep another string; NULL changes nothing. */
void	from_set(char **, const char *);
/* The strings of a format's private state that a cursor keeps, by their
 * keys there; the last key is NULL. */
struct from_kept {
	const char *key;
	size_t at;		/* offset of a char *, own */
};
void	from_kept_save(const struct from *, const struct from_kept *,
	    json_t *state);
void	from_kept_restore(struct from *, const struct from_kept *,
	    const json_t *state);
void	from_kept_release(struct from *, const struct from_kept *);

/* Texts (text.c). */
/* Text out of nested content: strings, arrays, blocks; appended. */
void	from_flatten(struct buf *, const json_t *);
/* A number of bytes at the head that a tool put there, blanks after them
 * included; len if that is all. */
size_t	from_preamble(const char *, size_t len);
/* Escape sequences out; false: there is none, nothing was appended. */
bool	from_unescape(struct buf *, const char *, size_t len);
/* JSON with its smaller damages mended; the number of repairs. */
size_t	from_mend(struct buf *, const char *, size_t len);
/* A member at the top of an object, without parsing it: a string (as it is
 * escaped), a number or a word, appended; 1 there, 0 not (or null). */
int	from_peek(const char *line, size_t len, const char *key,
	    struct buf *);

/*
 * A tree of messages by their parents, in the order of the file, to tell
 * what was given up when somebody went back and asked again
 * (tree.c).  Only a prompt of a person begins a new branch: results
 * of tools that ran side by side are branches of no meaning.
 */
#define FROM_TREE_MAX ((size_t)1 << 20)		/* nodes; more: no marks */
struct from_node {
	uint64_t id;
	uint32_t parent, root;	/* index + 1, 0 none */
	uint16_t session;	/* whatever the format counts */
	uint8_t flags;
};
enum { FROM_TALK = 1, FROM_PROMPT = 2, FROM_ABANDONED = 4, FROM_REWINDS = 8,
    FROM_INSIDE = 16 };
struct from_tree {
	struct from_node *node;	/* own */
	size_t n, cap;
	uint32_t *slot;		/* own; index + 1 */
	size_t nslot;
	int64_t budget;		/* steps left for marking */
};
/* A copy of an id that is there gives the first.  NULL: the tree is full. */
struct from_node *from_tree_add(struct from_tree *, uint64_t id,
	    uint64_t parent, unsigned flags);
struct from_node *from_tree_find(const struct from_tree *, uint64_t id);
void	from_tree_release(struct from_tree *);

/* A value of JSON, its smaller damages mended; NULL: it is none. */
json_t	*from_parse(struct from *, const char *, size_t len);
/* What is no text of ours at all, as a reason to skip it; or NULL. */
const char *from_strange(const char *, size_t len);

/* Reading one source through the format (read.c). */
int	from_read_fd(struct from *, int fd, const char *path,
	    const struct stat *, enum from_shape, struct err *);
/*
 * A value has this root: meet again what earlier runs have read of other
 * files with the same root, so that copies of it are known as copies.
 */
void	from_recall(struct from *, uint64_t root);

/*
 * Cursors (follow.c): how far a source was read, and the hash of that.
 */
struct from_place {
	int64_t offset;
	struct hash prefix;	/* of the bytes before hashed */
	int64_t hashed;
	int64_t told;		/* offset of the last cursor record */
};
/*
 * Where to go on.  1 read from p->offset (state: own, what the format kept,
 * or NULL), 0 nothing is new, -1 failed.
 */
int	from_follow(struct from *, int fd, const struct stat *,
	    enum from_shape, struct from_place *, json_t **state,
	    struct err *);
/* Print the cursor at a place.  The hash is of what the file holds now. */
int	from_cursor(struct from *, int fd, const struct stat *,
	    struct from_place *, json_t *state, struct err *);
/* Read what cursors the store has; and which of their sources are gone. */
int	from_known_load(struct from *, struct err *);
void	from_known_gone(struct from *, const char *below);
void	from_known_free(struct from *);

void	from_docs_free(struct from *);		/* takes what has none */

/* Operands and folders (walk.c). */
int	from_operand(struct from *, const char *, struct err *);

/* Names of files: copies that other programs made ("x.jsonl.bak"); the
 * "want" of a format whose files all have one suffix; of one that is in
 * *.json and *.jsonl; of exports: conversations*.json, or, in a folder that
 * has none of these, *.json. */
#define FROM_EXPORTS "*.json"
bool	from_is_copy(const char *name);
enum from_shape from_want(const char *name, const char *suffix,
	    const char **why);
enum from_shape from_want_any(const char *name, const struct strv *names,
	    const char **why);
enum from_shape from_want_export(const char *name, const struct strv *names,
	    const char **why);

/* The formats. */
extern const struct from_format from_claude_code, from_codex, from_gemini,
    from_copilot, from_chatgpt, from_claude_export, from_openai,
    from_sharegpt, from_slack, from_memory_json, from_jsonl, from_bugs,
    from_bugs_csv, from_jira, from_jira_csv, from_github, from_gitlab,
    from_bugzilla, from_redmine, from_sarif, from_junit, from_osv,
    from_defects4j, from_git_fixes, from_docs;

#endif
