/*
 * Bundles: many files in one stream.  Backups, exports and snapshots are
 * bundles.
 *
 * A bundle is a pax tar (POSIX.1-2001).  Its first entry, manifest.json,
 * says what it is and names every file with its size and SHA-256; then the
 * files come in that order; the last entry, sha256, holds the SHA-256 of
 * every byte before that entry's header, as 64 hex digits and a newline.
 * Two blocks of zeros end it, so the digest covers all but the last 2048
 * bytes.  The same content gives the same bytes.
 *
 * Paths are printable ASCII without spaces or backslashes, relative, with no
 * part that is empty, "." or "..": foreign names come from name_encode.
 * Memory is bounded by the list of files, never by what is in them.
 *
 * The digests find damage, not malice: whoever can write the file can make
 * new ones.
 */
#ifndef STORE_BUNDLE_H
#define STORE_BUNDLE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/seal.h"

#define BUNDLE_FORMAT "memkit-bundle-1"
#define BUNDLE_MANIFEST "manifest.json"
#define BUNDLE_SEAL "sha256"
#define BUNDLE_TAIL 2048		/* bytes that the digest leaves out */
#define BUNDLE_PATH_MAX 1000		/* bytes */
#define BUNDLE_MANIFEST_MAX ((size_t)64 << 20)

struct bundle_file {
	char *path;		/* own */
	int64_t size;
	uint8_t hash[HASH_LEN];
};

/* What a manifest says. */
struct bundle_list {
	json_t *about;		/* own; kind, created, ...: all but files */
	struct bundle_file *v;	/* own */
	size_t n, cap;
	int64_t bytes;		/* of all files */
};
#define BUNDLE_LIST_INIT { NULL, NULL, 0, 0, 0 }

void	bundle_list_release(struct bundle_list *);
/* ERR_CORRUPT: not a manifest, a path twice or a bad one, a size out of
 * range; ERR_VERSION: of a format that we do not know. */
int	bundle_list_read(struct bundle_list *, const char *json, size_t len,
	    struct err *);
/* 1 a path that may stand in a bundle, 0 not. */
int	bundle_path_ok(const char *);

/*
 * Writing: name everything, then write it.  Files are read twice, first for
 * the manifest; ERR_INPUT when one has changed in between.
 */
struct bundle;
struct bundle *bundle_new(const char *kind, int64_t created_ms);
void	bundle_free(struct bundle *);
/* One more key of the manifest; takes the value. */
void	bundle_about(struct bundle *, const char *key, json_t *);
int	bundle_add_file(struct bundle *, const char *path, const char *from,
	    struct err *);
/* The same of a file whose content is known: it is read once.  It may change
 * or go until then. */
void	bundle_add_known(struct bundle *, const char *path, const char *from,
	    int64_t size, const uint8_t hash[HASH_LEN]);
/* The same of what is in no file as it is: give gives it when the bundle is
 * written, drop frees arg. */
void	bundle_add_given(struct bundle *, const char *path, seal_source *give,
	    void (*drop)(void *), void *arg, int64_t size,
	    const uint8_t hash[HASH_LEN]);
void	bundle_add_bytes(struct bundle *, const char *path, const void *,
	    size_t);
/* name is of the output, for messages; *bytes is how much was written. */
int	bundle_write(struct bundle *, int fd, const char *name,
	    int64_t *bytes, struct err *);

/*
 * Reading, as a stream.  What it hands out is checked against the manifest
 * file by file; that the whole was neither cut nor altered is known when
 * bundle_next returns 0, and only then should anything count.
 *
 * ERR_CORRUPT: cut off, altered, or not ours; ERR_VERSION: made by a newer
 * memkit.
 */
struct bundle_reader;
int	bundle_open(struct bundle_reader **, int fd, const char *name,
	    struct err *);
const struct bundle_list *bundle_contents(const struct bundle_reader *);
/* 1 the next file, 0 the end, and all was as it should be. */
int	bundle_next(struct bundle_reader *, const struct bundle_file **,
	    struct err *);
/* The content of that file to a descriptor (-1: only checked).  One that is
 * not asked for is checked all the same. */
int	bundle_read(struct bundle_reader *, int fd, const char *name,
	    struct err *);
/* The same into a new file, private; it is not synced. */
int	bundle_read_new(struct bundle_reader *, const char *path, struct err *);
/* The same to whoever takes it. */
int	bundle_read_to(struct bundle_reader *, const struct seal_sink *,
	    struct err *);
void	bundle_close(struct bundle_reader *);	/* takes NULL */

#endif
