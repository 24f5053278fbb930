/*
 * Sealing: bytes that leave the machine so that nobody without the key can
 * read them, change them, cut them off, reorder them, or put another object
 * in their place, without being found out.
 *
 * AES-256-GCM (NIST SP 800-38D) over segments of 64 KiB in the construction
 * STREAM (Hoang, Reyhanitabar, Rogaway, Vizar: "Online Authenticated-
 * Encryption and its Nonce-Reuse Misuse-Resistance", 2015, section 7).  An
 * object has a key of its own, by HKDF-SHA-256 (RFC 5869) of a key of the
 * ring, the object's salt, and what else is to be so:
 *
 *	info   = "memkit seal 1" || 0 || size (8 bytes, big endian) ||
 *	         segment (4 bytes) || length of the key's id (1 byte) || id ||
 *	         associated data
 *	key    = the first 32 bytes of HKDF (ring key, salt, info)
 *	prefix = the 7 bytes after them
 *
 * Segment i of the plain bytes, all of them full but the last, becomes as
 * many bytes and a tag of 16, under this key, without additional data, with
 *
 *	nonce  = prefix || i (4 bytes, big endian) || (1: the last, else 0)
 *
 * Nothing is between, in front or behind.  No bytes at all are one segment of
 * a tag alone.  So size, segment, id and associated data are authenticated by
 * every segment: if one of them is not what it was, none opens.  They are
 * not within the sealed bytes; whoever seals keeps them beside (a sidecar, a
 * manifest).
 *
 * A stream, of which nobody knows the size when it begins, has 2^64 - 1 for
 * its size in info, which no object can have.  That it is whole, STREAM itself
 * proves: the last segment opens as the last only.
 *
 * The salt.  One key must never seal two different texts: then the nonces
 * are the same, and both can be read and forged.  There are two ways to have
 * one, and a caller makes none of its own:
 *
 *   - seal_random_salt: 32 random bytes.  Sealing the same bytes again makes
 *     another object.
 *   - seal_name, where `naming` is set: HMAC-SHA-256 of the plain bytes under
 *     a secret of the store, which is the object's name, too.  Sealing the
 *     same bytes again makes the same object, so a retry is idempotent; who
 *     has not the secret cannot tell from a name what is in it, nor whether
 *     two stores have the same.  He can tell that one store has the same
 *     bytes twice.  The bytes are read twice; seal_end computes the name
 *     again, and refuses if they changed in between.
 *
 * Limits.  2^32 segments an object (2^48 bytes with segments of 64 KiB; even
 * that leaves an advantage of less than 2^-40 to tell one object from noise,
 * SP 800-38D and Iwata, Ohashi, Minematsu 2012).  A forged segment of 64 KiB
 * is taken with a probability of at most 2^-115 a try.  A ring key only makes
 * keys: it may seal 2^48 objects before two random salts, of 256 bits, are
 * the same with a probability of 2^-160; keys are changed for who knew them,
 * not for what they did.  GCM does not commit to its key; that the key's id
 * is authenticated is no proof of who sealed it: whoever has the key can.
 *
 * libcrypto is loaded by the first object (base/aead.h); openssl.cnf is not
 * read, so the environment cannot have another library loaded into us.
 */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SEAL_KEY 32		/* bytes of a key, of a salt, of a name */
#define SEAL_ID_MAX 64
#define SEAL_TAG 16
#define SEAL_SEGMENT 65536
#define SEAL_SEGMENT_MAX (1 << 20)

struct seal_key {
	char id[SEAL_ID_MAX + 1];	/* no secret; in messages */
	uint8_t key[SEAL_KEY];
};

/* What is to be known of an object to open it.  Borrowed, but only while
 * seal_begin or unseal_begin runs. */
struct seal_about {
	uint8_t salt[SEAL_KEY];
	uint64_t size;		/* plain bytes; 0 of a stream that begins */
	bool stream;
	uint32_t segment;	/* plain bytes of one; 0: SEAL_SEGMENT */
	const void *ad;		/* associated data; NULL: none */
	size_t ad_len;
	const uint8_t *naming;	/* salt is a name under this secret */
};

/* Who gets what comes out, in order and in pieces; 0, or -1 with an error. */
struct seal_sink {
	int (*put)(void *, const void *, size_t, struct err *);
	void *arg;
};

/* Who gives all bytes of something to a sink, the same each time it is asked:
 * for what is read twice, and must not lie anywhere meanwhile. */
typedef int seal_source(void *, const struct seal_sink *, struct err *);

struct buf;
struct seal;

/* The usual ones, of what is borrowed meanwhile: a file, where it stands;
 * behind what a buffer has; what is sealed, or opened, next. */
struct seal_fd {
	int fd;
	const char *name;		/* for messages */
};

struct seal_sink seal_to_fd(struct seal_fd *);
struct seal_sink seal_to_buf(struct buf *);
struct seal_sink seal_to_seal(struct seal *);

/* Letters, digits, '-', '_' and '.', at most SEAL_ID_MAX of them, the first
 * a letter or a digit.  ERR_INPUT; the id is not repeated, it may be a key
 * in the wrong place. */
int	seal_id_check(const char *, struct err *);

int	seal_random_salt(uint8_t salt[SEAL_KEY], struct err *);
/* The name of bytes in memory; of others by hmac_init, _add, _end. */
void	seal_name(const uint8_t naming[SEAL_KEY], const void *, size_t,
	    uint8_t name[SEAL_KEY]);

/* Bytes of an object of this size when it is sealed. */
uint64_t seal_size(uint64_t plain, uint32_t segment);

/*
 * Seal: begin, add all of the plain bytes in pieces of any size, end.  What
 * goes to the sink is an object only when seal_end returned 0; else it must
 * be thrown away.  ERR_INPUT: more or fewer bytes than size; not those of
 * the name; a size or segment beyond the limits.  One segment of memory, and
 * each byte is copied once.
 */
int	seal_begin(struct seal **, const struct seal_key *,
	    const struct seal_about *, const struct seal_sink *, struct err *);

/*
 * Open the plain bytes [from, from + n): seal_span says in which sealed bytes
 * they are.  Those are added in pieces of any size, in order.  The sink gets
 * only bytes that were authenticated, in their place; that all came, only
 * seal_end says.  ERR_CORRUPT: they are not what was sealed, or with another
 * key of this id; ERR_INPUT: a range or size that cannot be.
 *
 * The end of the object is proven by its last segment alone: a range in front
 * of it can be read of an object that was cut off.
 */
int	unseal_begin(struct seal **, const struct seal_key *,
	    const struct seal_about *, uint64_t from, uint64_t n,
	    const struct seal_sink *, struct err *);
int	seal_span(const struct seal_about *, uint64_t from, uint64_t n,
	    uint64_t *at, uint64_t *len, struct err *);

/* After a failure, and after seal_end, every later call fails. */
int	seal_add(struct seal *, const void *, size_t, struct err *);
int	seal_end(struct seal *, struct err *);
void	seal_free(struct seal *);	/* wipes; takes NULL */

/*
 * A key of a passphrase, by scrypt (RFC 7914) with N = 2^log_n.  It takes
 * 128 * r * N bytes of memory; more than SEAL_SCRYPT_MAX is refused
 * (ERR_INPUT), as are parameters that are none.  SEAL_SCRYPT is what to seal
 * with: 128 MiB and about half a second.
 */
struct seal_scrypt {
	unsigned log_n, r, p;
};
#define SEAL_SCRYPT { 17, 8, 1 }
#define SEAL_SCRYPT_MAX ((uint64_t)1 << 30)

int	seal_passphrase(const struct seal_scrypt *, const void *pass,
	    size_t len, const uint8_t salt[SEAL_KEY], uint8_t key[SEAL_KEY],
	    struct err *);

#endif
