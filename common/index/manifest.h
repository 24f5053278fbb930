/*
 * What a folder of segments consists of: which are live, which of their
 * documents are dead, and up to where of the store they go.  One small text
 * file, replaced by rename; memkit-store(5) is the format.
 */
#ifndef INDEX_MANIFEST_H
#define INDEX_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "index/segment.h"
#include "index/vector.h"

struct blockfile_key;
struct language;

#define MANIFEST_SEGMENTS 64	/* most that are live */

/* What words are and how segments keep them, as a number: an index made with
 * another is made anew. */
#define MANIFEST_WORDS 4
#define MANIFEST_LANGUAGE 24	/* bytes of its name, with the NUL */

/*
 * Which documents of a segment have been asked for a vector (one that was
 * asked for may have none); those are in NUMBER.vec.  Of SOME, the others
 * are rows without a vector.
 */
enum manifest_vectors { MANIFEST_NONE, MANIFEST_SOME, MANIFEST_ALL };

struct manifest_segment {
	uint64_t number;	/* of the file: NUMBER.seg */
	uint32_t docs, ndead;
	enum manifest_vectors vectors;
	uint64_t *dead;		/* own; a bit for each document, or NULL */
};

struct manifest {
	unsigned words;
	char language[MANIFEST_LANGUAGE];	/* of its stems */
	uint64_t next;		/* number of the next segment */
	/* rows of the store that it goes up to, or what nodes of the contents
	 * are numbered by (toc_node.touched); 0: none.  tombstones: of an
	 * index of artifacts those of the table artifact_turn */
	int64_t events, records, contents, facts, artifacts, tombstones;
	bool has_model;
	struct vector_model model;	/* of all vectors there are */
	struct manifest_segment *segment;	/* own */
	size_t n, cap;
};

void	manifest_init(struct manifest *);	/* of English texts */
void	manifest_release(struct manifest *);

/* 1 read, 0 there is none; -1 ERR_INDEX, ERR_VERSION. */
int	manifest_read(struct manifest *, const char *dir,
	    const struct blockfile_key *, struct err *);
int	manifest_write(const struct manifest *, const char *dir,
	    const struct blockfile_key *, struct err *);

/* Are its words those that we would look for in texts of a language? */
bool	manifest_serves(const struct manifest *, const struct language *);

struct manifest_segment *manifest_add(struct manifest *, uint64_t number,
	    uint32_t docs);
void	manifest_drop(struct manifest *, size_t i);
/* The document is dead; 1, 0 it was. */
int	manifest_kill(struct manifest_segment *, uint32_t doc);

/* A number that is another one once the manifest is; 0: there is none, or it
 * cannot be read. */
uint64_t manifest_stamp(const char *dir);

/* "DIR/NUMBER.seg"; own. */
char	*manifest_path(const char *dir, uint64_t number);
/* "DIR/NUMBER.vec"; own. */
char	*manifest_vectors_path(const char *dir, uint64_t number);
/* "DIR/NUMBER.NDEAD.df", beside the vectors of a segment that has dead
 * documents: the frequencies of what is alive; own. */
char	*manifest_df_path(const char *dir, const struct manifest_segment *);

/*
 * The folder as a reader has it: the manifest, and all its segments open.
 * A segment that went while it was being opened makes it read the manifest
 * again.
 */
struct index {
	struct manifest m;
	const struct blockfile_key *key;	/* borrowed; of the folder */
	struct segment **s;	/* own; as many as the manifest has */
	struct vector **v;	/* own; the same, or NULL: not open */
};

/* 1 open, 0 there is none; ERR_VERSION: it is of other MANIFEST_WORDS;
 * ERR_INDEX names the file. */
int	index_open(struct index *, const char *dir,
	    const struct blockfile_key *, struct err *);
/* With ->m and ->key as they are: 1 open, 0 with an error set: a segment is
 * gone. */
int	index_open_segments(struct index *, const char *dir, struct err *);
/*
 * Their vectors, too: 1 open; 0 there are none of this model, or not of all
 * documents yet; -1 ERR_ABSENT: one is gone or was made anew, and the
 * manifest with it.
 */
int	index_open_vectors(struct index *, const char *dir,
	    const struct vector_model *, struct err *);
void	index_close_vectors(struct index *);
/* index_close, but for ->m. */
void	index_close_segments(struct index *);
void	index_close(struct index *);

#endif
