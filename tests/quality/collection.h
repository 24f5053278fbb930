/*
 * A test collection: DIR/docs.jsonl (id, text and perhaps title; of a
 * conversation also conv, session, speaker, caption and timestamp, "1:56 pm
 * on 8 May, 2023"), DIR/queries.jsonl or queries.dev.jsonl (id, text, conv)
 * and DIR/qrels.tsv (query, document, grade; a grade of 0 is none).
 *
 * Conversations become tenants, their turns events; all else becomes rows
 * of a knowledge base in the tenant "docs".  `one` puts all conversations
 * into the tenant "all".  A program that finds something wrong says so and
 * ends.
 */
#ifndef QUALITY_COLLECTION_H
#define QUALITY_COLLECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/map.h"
#include "base/str.h"

struct passage {		/* borrowed from json */
	json_t *json;		/* own */
	const char *id, *text, *title, *conv, *session, *speaker, *caption;
	int64_t time_ms;	/* of an event */
	size_t tenant;
};

struct gold {
	const char *id;		/* borrowed from the collection */
	double grade;
	const struct passage *passage;	/* NULL: there is none */
};

struct question {
	json_t *json;		/* own */
	const char *id, *text;	/* borrowed */
	size_t tenant;
	size_t line;		/* in the tenant's list, from 1 */
	struct gold *gold;	/* own */
	size_t golds, cap;
};

struct collection {
	bool conversations;
	struct passage *passage;	/* own */
	size_t passages, passages_cap;
	struct question *question;	/* own; those without an answer, too */
	size_t questions, questions_cap;
	struct map tenant;		/* name -> number */
	size_t *asked, asked_cap;	/* own; questions of each tenant */
	struct map by_id, by_query;	/* -> number */
	struct strv ids;		/* of the golds */
};

void	collection_read(struct collection *, const char *dir, bool one);
void	collection_release(struct collection *);

/* What a turn is stored as: "Ann: text [caption]"; own. */
char	*passage_text(const struct passage *);

_Noreturn void die(const char *fmt, ...) ERR_FMT(1, 2);

/* fn is called with each line of a file, as JSON where json is true. */
void	each_line(const char *path, void (*fn)(void *, char *, size_t),
	    void *);
json_t	*line_json(const char *path, const char *p, size_t len);

#endif
