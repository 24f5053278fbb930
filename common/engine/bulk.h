/*
 * Writing to an engine, many documents at a time.  What was refused because the
 * engine is busy is sent again, and nothing else; what it will never take is
 * counted and told, and does not keep the rest.
 */
#ifndef ENGINE_BULK_H
#define ENGINE_BULK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "engine/ask.h"

struct bulk_counts {
	int64_t pushed, gone;	/* written: texts, and that some are no more */
	int64_t newer;		/* not written: a later version is there */
	int64_t failed;		/* and those that it will not take */
	struct map why;		/* of these: the reason, to how many */
	int64_t again;		/* sent more than once */
	int64_t requests, bytes;
};
void	bulk_counts_release(struct bulk_counts *);

struct bulk_item {
	size_t end;		/* in the body; the next one begins there */
	bool gone;
};

struct bulk {
	struct engine *engine;	/* borrowed */
	char *path;		/* own */
	bool aside;		/* to an index that no alias is of */
	struct bulk_counts *counts;	/* borrowed */
	/* what is refused for good; or NULL */
	void (*note)(void *, const char *);
	void *arg;
	int64_t noted;
	int64_t until;		/* by the monotonic clock: then it is enough */
	struct buf body;
	struct bulk_item *item;	/* own */
	size_t n, cap;
};

/* To an alias; or, aside, to an index. */
void	bulk_init(struct bulk *, struct engine *, const char *name, bool aside,
	    struct bulk_counts *, void (*note)(void *, const char *),
	    void *);
void	bulk_release(struct bulk *);

/* The line before a document: its _id and version.  The document follows in
 * ->body, a line, and then bulk_end. */
void	bulk_begin(struct bulk *, const char *id, int64_t version);
void	bulk_end(struct bulk *, bool gone);

/*
 * All of it is written, or counted as newer or failed; then it is empty.
 * Failed is what is wrong with a document itself.  ERR_DENIED: nothing may be
 * written; ERR_INPUT: it is refused for another reason, or many are for one;
 * ERR_ABSENT: the index is not there; ERR_NET: not now, for some minutes.
 * What was written before an error may be written again.
 */
int	bulk_send(struct bulk *, struct err *);

#endif
