/*
 * An event, a record, a chunk of a document, a node of the contents, a grip, a
 * fact or an artifact as search sees it: pieces of text that count more or
 * less, and properties that filters ask for.  Whoever indexes and whoever scans
 * takes the text from here, so that both find the same.
 */
#ifndef SEARCH_DOC_H
#define SEARCH_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/ulid.h"

struct artifact;
struct event;
struct fact;
struct record;
struct toc_entry;

/*
 * Those before SOURCE_SESSION are read and indexed, each by itself; sessions
 * are found by their events.  Of documents the chunks are.  Facts are two, of
 * one name: those of the tenant, whose index all users share, and those of the
 * user.
 */
enum source { SOURCE_EVENT, SOURCE_KB, SOURCE_TOC, SOURCE_GRIP, SOURCE_FACT,
    SOURCE_OWN, SOURCE_ARTIFACT, SOURCE_DOCUMENT, SOURCE_SESSION, SOURCE_N };
extern const char *const source_names[];	/* "event" ...; NULL at end */
bool	source_is_contents(enum source);
bool	source_is_fact(enum source);
bool	source_is_shared(enum source);	/* by the users of the tenant */
bool	source_is_rows(enum source);	/* of knowledge bases */

struct doc_piece {
	const char *text;
	size_t len;
	unsigned times;		/* its words count so often */
	bool aside;		/* found, but no part of the text: no snippet
				   is made of it */
};

struct doc {
	enum source source;
	unsigned who;		/* of which user that a call sees (seen.h);
				   set after it was filled */
	int64_t seq;		/* row; of contents that of the node */
	int64_t until_ms;	/* of a fact: where it ends; 0: open */
	bool has_time;
	int64_t ts_ms;
	int64_t end_ms;		/* of a node; 0 */
	int64_t session_row;	/* of an event, a segment, a grip, an artifact;
				   of a fact doc_session, of a chunk
				   doc_document; 0: of none */
	bool unsaid;		/* neither a user's nor an assistant's words */
	char date[40];		/* "8 May 2023", UTC, of an event */
	char fact[24], row[24];	/* id and row of a fact, as text */
	char artifact[ULID_LEN + 1];	/* id of an artifact */
	const uint8_t *ulid;	/* the id of an event as bytes, for who has
				   it so and not as text; this and all below
				   are borrowed, NULL where there is none */
	const char *id;		/* event_id, record_id, node_id, grip_id,
				   fact_id, artifact_id; of a chunk that of its
				   row */
	const char *within;	/* what tells it from others of this id: the
				   knowledge base, the row of a fact */
	const char *session, *user, *agent, *role, *type;
	const char *kb, *status, *author, *path;
	const char *level;	/* of a node */
	const char *speaker;	/* metadata.speaker of an event */
	struct doc_piece *piece;	/* own */
	size_t pieces, cap;
	const json_t *json;	/* the record, the body of a fact or an
				   artifact, or what else the event has */
	json_t *rest;		/* own; parsed when it is asked for */
	const char *rest_text;
	size_t rest_len;
};

/* Zeroed before the first use; fills it again and again. */
void	doc_event(struct doc *, const struct event *);
/* A chunk, too. */
void	doc_record(struct doc *, const struct record *);
void	doc_toc(struct doc *, const struct toc_entry *);
/* user: the name of the one that it is of, if it is not the tenant's. */
void	doc_fact(struct doc *, const struct fact *, const char *user);
/* session: the name of the one that it is of; user: of his. */
void	doc_artifact(struct doc *, const struct artifact *,
	    const char *session, const char *user);
void	doc_release(struct doc *);

/* The name of a session as a number, which is of no other; never 0. */
int64_t	doc_session(const char *name);

/* The same of a document. */
int64_t	doc_document(const char *kb, const char *id, size_t len);

/* What its vector is made of, in place of what is in the buffer: of an event
 * its text, without the date; of a record title, newline, text; of a chunk
 * its headings, too; of contents
 * the bullets, line by line, or the excerpt; of a fact what it says; of an
 * artifact its name, where it points to, and values of its metadata. */
void	doc_vector_text(const struct doc *, struct buf *);

/*
 * What ranking asks of an event besides its words, in one number: it is a
 * question; nobody said it (a tool was called, a session began); and above
 * these who speaks, as doc_speaker makes a number of the name (0: nobody is
 * named).
 */
uint32_t doc_traits(const struct doc *);
#define DOC_QUESTION 1u
#define DOC_UNSAID 2u
#define DOC_SPEAKER(traits) ((traits) >> 2)
/* Of the first word of a name, whatever its case; 16 bits. */
uint32_t doc_speaker(const char *, size_t);

/* What a filter compares. */
enum field_kind { FIELD_SINCE, FIELD_UNTIL, FIELD_DATE, FIELD_SESSION,
    FIELD_ROLE, FIELD_TYPE, FIELD_AGENT, FIELD_USER, FIELD_TAG, FIELD_AUTHOR,
    FIELD_KB, FIELD_STATUS, FIELD_SOURCE, FIELD_ID, FIELD_SOURCE_ID,
    FIELD_LEVEL, FIELD_SCOPE, FIELD_MEDIA, FIELD_PATH, FIELD_N };
extern const char *const field_names[];	/* "since" ...; NULL at end */

struct field {
	enum field_kind kind;
	struct strv values;	/* own; one of them.  Case of ASCII letters is
				   ignored, "x*" is all that begins so */
	int64_t start_ms, end_ms;	/* of times: [start, end) */
};

/* A doc that has no such property does not hold. */
bool	field_holds(const struct field *, struct doc *);

/* Whose it is: of a session, the user, the tenant, or of a knowledge base. */
enum doc_scope { DOC_OF_SESSION, DOC_OF_USER, DOC_OF_TENANT, DOC_OF_KB };
extern const char *const doc_scopes[];	/* "session" ...; NULL at end */
enum doc_scope doc_scope(const struct doc *);

/* The values that a doc has of a property which is a word (neither a time
 * nor FIELD_ID), until fn returns nonzero; returns that. */
int	doc_values(struct doc *, enum field_kind,
	    int (*fn)(void *, const char *, size_t), void *);

#endif
