/*
 * What somebody decided: the log of it, which is what travels between copies
 * of a store.  Each decision has its time and the node that wrote it
 * (store/node.h), so all that are about one thing have one order wherever
 * they are; what is decided follows from them in that order, whichever came
 * first:
 *
 *	put, end, back	versions of a fact that somebody put down, or that
 *	pin, say	users told (fact_settle.h), and verdicts
 *	end, back, pin	with "rest": a fact from rows (ltm_held.h)
 *	mark, move	contents (toc_edit.h)
 *	mark		which names are one (graph/alias.h)
 *
 * A decision about what is not here yet, or not as it was, waits for it.
 */
#ifndef MEMORY_DECISION_H
#define MEMORY_DECISION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/node.h"

struct store;

enum decision_what { DECISION_PUT = 1, DECISION_END, DECISION_BACK,
    DECISION_PIN, DECISION_SAY, DECISION_MARK, DECISION_MOVE };
extern const char *const decision_names[];	/* by number; NULL-ended */

/* What is "said" of each, its value:
 *	put	body, confidence, scope, [until]
 *	end	reason
 *	back	says: hash of what the version says (fact_says)
 *	pin	on
 *	say	verdict, about, [file], [by: NULL everybody], on, [reason]
 *	mark	mark: "pin", "hide" or null; about "graph:...": "merge" or
 *		"split", name, [into]
 *	move	says: hash of what the version says
 */
struct decided {
	int64_t seq;
	enum decision_what what;
	int64_t user;		/* whose it is about; 0: the tenant's */
	char *about;		/* "fact:...", "toc:...", "grip:...",
				   "graph:..." */
	char *session;		/* or NULL */
	char *rest;		/* or NULL */
	struct stamp s;
	int64_t said_ms;
	json_t *value;
};

/* All about one thing, in their order. */
struct decisions {
	struct decided *v;	/* own, with what they hold */
	size_t n, cap;
};
void	decisions_release(struct decisions *);
/* 1 there are some, 0. */
int	decisions_read(struct store *, int64_t user, const char *about,
	    struct decisions *, struct err *);

/*
 * One more, of now, inside a transaction; value, s and said_ms are set, the
 * rest is the caller's.  Takes the reference to value.
 */
int	decision_put(struct store *, struct decided *, json_t *value,
	    struct err *);

/*
 * A decision record (memkit-json(5)), inside a transaction, with what follows
 * from it; of this node where node is 0 and it names none.  1 new, 0 it is
 * there; *clash: it and one that is here were written without knowing each
 * other, and are not the same.  ERR_INPUT; ERR_DENIED: what it is about was
 * forgotten.
 */
int	decision_add(struct store *, const json_t *, int64_t node,
	    bool *clash, struct err *);

/* The line of a row of the table, appended: 1, 0 it is not there.  It names
 * the node that wrote it where that is not "own"; first: whose those are that
 * have none. */
int	decision_line(struct store *, int64_t seq, int64_t own, int64_t first,
	    struct buf *, struct err *);

/* Inside the transaction that forgets: those about facts of a session. */
int	decision_forget_session(struct store *, const char *session,
	    struct err *);
/* Those that put down what users told in an event or a session; the other
 * is NULL. */
int	decision_forget_told(struct store *, const char *event,
	    const char *session, struct err *);

/* For decision_add.c: a row and its change. */
int	decision_insert(struct store *, struct decided *, struct err *);

#endif
