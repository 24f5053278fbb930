/*
 * Nodes: the copies of one store that exchange what came in.  Each has a name
 * of its own and numbers its changes (change.h) by itself; so how far a copy
 * is, is a number for each node.
 *
 * What came from another node has changes here, too, for whoever derives
 * something from it; a table tells which these are, so that a node sends only
 * what is its own.
 *
 * A copy that goes on by itself (`cp -r`, a backup restored beside what it was
 * made of) has to become a node first: two that write under one name would
 * each be taken for the other.
 */
#ifndef STORE_NODE_H
#define STORE_NODE_H

#include <stdint.h>

#include "base/err.h"
#include "base/ulid.h"

struct db;
struct store;

/* Of a value of a session, or a version of a record: who wrote it, and when.
 * at_ms grows from each to the next that is put upon it. */
struct stamp {
	int64_t at_ms;
	int64_t node;		/* number of the node that wrote it */
	int64_t base_ms;	/* of what counted there until then; 0: none */
};

/* A database that has none yet gets its name; inside a transaction. */
int	node_first(struct db *, struct err *);

int	node_name(struct store *, char name[ULID_LEN + 1], struct err *);
/* Of a database that is no store's, or not yet. */
int	node_name_in(struct db *, char name[ULID_LEN + 1], struct err *);
/* The number that rows bear, asked for once. */
int	node_number(struct store *, int64_t *, struct err *);
/* Of a name: 63 bits of its random part, as they stand. */
int64_t	node_number_of(const char *name);

/*
 * From now on this copy is a node of another name: what it has up to this
 * change (INT64_MAX: the newest here) is that of the one it was, what came
 * after it its own.  A transaction.
 */
int	node_renew(struct store *, int64_t upto, struct err *);
/* Names that it had, appended: what it brought in then can be sent by it, too,
 * where nobody else is left who would. */
struct strv;
int	node_formers(struct store *, struct strv *, struct err *);

/* --- what came from others --------------------------------------------- */

/* Up to which of a node's numbers its changes are here; 0: none.  Of the own
 * name it is the newest change. */
int	node_upto(struct store *, const char *name, int64_t *upto,
	    struct err *);
/* All of them, the own name too, in the order of their names. */
int	node_each(struct store *, int (*fn)(void *, const char *name,
	    int64_t upto), void *, struct err *);
int	node_each_in(struct db *, int (*fn)(void *, const char *name,
	    int64_t upto), void *, struct err *);

/* Inside a transaction: the changes [first, last] came from this node, which
 * is here up to this number now. */
int	node_came(struct store *, const char *name, int64_t upto,
	    int64_t first, int64_t last, struct err *);

/* The first number after this one that is, or would be, a change of this
 * node's own. */
int	node_own_after(struct store *, int64_t after, int64_t *own,
	    struct err *);
/* The same of a name that it had; 1, 0 there is no more. */
int	node_former_after(struct store *, const char *name, int64_t after,
	    int64_t *seq, struct err *);

#endif
