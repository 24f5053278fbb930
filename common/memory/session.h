/*
 * Sessions: where events belong.  Start, end and count follow from the
 * events; title, agent, state and the working variables are what somebody
 * set, kept as a history of which the last value counts.
 */
#ifndef MEMORY_SESSION_H
#define MEMORY_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

struct session {
	int64_t seq;
	const char *id;			/* session_id */
	const char *user;
	int64_t start_ms, end_ms;	/* of its events; 0 without any */
	int64_t events;
	const char *agent, *title;	/* or NULL */
	const char *state;		/* "active", "archived"; NULL: not to be
					   seen */
	const char *first_id, *last_id;	/* event ids, or NULL */
	const char *graft;		/* the id of one by which it is seen;
					   NULL: one's own */
	unsigned kinds;			/* GRAFT_...: what of it may be seen */
};

struct session_query {
	int64_t since_ms, until_ms;	/* that overlap [since, until) */
	const char *agent;		/* or NULL */
	bool reverse;			/* by start; newest first */
	int64_t limit;
};

/* The number of a session of this user, whoever calls; made if absent and make
 * is set; 0 when there is none. */
int	session_row(struct store *, const char *id, bool make, int64_t *seq,
	    struct err *);
int	session_row_of(struct store *, int64_t user, const char *id, bool make,
	    int64_t *seq, struct err *);
/* The key (store/sealed.h) of a session's rows; 0: the tenant is not sealed, or
 * there is none and none is made. */
int	session_key(struct store *, int64_t session, bool make, int64_t *key,
	    struct err *);

/*
 * Those that may be seen: one's own (for a bound call the one alone) and what
 * grafts show of others, as if there was nothing else of them.  fn returns 0
 * to go on, 1 to stop; what it sees is borrowed.
 */
int	session_each(struct store *, const struct session_query *,
	    int (*fn)(void *, const struct session *, struct err *), void *,
	    struct err *);
/* Those of a name (session_seen.h): 1 found and shown to fn, 0 absent. */
int	session_find(struct store *, const char *id,
	    int (*fn)(void *, const struct session *, struct err *), void *,
	    struct err *);
/* One by its row; after access_look. */
int	session_find_row(struct store *, int64_t seq,
	    int (*fn)(void *, const struct session *, struct err *), void *,
	    struct err *);

/* With its variables; own. */
json_t	*session_json(struct store *, const struct session *, struct err *);

/* A session record that came in.  1 new, 0 nothing new in it. */
int	session_add(struct store *, const json_t *, struct err *);

/* A property as it is stored (text, or JSON), NULL unset; ERR_INPUT. */
int	session_check_property(const char *name, const char *value,
	    struct err *);

/* Working variables.  value NULL unsets.  1 changed, 0 was so; ERR_DENIED as
 * session_writable has it. */
int	session_set(struct store *, const char *id, const char *name,
	    const char *value, struct err *);
/* 1 there (*value own), 0 not. */
int	session_get(struct store *, const char *id, const char *name,
	    char **value, struct err *);

#endif
