/*
 * Events: what was said and done, once, for good.  An event is never
 * changed; a tombstone makes it forgotten.
 */
#ifndef MEMORY_EVENT_H
#define MEMORY_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/ulid.h"

struct store;
struct strv;

#define EVENT_TEXT_MAX ((size_t)16 << 20)	/* bytes of text + metadata */

enum event_type { EVENT_SESSION_START, EVENT_USER_MESSAGE,
    EVENT_ASSISTANT_MESSAGE, EVENT_TOOL_USE, EVENT_TOOL_RESULT,
    EVENT_ASSISTANT_STOP, EVENT_SUBAGENT_START, EVENT_SUBAGENT_STOP,
    EVENT_SESSION_END, EVENT_NTYPES };
enum event_role { ROLE_USER, ROLE_ASSISTANT, ROLE_SYSTEM, ROLE_TOOL,
    ROLE_NROLES };

extern const char *const event_types[];	/* names; end with NULL */
extern const char *const event_roles[];

/* Strings are borrowed: from the JSON it was read from, or from the
 * iterator that shows it. */
struct event {
	int64_t seq;			/* row, 0 before it is stored */
	char id[ULID_LEN + 1];		/* "": to be made */
	int64_t ts_ms;
	enum event_type type;
	enum event_role role;
	const char *session;
	int64_t session_seq;		/* its row; only of what is stored */
	const char *user;		/* NULL: the store's */
	const char *agent;		/* or NULL */
	const char *graft;		/* the id of the one by which it is
					   seen; NULL: one's own */
	const char *text;
	size_t text_len;
	const char *rest;		/* JSON object of all other keys, such
					   as metadata; or NULL */
	size_t rest_len;
	const char *source_id;		/* metadata.source_id; only where it
					   was read from JSON, else NULL */
};

/*
 * Check and fill from a record; ERR_INPUT with the reason, which quotes no
 * value.  Keys that have no place of their own go into rest, so nothing
 * that came in is lost; room holds it.
 */
int	event_from_json(struct event *, json_t *, struct buf *room,
	    struct err *);
json_t	*event_json(const struct event *);	/* own */
/* A copy with its strings, in one piece of memory: free() it. */
struct event *event_dup(const struct event *);

/*
 * The id of an event from what it is: its time, two bytes of the number of
 * its part, and the first eight of a hash of user, session, role and
 * metadata.source_id, or else the text; before 1970 of the time, too
 * (memkit-json(5)).
 */
void	event_make_id(struct event *, const char *user);

struct event_query {
	int64_t since_ms, until_ms;	/* [since, until) */
	int64_t of;			/* a user, by number: all of his,
					   whoever calls; for who derives
					   something.  0: what may be seen */
	const char *session;		/* or NULL: all of them */
	unsigned types, roles;		/* bit sets; 0: all */
	const char *agent;		/* or NULL */
	bool reverse;
	int64_t after_seq;		/* only rows stored later; 0: all */
	int64_t limit;			/* 0: none */
};
#define EVENT_QUERY_INIT { DATE_MIN, DATE_MAX + 1, 0, NULL, 0, 0, NULL, \
    false, 0, 0 }

/* What is stored of an event as its body, before it is packed: its text, and
 * behind a 0 byte its rest, if it has one.  Appended. */
void	event_body(struct buf *, const struct event *);
/* What the body of an event is bound to where it is sealed (store/sealed.h);
 * numbers of rows, agent 0: none. */
struct event_row {
	int64_t user, session, ts_ms, type, role, agent;
	const uint8_t *id;		/* borrowed */
};
void	event_ad(struct buf *, const struct event_row *);

/*
 * By (timestamp, id); constant memory.  What may be seen is one's own, if the
 * call is bound of that session alone, and what grafts show (access.h).  A
 * session is named as session_seen has it.
 */
struct event_iter;
int	event_open(struct event_iter **, struct store *,
	    const struct event_query *, struct err *);
int	event_next(struct event_iter *, const struct event **, struct err *);
void	event_close(struct event_iter *);

/* In the order in which they were stored: rows with seq > after; that may be
 * seen, or all of a user's, by number, whoever calls. */
int	event_open_tail(struct event_iter **, struct store *, int64_t after,
	    struct err *);
int	event_open_rows(struct event_iter **, struct store *, int64_t user,
	    int64_t after, struct err *);

/* The id in what an event is called, bare or behind "evt:...:": 1, 0. */
int	event_id_read(const char *, uint8_t id[ULID_BYTES]);

/*
 * One event by id (26 characters, "evt:..." too), or by row.  1 found, 0
 * absent, or not to be seen.  What it shows is borrowed from *it, which the
 * caller closes (NULL before the first call; may be used again).
 */
int	event_find(struct event_iter **it, struct store *, const char *id,
	    const struct event **, struct err *);
/* Of this user, by number, whoever calls. */
int	event_find_of(struct event_iter **it, struct store *, int64_t user,
	    const char *id, const struct event **, struct err *);
int	event_get(struct event_iter **it, struct store *, int64_t seq,
	    const struct event **, struct err *);
/* By row, whosever it is, and whoever calls. */
int	event_get_any(struct event_iter **it, struct store *, int64_t seq,
	    const struct event **, struct err *);

/* The agents of the events that may be seen; added to the list.  Reads their
 * rows. */
int	event_agents(struct store *, struct strv *, struct err *);

/* Between two of these: what was shown is gone, and a writer need not wait
 * for the end of this view.  Takes NULL. */
void	event_rest(struct event_iter *);

/* The neighbours of an event in its session, itself included: before and
 * after it at most so many, in order of time.  Of one that is seen by a graft
 * those that may be seen, too; after access_look. */
int	event_around(struct event_iter **, struct store *,
	    const struct event *, int64_t before, int64_t after,
	    struct err *);

#endif
