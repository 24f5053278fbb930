/*
 * Long-term facts: what processors distilled from rows, and what somebody
 * put down.  A fact has an identity and versions; the greatest version
 * counts, and none is ever edited.  A new value of the same fact closes the
 * time in which the old one was valid.
 *
 * An id is 63 bits of a SHA-256 over what tells the fact from others
 * (processor, knowledge base, dimension, project, values; or scope, owner
 * and key), so that who knows these finds it without looking at others.
 */
#ifndef LTM_FACT_H
#define LTM_FACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/ulid.h"
#include "store/sealed.h"

struct store;

#define FACT_ID_LEN 21		/* "fact:", 16 digits of hex */
#define FACT_CONTENT_MAX 1000	/* characters */
#define FACT_NOW INT64_MAX	/* as a time: what holds at the clock's */
#define FACT_VERDICT (-1)	/* as a job: somebody judges (verdict.h) */

enum fact_scope { FACT_SESSION, FACT_USER, FACT_TENANT };
extern const char *const fact_scopes[];	/* by number; NULL-ended */

struct fact {
	int64_t seq;			/* row of this version */
	int64_t id, version;
	enum fact_scope scope;
	int64_t user_id;		/* 0: of the tenant */
	const char *session;		/* borrowed; NULL: of none */
	int64_t job;			/* 0: put down by hand */
	int64_t valid_from_ms;
	int64_t valid_until_ms;		/* INT64_MAX: open */
	bool gone;			/* no more; the body says why */
	bool held, pin;
	double confidence;		/* at the time asked for: some decay */
	int64_t digest;			/* of the rows below it */
	int64_t decision;		/* it is made of; 0: of none */
	json_t *body;			/* borrowed: content, tags, metadata,
					   ...; times are not in it */
	char graft[ULID_LEN + 1];	/* the id of the one that it is seen
					   by; "": it is no other's */
};

/* --- ids --------------------------------------------------------------- */

/* Appends nothing: out has FACT_ID_LEN + 1 bytes. */
void	fact_id_format(char *out, int64_t id);
/* "fact:" may be left out.  1 read, 0 not an id. */
int	fact_id_read(const char *, int64_t *id);
/* The id of parts, NULL at the end. */
int64_t	fact_id_of(const char *const *parts);
/* What somebody said, or put down, by key or (NULL) by content; session ""
 * but for one of a session, user "" for one of the tenant. */
int64_t	fact_id_said(enum fact_scope, const char *user, const char *session,
	    const char *key, const char *content);
/*
 * The fact of a processor over a knowledge base: the dimension as it stands
 * in its metadata (extraction_type), project "" for rows that have none, and
 * the values, one, or two in the order of strcmp where they make a pair.
 */
int64_t	fact_id_derived(const char *processor, const char *kb,
	    const char *dimension, const char *project, const char *value,
	    const char *value2);

/* --- reading ----------------------------------------------------------- */

/* For who reads the table himself: the fact at which a query stands; its
 * body is the caller's to release, decayed at a time. */
struct db_query;
#define FACT_COLUMNS "SELECT f.seq, f.id, f.version, f.scope, f.user, " \
	"f.session, f.job, f.valid_from, f.valid_until, f.gone, f.held, " \
	"f.pin, f.confidence, f.digest, " OPEN_FACT("f.") ", f.decision " \
	"FROM fact f "
int	fact_row(struct db_query *, int64_t at_ms, struct fact *,
	    struct err *);
bool	fact_has_tag(const struct fact *, const char *tag);

/* What is asked for; zero and NULL: anything. */
struct fact_query {
	const struct strv *tags;	/* each of them; "module:" is any that
					   begins so */
	double min_confidence;
	int scope;			/* -1: any */
	int64_t as_of_ms;		/* FACT_NOW */
	bool gone;			/* those that went, too */
	int64_t after_seq;		/* rows later than this one */
};

/*
 * As a fact record; own.  Reads nothing but the fact.
 */
json_t	*fact_json(const struct fact *);
/* The same for who calls: without the events that it rests on and that he may
 * not see. */
json_t	*fact_json_seen(struct store *, const struct fact *, struct err *);
/* Ids of events, or objects with an event_id: those that he may not see go
 * out of the list. */
int	fact_hide_events(struct store *, const struct fact *, json_t *list,
	    struct err *);

/*
 * Those that the call may see (store/access.h), the pinned ones first, then
 * the newest.  fn returns 0 to go on.  Reads every fact once.
 */
int	fact_each(struct store *, const struct fact_query *,
	    int (*fn)(void *, const struct fact *, struct err *), void *,
	    struct err *);
/* One that it may see; version 0: the one that counts, gone or not.  One
 * index probe.  1 found, 0 absent. */
int	fact_find(struct store *, int64_t id, int64_t version,
	    int (*fn)(void *, const struct fact *, struct err *), void *,
	    struct err *);
/* Those that nobody's rows bear: what somebody put down and holds. */
int	fact_each_by_hand(struct store *, int (*fn)(void *,
	    const struct fact *, struct err *), void *, struct err *);
/* Projects that a job has facts of, "" too, in order; a probe each.  One more
 * than "most" is the end. */
int	fact_projects(struct store *, int64_t job, size_t most,
	    struct strv *, struct err *);
/* All versions, oldest first. */
int	fact_versions(struct store *, int64_t id,
	    int (*fn)(void *, const struct fact *, struct err *), void *,
	    struct err *);
int	fact_count(struct store *, int64_t *n, struct err *);

/* --- writing ----------------------------------------------------------- */

/*
 * A next version, inside a transaction: the one before ends now.  body is
 * borrowed; seq, version and valid_from_ms are set.
 */
int	fact_put(struct store *, struct fact *, struct err *);
/* The same from another time on; not before the version before it. */
int	fact_put_at(struct store *, struct fact *, int64_t from_ms,
	    struct err *);

/* The version of this seq rests on rows of another digest, and says what it
 * said. */
int	fact_touch(struct store *, const struct fact *, struct err *);

/*
 * Inside a transaction: versions go, as they must when what they rest on is
 * forgotten; indexes of facts learn it by a tombstone.  Their bytes are
 * overwritten where db_scrub was called.
 */
/* All of an id. */
int	fact_forget(struct store *, int64_t id, struct err *);
/* All of a session of the store's user, and what was decided about them. */
int	fact_forget_session(struct store *, const char *session,
	    struct err *);
/* This one (id, version, valid_from_ms).  Where it ended the one before
 * it, that holds again, in a row of its own. */
int	fact_forget_version(struct store *, const struct fact *,
	    struct err *);

/* What somebody puts down. */
struct fact_new {
	enum fact_scope scope;
	const char *key;	/* what it is about; NULL: its content */
	const char *content;
	const struct strv *tags;
	double confidence;
	json_t *metadata;	/* borrowed; or NULL */
	int64_t until_ms;	/* 0: open */
};

/* 1 new or a new version, 0 that is what it says.  *id is set.  ERR_DENIED:
 * the session was forgotten, or it is of the tenant, as below. */
int	fact_add(struct store *, const struct fact_new *, int64_t *id,
	    struct err *);

/*
 * What somebody decides; each is a transaction, with a row in the audit log.
 * ERR_ABSENT: no such fact (version).  ERR_DENIED: it is of the tenant, and
 * that takes the right to write there, or it is seen by a graft.
 */
int	fact_pin(struct store *, int64_t id, bool pin, struct err *);
/* May it be changed?  As above, but that none is no error: 1 it may, 0. */
int	fact_may_change(struct store *, int64_t id, struct err *);
/* It holds no more.  One that follows from rows stays away until these
 * change. */
int	fact_expire(struct store *, int64_t id, const char *reason,
	    struct err *);
/* An older version counts again: what follows from rows, until these
 * change. */
int	fact_rollback(struct store *, int64_t id, int64_t version,
	    struct err *);
/* Tags and sources of others go to the first, and they end; of facts that
 * were put down by hand (ERR_USAGE for the rest). */
int	fact_merge(struct store *, const int64_t *ids, size_t n,
	    struct err *);

#endif
