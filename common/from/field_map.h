/*
 * A mapping of JSON lines to records, as a file says it: rules in the order
 * of the file, the first that matches a line makes a record of it.
 *
 *	[event "chat"]
 *		match = kind=message
 *		session-id = chat.id
 *		text = body.text | body.parts.*.text | 'nothing'
 *		role = author.role
 *		map-role = human=user
 *		metadata = channel=chat.channel
 *
 * An expression is alternatives, the first one that is there counts: a path
 * of keys and numbers ("*": all elements of an array, "\." a dot in a key),
 * or 'a constant' in single quotes (git's syntax takes double ones away).
 */
#ifndef FROM_FIELD_MAP_H
#define FROM_FIELD_MAP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "from/from.h"

enum map_kind { MAP_EVENT, MAP_SESSION, MAP_RECORD, MAP_DROP, MAP_KINDS };

struct map_term {
	char *s;		/* own; a path, or a constant */
	bool constant;
};

struct map_expr {
	struct map_term *term;	/* own */
	size_t n;
};

/* "path=value", "path" (is there and not false), "!path" (the contrary). */
struct map_match {
	char *path;		/* own */
	char *value;		/* own, or NULL */
	bool negated;
};

/* A field, a member of metadata or fields, or one word for another. */
enum map_what { MAP_FIELD, MAP_MEMBER, MAP_WORD };
struct map_entry_of {
	enum map_what what;
	char *key;		/* own; with "_" for "-" */
	char *word;		/* own; MAP_WORD: the word in the input */
	char *to;		/* own; MAP_WORD: what it becomes */
	struct map_expr expr;
};

struct map_rule {
	enum map_kind kind;
	char *name;		/* own; section and subsection */
	struct map_match *match;	/* own */
	size_t nmatch;
	struct map_entry_of *entry;	/* own */
	size_t nentry;
};

struct from_map {
	struct map_rule *rule;	/* own */
	size_t n;
};

/* The first rule that matches, or NULL. */
const struct map_rule *from_map_find(const struct from_map *,
	    const json_t *);
/* The value of a field; NULL: it is not mapped or not there; borrowed (a
 * constant is put into *own, which the caller frees). */
const json_t *from_map_get(const struct map_rule *, const char *key,
	    const json_t *v, json_t **own);
/* The same as text, words exchanged; 1 there (appended), 0 not. */
int	from_map_text(const struct map_rule *, const char *key,
	    const json_t *v, struct buf *);
/* Members of metadata or fields, as strings or as they are; own. */
json_t	*from_map_members(const struct map_rule *, const json_t *v,
	    bool strings);

#endif
