/*
 * Files of sessions as records (memkit-json(5)).
 */
#ifndef FILE_FILE_RECORD_H
#define FILE_FILE_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct file_each;
struct file_found;
struct store;

/*
 * What a file record says, which it borrows; user is NULL, and a time or a
 * node of the stamp as it was, where it does not say.  ERR_INPUT.
 */
int	file_record_read(struct file_each *, const json_t *, struct err *);

/*
 * A file record that came in, inside a transaction; of this node where node is
 * 0.  Its bytes are elsewhere.  Answers as variable_add.
 */
int	file_add(struct store *, const json_t *, int64_t node, bool *clash,
	    struct err *);

/* What was found of a file, as a line without its end; graft: by which it is
 * seen, or NULL. */
void	file_found_json(struct buf *, const char *session, const char *user,
	    const char *graft, const struct file_found *);

#endif
