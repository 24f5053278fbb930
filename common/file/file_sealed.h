/*
 * The bytes of files, as they lie on the disk: those of a sealed tenant sealed
 * (base/seal.h, a stream) with a key that follows from their session's
 * (store/sealed.h), so that they are gone with it.
 *
 * A sealed file lies in the session's folder FILE_SEALED (file_dir.h), named by
 * its salt in hex, which its row has, sealed.  Each version has a file of its
 * own; so a row and its bytes belong together at each moment, and what a crash
 * leaves is a file that no row names, which is swept.  Nothing of it is ever in
 * clear on the disk.
 */
#ifndef FILE_FILE_SEALED_H
#define FILE_FILE_SEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct file_dir;
struct file_row;
struct seal_sink;
struct store;

/* Is this tenant's: 1, 0.  ERR_DENIED for who wants a folder of plain files. */
int	file_sealed(struct store *, struct err *);
int	file_sealed_refuse(struct store *, struct err *);

void	file_sealed_name(const uint8_t disk[HASH_LEN],
	    char name[HASH_HEX + 1]);

/*
 * Bytes of any number sealed into a file; one segment of memory.  The key is
 * the session's, made if it has none, in a transaction.  fd and name are
 * borrowed.  disk: what the row is to have.
 */
struct file_seal;

int	file_seal_new(struct file_seal **, struct store *, int64_t session,
	    int fd, const char *name, uint8_t disk[HASH_LEN], struct err *);
int	file_seal_add(struct file_seal *, const void *, size_t, struct err *);
struct seal_sink file_seal_sink(struct file_seal *);	/* that adds */
int	file_seal_end(struct file_seal *, struct err *);
void	file_seal_free(struct file_seal *);	/* takes NULL */

/*
 * The plain bytes of a file, sealed or not, in pieces: each is authenticated
 * before it is shown; that all came, only the end says (0 bytes).
 * ERR_CORRUPT: they are not what was sealed.
 */
struct file_bytes;

/* 1; 0 it is not there, or its key is gone; ERR_DENIED: it is no file. */
int	file_bytes_open(struct file_bytes **, struct store *,
	    struct file_dir *, const struct file_row *, struct err *);
int	file_bytes_read(struct file_bytes *, void *, size_t, size_t *got,
	    struct err *);
void	file_bytes_free(struct file_bytes *);	/* takes NULL */

/* All of it to a sink, as a seal_source: from the begin each time it is asked.
 * ERR_ABSENT: it is not there any more. */
struct file_give {
	struct store *st;		/* all borrowed */
	struct file_dir *dir;
	const struct file_row *row;
};
int	file_give(void *, const struct seal_sink *, struct err *);

/*
 * Does a row of this session that is here have its bytes, as many as it must?
 * 1, 0; *mtime_ms if 1.
 */
int	file_sealed_there(struct file_dir *, const struct file_row *,
	    int64_t *mtime_ms, struct err *);

/* Files that no row names go, in a folder that is locked. */
int	file_sealed_sweep(struct store *, struct file_dir *, int64_t session,
	    int64_t *n, struct err *);

#endif
