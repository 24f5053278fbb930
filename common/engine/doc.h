/*
 * What a search engine holds of a store: one document for each text that a
 * local search has, with the words that the local index has (index/token), so
 * that queries mean the same there.
 *
 * The alias of a tenant (engine_alias) stands for one concrete index, whose
 * name is the alias, a dot and a generation: eight hexadecimal digits that
 * another one does not have.  Mappings and what is told of an index in its
 * _meta are in engine/mapping.h.
 *
 * The _id of a document (engine_doc_id) follows from what it is of, so that it
 * is the same whichever node of a tenant pushed it.  Its fields, of which none
 * is there that has no value:
 *
 *	source	 source_names[]; "fact" of both kinds, the tenant's without user
 *	user	 the name, as it stands; absent of what the tenant shares
 *	session	 the name, as it stands; of events, and of contents, facts and
 *		 artifacts that are of one session
 *	id	 as a hit has it; within: of rows and chunks the knowledge base,
 *		 of facts the number of the version
 *	ts end until  ms, as ts_ms, end_ms, until_ms of a struct doc; no ts:
 *		 it has no time; no until: a fact that holds for good
 *	f.NAME	 of each FIELD_* from FIELD_SESSION on but FIELD_SOURCE (which
 *		 is `source`): what doc_values tells, each value as
 *		 indexed_value makes it; f.id: the id in the same way, and, of
 *		 a knowledge base, KB/ID, and of a chunk KB/DOCUMENT_ID
 *	node	 of a grip: the node_id of the segment that it is of, of
 *		 contents their own ("toc:segment:...")
 *	document of a chunk: KB/DOCUMENT_ID
 *	unsaid	 true where nobody said it (a tool was called ...)
 *	s_SOURCE what words are found by: stems of leaves that are no stop
 *		 words, and texts of TOKEN_WHOLE; those of a piece as often as
 *		 it counts.  One field for each source (s_event, s_fact ...), so
 *		 that statistics are those of the source
 *	w_SOURCE the leaves of each piece in their order, folded, stop words,
 *		 too: phrases are leaves in a row; then all other tokens
 *		 (TOKEN_WHOLE, TOKEN_LAST), each by itself, so that prefixes
 *		 find them and phrases do not go from one to the next
 *	v	 the vector, int8 of embed_quantise; absent: it has none
 *	by	 the node (store/node.h) that pushed it
 *	at	 its version: of two writes the one with the greater number
 *		 stays, of equal ones the later
 *	row	 of a fact: NODE/ROW, by which its node knows it when it is gone
 *	place	 of a chunk, from 0: where it is in its document
 *	record	 (not indexed) as the hit of a local search of its user has it,
 *		 who is bound to no session.  So who shows it to somebody else
 *		 takes out what he may not see: events of a fact
 *		 (source_event_ids, grips), child_node_ids of a node,
 *		 toc_node_id of a grip; and `open` of a node, the state of an
 *		 artifact and the confidence of a fact that decays are those of
 *		 the time when it was pushed.  A chunk has seq, its place
 *	gone	 true: it was forgotten, withdrawn or replaced, and of the above
 *		 it has no more than source, user, id, within, by and at.
 *		 It stays, so that a node that lags cannot bring it back, and is
 *		 never a hit
 */
#ifndef ENGINE_DOC_H
#define ENGINE_DOC_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "index/token.h"
#include "search/doc.h"

#define ENGINE_FORM 1		/* of all this, as a number */

/* Versions: of an event, and of what was forgotten for good. */
#define ENGINE_AT_FIRST INT64_C(1)
#define ENGINE_AT_LAST (INT64_C(1) << 60)

#define ENGINE_ID_MAX 400	/* bytes of an _id; what is longer is hashed */

/* The name of a tenant's alias, appended: the prefix, "-", and the tenant's
 * name, where each byte that is no a-z and no 0-9 is "_" and two digits. */
void	engine_alias(struct buf *, const char *prefix, const char *tenant);

/* The _id, in place of what is in the buffer.  user: NULL of what is shared
 * (source_is_shared); within: as above, or NULL.  No quotes in JSON are
 * needed in it. */
void	engine_doc_id(struct buf *, enum source, const char *user,
	    const char *within, const char *id);

/* Names of fields: "s_event", "w_event", "f.role"; static. */
const char *engine_stems_field(enum source);
const char *engine_words_field(enum source);
const char *engine_value_field(enum field_kind);
/* Has it such a field?  Not FIELD_SINCE, UNTIL, DATE and SOURCE. */
int	engine_has_field(enum field_kind);

/* --- writing them ------------------------------------------------------ */

struct engine_doc {
	const char *by;		/* borrowed; the node that pushes */
	struct tokens tokens;
	struct buf stems, words, rest, value;
};

void	engine_doc_init(struct engine_doc *, const struct language *,
	    const char *by);
void	engine_doc_release(struct engine_doc *);

/* What a document has besides what a struct doc tells. */
struct engine_more {
	const char *user;	/* whose it is; NULL: the tenant's */
	const char *within;	/* as above, or NULL */
	const char *node;	/* or NULL */
	int64_t place;		/* of a chunk; -1 */
	int64_t row;		/* of a fact; 0 */
	int64_t at;
	const json_t *record;	/* borrowed */
};

/* The document, appended: one line of JSON without its last "}". */
void	engine_doc_add(struct engine_doc *, struct buf *, struct doc *,
	    const struct engine_more *);
/* And its vector, of a scale that is not 0. */
void	engine_doc_vector(struct buf *, const int8_t *v, size_t dim);
/* One that is gone, all of it. */
void	engine_doc_gone(const struct engine_doc *, struct buf *, enum source,
	    const char *id, const struct engine_more *);

#endif
