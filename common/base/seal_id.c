/*
 * Ids, salts and names: apart, because who only reads a ring of keys need not
 * link what seals.
 */
#include "base/seal.h"

#include "base/hash.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789";

int
seal_id_check(const char *id, struct err *e)
{
	size_t n = strlen(id);

	if (n == 0 || n > SEAL_ID_MAX || strchr(letters, id[0]) == NULL)
		return err_set(e, ERR_INPUT, "the id of a key begins with a "
		    "letter or a digit and has at most %d characters",
		    SEAL_ID_MAX);
	for (; *id != '\0'; id++)
		if (strchr(letters, *id) == NULL && strchr("-_.", *id) == NULL)
			return err_set(e, ERR_INPUT, "the id of a key holds "
			    "something else than letters, digits, '-', '_' "
			    "and '.'");
	return 0;
}

int
seal_random_salt(uint8_t salt[SEAL_KEY], struct err *e)
{
	return random_bytes(salt, SEAL_KEY, e);
}

void
seal_name(const uint8_t naming[SEAL_KEY], const void *p, size_t n,
    uint8_t name[SEAL_KEY])
{
	hmac_mem(naming, SEAL_KEY, p, n, name);
}
