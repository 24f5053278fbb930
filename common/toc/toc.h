/*
 * Contents: what a user's memory holds, by time.  A segment is a run of
 * events of one session that belong together; days, weeks, months and years
 * are made of the bullets of what lies in them.  Each node has a title,
 * bullets that name the grips they rest on (grip.h), and keywords.
 *
 * Nodes have versions, which are never edited; one is live.  A node that
 * holds nothing any more has a live version that says so.  Here is how they
 * are read; toc_build.h makes them.
 */
#ifndef TOC_TOC_H
#define TOC_TOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/ulid.h"
#include "toc/toc_period.h"

struct store;

#define TOC_HASH 16		/* bytes of the hashes that are kept */
#define TOC_CONSUMER "toc"	/* its name in the change log */
#define TOC_NOW INT64_MAX	/* as of: what is live */

enum toc_made { TOC_BUILT_IN, TOC_PROGRAM, TOC_FALLBACK, TOC_NMADE };
extern const char *const toc_made[];	/* names; NULL at the end */

struct toc_node {
	int64_t id;			/* row */
	int64_t user;
	enum toc_level level;
	char name[TOC_NAME_MAX];	/* node_id without "toc:" */
	int64_t parent;			/* row, 0 of a year */
	int64_t start_ms, end_ms;	/* [start, end) */
	int64_t session;		/* row; 0: no segment */
	int64_t live;			/* version; 0: none yet */
	bool gone, held;
	int64_t events;			/* of a segment */
	char graft[ULID_LEN + 1];	/* that it is seen by (toc_see.h) */
};

/* A version of a node. */
struct toc_version {
	int64_t version, at_ms, end_ms;
	bool gone;
	enum toc_made made;
	int64_t forgot;		/* bullets that forgetting took out */
	struct buf text;	/* own; see toc_body.h; empty where gone */
};
void	toc_version_release(struct toc_version *);

/* The zone in which this user's days are told ("toc.USER.zone", "toc.zone",
 * "core.timezone"), put in force; *zone is borrowed from the store. */
int	toc_zone(struct store *, const char *user, const char **zone,
	    struct err *);
const char *toc_zone_name(const struct store *, const char *user);

/* By name, "toc:" in front or not.  1 found, 0 absent. */
int	toc_find(struct store *, const char *name, struct toc_node *,
	    struct err *);
int	toc_get(struct store *, int64_t id, struct toc_node *, struct err *);
/* The same, whoever's. */
int	toc_find_of(struct store *, int64_t user, const char *name,
	    struct toc_node *, struct err *);
int	toc_get_any(struct store *, int64_t id, struct toc_node *,
	    struct err *);
/* The segment that an event lies in: 1, or 0. */
int	toc_of_event(struct store *, int64_t session, int64_t ts_ms,
	    const uint8_t id[ULID_BYTES], struct toc_node *, struct err *);

/* The ids of a segment's first and last event: 1, 0 it is none. */
int	toc_ends(struct store *, const struct toc_node *,
	    uint8_t first[ULID_BYTES], uint8_t last[ULID_BYTES],
	    struct err *);

/*
 * The nodes below one, or the years (parent NULL), in order of time; those
 * that hold nothing are left out, as of as_of_ms (TOC_NOW).  fn returns 0
 * to go on, 1 to stop.
 */
int	toc_each(struct store *, const struct toc_node *parent,
	    int64_t as_of_ms, int (*fn)(void *, const struct toc_node *,
	    struct err *), void *, struct err *);

/* Did it hold something then?  1, 0. */
int	toc_there(struct store *, const struct toc_node *, int64_t as_of_ms,
	    struct err *);

/* The version that was live then.  1, or 0: there was none, or it was gone */
int	toc_live(struct store *, const struct toc_node *, int64_t as_of_ms,
	    struct toc_version *, struct err *);
/* One by number, 0 is the live one.  1 found, 0 absent. */
int	toc_version(struct store *, const struct toc_node *, int64_t number,
	    struct toc_version *, struct err *);
/* All, the oldest first, without bodies; what fn sees is borrowed. */
int	toc_history(struct store *, const struct toc_node *,
	    int (*fn)(void *, const struct toc_version *, struct err *),
	    void *, struct err *);

/*
 * What somebody marked: names of nodes and ids of grips, to their kind.
 */
enum toc_kind { TOC_PIN = 1, TOC_HIDE };
int	toc_marks(struct store *, struct map *, struct err *);
int	toc_marks_of(struct store *, int64_t user, struct map *,
	    struct err *);
enum toc_kind toc_mark_of(const struct map *, const char *name);
/* That of the grips a bullet rests on; 0: none.  Hidden is stronger. */
struct toc_bullet;
enum toc_kind toc_bullet_mark(const struct map *, const struct toc_bullet *);

/* The toc_node record of a version; own.  Marked bullets come first, hidden
 * ones not at all.  What lies below is told to who sees all of it. */
json_t	*toc_json(struct store *, const struct toc_node *,
	    const struct toc_version *, const struct map *marks,
	    int64_t as_of_ms, struct err *);

/* For the modules that write: the columns of toc_node as toc_row reads them,
 * at col. */
struct db_query;
#define TOC_COLUMNS "n.id, n.user, n.level, n.name, n.parent, n.start_ms, " \
	"n.end_ms, n.session, n.live, n.gone, n.held, n.events "
void	toc_row(struct db_query *, struct toc_node *);

#endif
