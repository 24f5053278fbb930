/*
 * The mapping of a tenant's index, and what its _meta tells of it: by whom it
 * was made, and what words and vectors in it are.  engine/doc.h has the fields.
 */
#ifndef ENGINE_MAPPING_H
#define ENGINE_MAPPING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/ulid.h"
#include "index/manifest.h"

struct engine_conf;
struct language;

#define ENGINE_GENERATION 8		/* digits of it */

struct engine_meta {
	int64_t form;			/* ENGINE_FORM */
	int64_t words;			/* MANIFEST_WORDS */
	char generation[ENGINE_GENERATION + 1];
	char node[ULID_LEN + 1];	/* that made the index */
	char language[MANIFEST_LANGUAGE];
	char model[VECTOR_NAME];	/* "": there are no vectors */
	char hash[2 * HASH_LEN + 1];	/* of the model, in hexadecimal */
	int64_t dim;
};

/* Of now, with a generation of its own; model: NULL, there is none. */
int	engine_meta_make(struct engine_meta *, const char *node,
	    const struct language *, const struct vector_model *,
	    struct err *);
/* Of the mapping of one index, as GET /ALIAS/_mapping has it below the index'
 * name: 1; 0: it is none of ours. */
int	engine_meta_read(struct engine_meta *, const json_t *mapping);
/* Do both mean the same by words, and by vectors? */
bool	engine_meta_words(const struct engine_meta *,
	    const struct engine_meta *);
bool	engine_meta_model(const struct engine_meta *,
	    const struct engine_meta *);

/* The body of PUT /INDEX, appended. */
void	engine_mapping_add(struct buf *, const struct engine_conf *,
	    const struct engine_meta *);

#endif
