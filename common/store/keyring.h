/*
 * Keys of a store: with which one sealed what leaves the machine (base/seal).
 *
 * STORE/keys/ring (mode 0600, its folder 0700; memkit-store(5) has the form)
 * holds keys, one of them active: what is sealed now is sealed with it.  All
 * others are retired and only open.  No key is ever deleted or replaced by
 * another of its id.  It also holds the store's secret: 32 bytes under which
 * names are made, so that they tell nothing.  Each use has its own, derived
 * by HKDF from it and the name of the purpose.
 *
 * Keys can be kept elsewhere: core.keyFile names a file, core.keyCommand a
 * command (by sh -c), with a line "ID:KEY" for each, KEY in base64url.  The
 * first of them is active; core.activeKey names another one.  Then keys are
 * not made here, and those of the ring only open.
 *
 * A key's bytes are in no message, and wiped when a ring is freed; every key
 * lies by itself, so that no list that grows leaves a copy behind.
 */
#ifndef STORE_KEYRING_H
#define STORE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/seal.h"

#define KEYRING_BYTES ((size_t)256 << 10)	/* of a ring, as a text */

struct store;

enum keyring_source { KEYRING_STORE, KEYRING_FILE, KEYRING_COMMAND };

struct keyring_key {
	struct seal_key key;
	int64_t created_ms;		/* 0: not known */
	enum keyring_source source;
	bool active;			/* as the ring's file has it */
};

struct keyring {
	struct keyring_key **v;		/* own */
	size_t n, cap;
	struct keyring_key *active;	/* in v, or NULL */
	bool has_secret;
	uint8_t secret[SEAL_KEY];
};

/*
 * The ring of a store, and what the configuration adds.  There need not be
 * one.  ERR_DENIED: a file or its folder is open to others, or a link;
 * ERR_INPUT, ERR_CORRUPT: it is not of the form, with the line; ERR_EXISTS:
 * two keys have one id; ERR_ABSENT: core.activeKey names no key; ERR_NET: the
 * command failed.
 */
int	keyring_open(struct keyring **, const struct store *, struct err *);
void	keyring_free(struct keyring *);		/* wipes; takes NULL */
/* "ID:KEY" lines for this process alone; the first is active. */
int	keyring_add_given(struct keyring *, const char *text, size_t len,
	    const char *name, struct err *);

/* Borrowed.  ERR_ABSENT, with the remedy, and the id that was looked for. */
int	keyring_active(const struct keyring *, const struct seal_key **,
	    struct err *);
int	keyring_find(const struct keyring *, const char *id,
	    const struct seal_key **, struct err *);

/*
 * The secret for one purpose ("memkit objects", ...), always the same.  The
 * store's is made when it is first needed; then two who need it at once get
 * the same one.  keyring_find_secret makes none: 0 then.
 */
int	keyring_secret(const struct store *, const char *purpose,
	    uint8_t out[SEAL_KEY], struct err *);
int	keyring_find_secret(const struct keyring *, const char *purpose,
	    uint8_t out[SEAL_KEY]);

/* --- changes ----------------------------------------------------------- */

/*
 * Each holds keys/.lock, reads the ring again, writes it with the row of the
 * audit log in one transaction, and is told to a store that was opened to be
 * written.  ERR_BUSY: another one changes it.
 */

/* A new key, active from now on; the one that was is retired.  id has room
 * for SEAL_ID_MAX + 1; "": one is made.  ERR_EXISTS: there is one, also
 * elsewhere; ERR_USAGE: keys are kept elsewhere. */
int	keyring_new(struct store *, char *id, struct err *);
/* 1, 0 it is retired; ERR_ABSENT, ERR_USAGE: it is kept elsewhere. */
int	keyring_retire(struct store *, const char *id, struct err *);

struct keyring_merged {
	size_t added, same;
	enum { KEYRING_NO_SECRET, KEYRING_SECRET_ADDED, KEYRING_SECRET_SAME,
	    KEYRING_SECRET_KEPT } secret;	/* KEPT: another one is here */
};
/*
 * Add what another ring has.  Its active key is active here if none is, else
 * it is retired.  ERR_EXISTS: an id means another key here; then nothing is
 * added.  With dry nothing is written, either.
 */
int	keyring_merge(struct store *, const struct keyring *from, bool dry,
	    struct keyring_merged *, struct err *);

/* --- texts ------------------------------------------------------------- */

/* The lines of a ring's file, of the keys of the store only; buf_wipe it. */
void	keyring_print(const struct keyring *, struct buf *);
/*
 * Read into an empty ring: such lines, or "ID:KEY" ones as those of a
 * core.keyFile (then the first is active), as the first line tells.
 * ERR_INPUT names the line; ERR_VERSION: a newer one.
 */
int	keyring_parse(struct keyring *, const char *text, size_t len,
	    const char *name, struct err *);

/*
 * For somewhere else: the lines, sealed with a key that scrypt makes of the
 * passphrase; all of it text.  What is read may be sealed or not:
 * keyring_is_sealed tells.  ERR_DENIED: the passphrase is another, or the
 * text was altered.
 */
int	keyring_seal(const struct keyring *, const struct buf *passphrase,
	    const struct seal_scrypt *, struct buf *out, struct err *);
bool	keyring_is_sealed(const char *text, size_t len);
int	keyring_unseal(const char *text, size_t len, const char *name,
	    const struct buf *passphrase, struct buf *out, struct err *);

#endif
