/*
 * What an entity is called: what kind of thing a word names by its form, and
 * the key by which two ways to write it are one.
 *
 * The rules of keys, in their order:
 *	case		"Redis", "REDIS" and "redis" (NFKC, case folded)
 *	separators	"auth::TokenStore", "auth->TokenStore" and
 *			"auth.TokenStore"; "max_retries" and "maxRetries";
 *			"./src/a.c" and "src/a.c", "a.c:12" and "a.c"
 *	plural		"tokens" and "token"; of names, terms and services
 *	service		"the auth service" and "auth-service"
 * Which qualified names are one with a bare one is no matter of a key:
 * alias.h.
 */
#ifndef GRAPH_NAME_H
#define GRAPH_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Of several that a name is taken for the last counts (graph_kind_of). */
enum graph_kind { GRAPH_TERM, GRAPH_NAME, GRAPH_VERSION, GRAPH_IDENT,
    GRAPH_MODULE, GRAPH_FILE, GRAPH_HOST, GRAPH_URL, GRAPH_ISSUE,
    GRAPH_SERVICE, GRAPH_EMAIL, GRAPH_AGENT, GRAPH_PERSON, GRAPH_DOCUMENT,
    GRAPH_RECORD, GRAPH_KINDS };
extern const char *const graph_kinds[];		/* names; NULL at end */

#define GRAPH_NAME_MAX 160	/* bytes; what is longer is no name */

/*
 * A word without the punctuation around it: is it a name by its form alone
 * (an identifier, a path, an issue, a URL, a host, a version, an address)?
 * What belongs to no name at its end (":12" of a path) is cut off *len.
 * call: a "(" stands behind it.
 */
bool	graph_name_form(const char *, size_t *len, bool call,
	    enum graph_kind *);

/* A name of at most GRAPH_NAME_MAX bytes on one line: blanks and control
 * characters in a row are one blank, those at its ends go. */
size_t	graph_name_line(char out[GRAPH_NAME_MAX], const char *, size_t);

/* The key of a name, put into the buffer; "" what is none. */
void	graph_name_key(struct buf *, enum graph_kind, const char *, size_t);

/* Of the key of a qualified name what stands behind the last "." or "/";
 * NULL: it is not qualified. */
const char *graph_name_tail(enum graph_kind, const char *key);

/* The kind of this name, or GRAPH_KINDS. */
enum graph_kind graph_kind_find(const char *);

#endif
