/*
 * Bytes that came from elsewhere become objects of local_fs: the journal says
 * that they may be there without a row, they get their name, and a transaction
 * says that they are here.  Whoever dies in between leaves a name that the
 * journal, or who brings them again, settles.
 */
#ifndef SYNC_ARTIFACT_PLACE_H
#define SYNC_ARTIFACT_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "artifact/artifact.h"
#include "base/err.h"

struct artifacts;

struct artifact_coming {
	struct artifact a;		/* own; locked by the caller */
	char *path;			/* own; where its bytes are, compared
					   with its hash */
	bool came;			/* they are there: else nothing is
					   done */
	bool moves;			/* blob.moves */
	/* the answer */
	bool placed;
	/* ours */
	int64_t noted;
};
void	artifact_coming_release(struct artifact_coming *);

/* Does this row want bytes, which no disk but others' has? */
bool	artifact_is_away(const struct artifact *);
/* Another row has the same bytes here, and it has them now, too: 1; 0. */
int	artifact_by_twin(struct artifacts *, const struct artifact *,
	    struct err *);

/* Bytes of a row that nobody wants any more go again. */
int	artifact_place(struct artifacts *, struct artifact_coming *, size_t n,
	    struct err *);

#endif
