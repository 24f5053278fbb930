/*
 * Whose keys those are.  By itself, as who only looks at keys has nothing to
 * do with secrets.
 */
#include "blob/artifact_key.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/str.h"
#include "store/keyring.h"
#include "store/store.h"

#include <string.h>

#define PURPOSE "memkit artifact owners"

int
artifact_owner(const struct store *st, char owner[], struct err *e)
{
	uint8_t secret[SEAL_KEY], mac[HASH_LEN];
	struct hmac h;

	if (keyring_secret(st, PURPOSE, secret, e) < 0)
		return -1;
	hmac_init(&h, secret, sizeof secret);
	/* a name has no 0 in it */
	hmac_add(&h, st->tenant, strlen(st->tenant) + 1);
	hmac_add(&h, st->user, strlen(st->user));
	hmac_end(&h, mac);
	hex_encode(owner, mac, ARTIFACT_OWNER / 2);
	mem_wipe(secret, sizeof secret);
	return 0;
}
