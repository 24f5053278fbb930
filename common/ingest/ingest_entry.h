/*
 * The lines of a batch on their way from text to rows.
 *
 * Only ingest*.c includes this.
 */
#ifndef INGEST_INGEST_ENTRY_H
#define INGEST_INGEST_ENTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "ingest/ingest.h"
#include "store/node.h"

struct event;
struct event_writer;
struct record_row;
struct redact;

enum kind { KIND_EVENT, KIND_SESSION, KIND_RECORD, KIND_TOMBSTONE,
    KIND_VARIABLE, KIND_FILE, KIND_VERSION, KIND_DECISION, KIND_ARTIFACT,
    KIND_ARTIFACT_ROW, KIND_GRAFT, KIND_CURSOR, KIND_CONTROL,
    KIND_BAD };

struct entry {
	int64_t line;		/* 0: not counted */
	enum kind kind;
	enum ingest_status status;
	json_t *o;		/* own; NULL: no JSON, or it is in ev or row */
	struct event *ev;	/* own; a good event */
	struct record_row *row;	/* own; a good record */
	int64_t seq;		/* and its row, once it is stored */
	struct stamp stamp;	/* of a version */
	char *by;		/* own; who brought it, or NULL */
	char *raw;		/* own; with o NULL */
	char *reason;		/* own, or NULL */
	char *detail;		/* own, or NULL */
	bool clash;
	bool foreign;		/* no JSON, or of no type that is ours */
};

struct ingest {
	struct store *st;		/* borrowed */
	struct ingest_config conf;
	struct redact *redact;		/* own, or NULL */
	struct event_writer *events;	/* own */
	struct entry *v;
	size_t n, cap;
	size_t bytes;
	int64_t first_ms;		/* monotonic, of the batch's first */
	int64_t open;			/* starts that had no end yet */
	bool tombstones;
	bool lacking;			/* since the last cursor one was
					   rejected that may be taken later */
	int64_t denied;			/* not noted in the audit log yet */
	struct ingest_sums sums;
	struct map reasons;		/* rejected: reason to count */
	struct map skipped;		/* by mem-from: reason to count */
	struct buf room;
};

struct entry *entry_add(struct ingest *, int64_t line, enum kind);
/* reason is one of few and counts; detail may say more. */
void	entry_reject(struct entry *, const char *reason, const char *detail);

/* An entry of a line, parsed, redacted and, if it is an event, checked. */
void	entry_take(struct ingest *, int64_t line, const char *, size_t);

#endif
