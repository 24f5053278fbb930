/*
 * Objects of ours as they lie on a remote: in clear, or sealed (base/seal)
 * where remote.NAME.seal is set.  memkit-remote(5) has the form: a sealed one
 * is a line of JSON that says with which key, which salt and how many bytes,
 * and the sealed bytes behind it.  So each says itself how it is to be opened.
 *
 * An object has a name that its content makes.  In clear it is the SHA-256 of
 * its bytes.  Sealed it is the HMAC-SHA-256 of the plain bytes under a secret
 * of the store (keyring_secret, "memkit objects"), and that is its salt, too.
 * So what is put again has the same name and, with the same key, the same
 * bytes; and nobody without the secret can tell from a name what is in it.
 * Moved to another key it is another object under the same name.
 *
 * What an object is for, and the tenant, are authenticated with it: no other
 * one can be put in its place.
 */
#ifndef SYNC_SEALING_H
#define SYNC_SEALING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/seal.h"

struct store;
struct sealing;

/* Bytes of the line in front, at most. */
#define SEALING_HEAD 320

/*
 * seal: what is put is sealed with the active key of the store's ring
 * (ERR_ABSENT: it has none, with the remedy), else it is in clear.  What is
 * read may be either; the ring is read when a sealed one is met.
 */
int	sealing_open(struct sealing **, const struct store *, bool seal,
	    struct err *);
/* Objects of this tenant, not of the store's; borrowed. */
void	sealing_of(struct sealing *, const char *tenant);
void	sealing_free(struct sealing *);		/* wipes; takes NULL */
bool	sealing_on(const struct sealing *);	/* NULL: it is not */

/* To name and to make objects; no struct sealing (NULL) is one in clear. */

/* The name of plain bytes; of those of a file: from its begin to its end,
 * len of them (ERR_INPUT: there are more or fewer). */
void	sealing_name(const struct sealing *, const void *, size_t,
	    uint8_t name[HASH_LEN]);
int	sealing_name_fd(const struct sealing *, int fd, uint64_t len,
	    uint8_t name[HASH_LEN], struct err *);

int	sealing_name_of(const struct sealing *, seal_source *, void *,
	    uint8_t name[HASH_LEN], struct err *);

/* Bytes of the object of so many plain ones. */
uint64_t sealing_size(const struct sealing *, uint64_t plain);

/*
 * The object of plain bytes, in memory: appended.  kind is what it is for
 * ("segment", "piece", "pack", ...).  name NULL: of the bytes.
 */
int	sealing_pack(const struct sealing *, const char *kind, const void *,
	    size_t, const uint8_t name[HASH_LEN], struct buf *out,
	    struct err *);
/* Of a file's len bytes from its begin on, to a sink; sealed or not. */
int	sealing_pack_fd(const struct sealing *, const char *kind, int fd,
	    uint64_t len, const uint8_t name[HASH_LEN],
	    const struct seal_sink *, struct err *);

/* Of len bytes that somebody gives. */
int	sealing_pack_of(const struct sealing *, const char *kind,
	    seal_source *, void *, uint64_t len, const uint8_t name[HASH_LEN],
	    const struct seal_sink *, struct err *);

/* The SHA-256 of the object of that name: in clear it is the name. */
void	sealing_sum(const struct sealing *, const uint8_t name[HASH_LEN],
	    const void *object, size_t, uint8_t sum[HASH_LEN]);

/*
 * The plain bytes of a whole object, appended.  name: what it was asked for
 * by; NULL: it has none (a manifest).  1 it was sealed, 0 it was in clear.
 * ERR_INPUT: it is not what its name says; ERR_ABSENT: its key is not in the
 * ring (the message has its id); ERR_CORRUPT: it was altered, or the key of
 * that id is another one here; ERR_VERSION.
 */
int	sealing_unpack(struct sealing *, const char *kind, const void *, size_t,
	    const uint8_t name[HASH_LEN], struct buf *, struct err *);

/*
 * Parts of an object.  Its first SEALING_HEAD bytes, or all where it has
 * fewer, and the size of all of it, tell how.  ad is own.
 */
struct sealing_part {
	bool sealed;
	uint64_t head;			/* bytes of the line; 0 in clear */
	uint64_t size;			/* plain bytes of all of it */
	struct seal_about about;
	struct seal_key key;
	struct buf ad;
};
/* ERR_INPUT, ERR_ABSENT, ERR_VERSION as above.  Release it in any case. */
int	sealing_part(struct sealing *, const char *kind, const void *first,
	    size_t n, uint64_t object_size, const uint8_t name[HASH_LEN],
	    struct sealing_part *, struct err *);
void	sealing_part_release(struct sealing_part *);	/* wipes */
/* Which bytes of the object have the plain ones [from, from + n). */
int	sealing_span(const struct sealing_part *, uint64_t from, uint64_t n,
	    uint64_t *at, uint64_t *len, struct err *);
/* Of these bytes the plain ones, appended.  In clear nothing is compared. */
int	sealing_open_part(const struct sealing_part *, uint64_t from,
	    uint64_t n, const void *, size_t, struct buf *, struct err *);

#endif
