/*
 * A graph as a call sees it: the entities and relations of the events and
 * rows that it may read, as one.
 *
 * Its files (build.h) are read by their own user alone, who is bound to no
 * session, and are brought up to date first; what he may read by grafts is
 * made into a graph in memory beside them.  A call that is bound to a session
 * has a graph made in memory of what it may see; so does a sealed tenant, and
 * a graph as of a time, of what was said (rows: stored) before it.  So no
 * number and no name tells of what may not be seen.
 *
 * What is shown.  A term counts as one from three texts on, and if not one in
 * five texts has it; a word with a capital where sentences begin, from two on.
 *
 * Weights are from 0 to 1.  Of being in one sentence: G / (G + 10.83), G the
 * log-likelihood ratio of the two being together (T. Dunning, "Accurate
 * methods for the statistics of surprise and coincidence", Computational
 * Linguistics 19, 1993), 0 where they are together less than chance has it;
 * 10.83 is where chance has one in a thousand.  Of a relation that is said:
 * n / (n + 1), n texts.
 */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "graph/alias.h"
#include "graph/file.h"

#define GRAPH_FILES 64		/* the user's, the tenant's, one of each
				   grafted session; more are not read */
#define GRAPH_ID 24

struct store;

struct graph_member {
	size_t file;
	struct graph_row row;
};

/* An entity: all rows that are one. */
struct graph_node {
	struct graph_member *member;	/* own */
	size_t members, cap;
	char *key;			/* own; tells it from others */
	char id[GRAPH_ID];		/* "entity:" and a hash of it */
	const char *name;		/* the most common of its forms */
	enum graph_kind kind;
	uint32_t n, strong;
	int64_t first_ms, last_ms;	/* 0: no text has a time */
	size_t number;			/* in the order they were met */
};

struct graph_link {
	struct graph_node *to;
	const char *kind;
	bool in;			/* it goes from there to here */
	bool near;			/* it has no direction */
	uint32_t n;
	uint32_t proposed;		/* of n: texts where a model alone
					   read it */
	int64_t first_ms, last_ms;
	double weight;
	struct graph_where {
		size_t file;
		bool proposed;
		struct seen_in in;
	} *where;			/* own */
	size_t wheres, cap;
};
struct graph_links {
	struct graph_link *v;		/* own */
	size_t n, cap;
};

struct graph {
	struct store *st;		/* borrowed */
	struct graph_file file[GRAPH_FILES];
	size_t files;
	int64_t docs;
	int64_t as_of_ms;		/* INT64_MAX: now */
	struct aliases aliases;
	struct map nodes;		/* by key of a row; own */
	struct map rows;		/* by file and number */
	struct graph_node **node;	/* own */
	size_t n, cap;
	struct buf key;
	bool view;			/* of the store: we hold one */
};

struct graph_how {
	int64_t as_of_ms;		/* INT64_MAX: now */
	bool few;			/* entities are looked at: of what is
					   read of files and store, which are
					   scattered pages, little is kept */
	int (*progress)(void *, int64_t done, struct err *);
	void *arg;
};

/* Holds one view of the store until it is closed; inside one that is the
 * caller's it makes no file, so that one that is not up to date is not used
 * (graph_bring). */
int	graph_open(struct graph **, struct store *, const struct graph_how *,
	    struct err *);
void	graph_close(struct graph *);		/* takes NULL */
/* Bring the files of a call up to date before it takes its view. */
int	graph_bring(struct store *, struct err *);

/* The entity of a name, however it is written, or of an id.  1, 0. */
int	graph_find(struct graph *, const char *name, struct graph_node **,
	    struct err *);
/* Is it more than a word that happened to be said? */
bool	graph_tells(const struct graph *, const struct graph_node *);
/* What it is linked to, of those that tell, best first; of an entity with very
 * many relations those that are in most texts (most; 0: all).  Those that the
 * list had are gone. */
int	graph_links(struct graph *, struct graph_node *, size_t most,
	    struct graph_links *, struct err *);
/* The same one by one, for who needs but the first of them: what cannot come
 * earlier than those that were told is not looked up.  fn returns 0 to go on;
 * else that is returned.  The link is borrowed. */
int	graph_links_each(struct graph *, struct graph_node *, size_t most,
	    int (*fn)(void *, const struct graph_link *, struct err *), void *,
	    struct err *);
void	graph_links_release(struct graph_links *);

/* All entities that tell, in the order of their keys: *v is own. */
int	graph_all(struct graph *, struct graph_node ***v, size_t *n,
	    struct err *);

/* Ids of the texts where an entity, or a link, can be read: events, and rows
 * as KB/RECORD_ID. */
int	graph_node_evidence(struct graph *, const struct graph_node *,
	    struct strv *, struct err *);
int	graph_link_evidence(struct graph *, const struct graph_link *,
	    struct strv *, struct err *);
/* Of those, where a model alone read it. */
int	graph_link_proposed(struct graph *, const struct graph_link *,
	    struct strv *, struct err *);

/* --- ways, communities, and for a search -------------------------------- */

/* The way from one to another that is best, over at most so many entities:
 * 1, links in their order; 0 there is none that is found, or both are one. */
int	graph_way(struct graph *, struct graph_node *from,
	    struct graph_node *to, struct graph_links *, struct err *);

struct graph_community {
	struct graph_node **v;		/* own; those that are in most texts
					   first */
	size_t n;
};
/*
 * Who belongs together, by label propagation (U. Raghavan, R. Albert,
 * S. Kumara, "Near linear time algorithm to detect community structures in
 * large-scale networks", Physical Review E 76, 2007): each takes the label
 * that weighs most among those it is linked to.  Here one after the other, in
 * the order of their keys, ties to the least label, so that it is always the
 * same.  The largest first; those who are alone are in none.
 */
int	graph_communities(struct graph *, struct graph_community **, size_t *n,
	    struct err *);
void	graph_communities_free(struct graph_community *, size_t n);

/* The entities that a text names, each once; how many, at most GRAPH_NAMED. */
#define GRAPH_NAMED 16
int	graph_in_text(struct graph *, const char *text, size_t len,
	    struct graph_node *[GRAPH_NAMED], struct err *);

#endif
