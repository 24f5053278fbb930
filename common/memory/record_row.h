/*
 * A record in the form that is stored, and what its table says of it; for
 * those who work on the table itself.
 */
#ifndef MEMORY_RECORD_ROW_H
#define MEMORY_RECORD_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/ulid.h"
#include "memory/record.h"

struct buf;
struct store;

#define RECORD_MAX ((size_t)64 << 20)	/* of its JSON, bytes */

/* What the column says of documents and chunks; of no row's type, whose first
 * byte may not be a colon. */
#define RECORD_TYPE_DOCUMENT ":document"
#define RECORD_TYPE_CHUNK ":chunk"
/* The condition that a row is of the kind that :kind is bound to. */
#define RECORD_IS(r) "(CASE " r "type WHEN '" RECORD_TYPE_DOCUMENT \
    "' THEN 1 WHEN '" RECORD_TYPE_CHUNK "' THEN 2 ELSE 0 END = :kind)"
/* And that it is a row that nothing else is. */
#define RECORD_PLAIN(r) "(" r "type NOT IN ('" RECORD_TYPE_DOCUMENT "', '" \
    RECORD_TYPE_CHUNK "'))"

/*
 * All versions of one row, and of the chunks of a document; :id is
 * "KB/RECORD_ID", and both may have a "/": a probe for each knowledge base
 * that it may be in.
 */
#define RECORD_REST "substr(:id, length(k.name) + 2)"
#define RECORD_VERSIONS "kb k CROSS JOIN record r ON r.kb = k.id AND (r.id = " \
    RECORD_REST " OR (r.id >= " RECORD_REST " || '#' AND r.id < " RECORD_REST \
    " || '$' AND r.type = '" RECORD_TYPE_CHUNK "' AND length(r.id) = length(" \
    RECORD_REST ") + 17)) WHERE substr(:id, 1, length(k.name) + 1) = " \
    "k.name || '/'"

enum record_kind record_kind(const char *type);

/* The JSON of a row, in place of what is in the buffer: 1; 0 it is not there,
 * or its key is gone, and so is it. */
int	record_body(struct store *, int64_t seq, struct buf *, struct err *);

struct record_row {
	enum record_kind kind;
	const char *kb, *id, *type, *status;	/* in the block, or NULL */
	int64_t ts_ms;
	bool has_ts;
	bool has_artifact;	/* it names one (artifact_id) */
	uint8_t artifact[ULID_BYTES];
	const char *json;	/* in the block */
	size_t len;
	uint8_t hash[HASH_LEN];
};

/* Its knowledge base, by number.  ERR_DENIED: the record was forgotten. */
int	record_kb(struct store *, const struct record_row *, int64_t *kb,
	    struct err *);
/* The row of a version, with its change. */
int	record_insert(struct store *, int64_t kb, const struct record_row *,
	    int64_t version, int64_t user, const struct stamp *, int64_t *seq,
	    struct err *);

#endif
