#include "store/keyring.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "store/keyring_own.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND_MS 60000

static const char command_key[] = "core.keyCommand";
static const char file_key[] = "core.keyFile";
static const char active_key[] = "core.activeKey";

/* --- keys -------------------------------------------------------------- */

void
keyring_free(struct keyring *kr)
{
	size_t i;

	if (kr == NULL)
		return;
	for (i = 0; i < kr->n; i++) {
		mem_wipe(kr->v[i], sizeof *kr->v[i]);
		free(kr->v[i]);
	}
	free(kr->v);
	mem_wipe(kr, sizeof *kr);
	free(kr);
}

struct keyring_key *
keyring_get(const struct keyring *kr, const char *id)
{
	size_t i;

	for (i = 0; i < kr->n; i++)
		if (strcmp(kr->v[i]->key.id, id) == 0)
			return kr->v[i];
	return NULL;
}

int
keyring_put(struct keyring *kr, const struct keyring_key *k, struct err *e)
{
	const struct keyring_key *old = keyring_get(kr, k->key.id);

	if (old != NULL && hash_same(old->key.key, k->key.key, SEAL_KEY))
		return 0;
	if (old != NULL)
		return err_set(e, ERR_EXISTS, "key '%s' is another one than "
		    "the key of that id that is there; none was replaced",
		    k->key.id);
	kr->v = xgrow(kr->v, kr->n, &kr->cap, sizeof *kr->v);
	kr->v[kr->n++] = xmemdup(k, sizeof *k);
	return 1;
}

int
keyring_active(const struct keyring *kr, const struct seal_key **k,
    struct err *e)
{
	if (kr->active == NULL)
		return err_set(e, ERR_ABSENT, "no key is active; make one "
		    "with mem-admin key new");
	*k = &kr->active->key;
	return 0;
}

int
keyring_find(const struct keyring *kr, const char *id,
    const struct seal_key **k, struct err *e)
{
	const struct keyring_key *found = keyring_get(kr, id);

	if (found == NULL)
		return err_set(e, ERR_ABSENT, "there is no key '%s'; bring it "
		    "with mem-admin key import", id);
	*k = &found->key;
	return 0;
}

/* --- the ring's file --------------------------------------------------- */

int
keyring_read_own(struct keyring *kr, const struct store *st, struct err *e)
{
	struct buf dir = BUF_INIT, path = BUF_INIT, text = BUF_INIT;
	int r;

	file_join(&dir, st->dir, "keys");
	file_join(&path, dir.p, "ring");
	if ((r = file_private_dir(dir.p, e)) == 0 && (r = file_read_private(
	    &text, path.p, KEYRING_BYTES, e)) == 0 &&
	    (r = keyring_parse_ring(kr, text.p, text.len, path.p, e)) < 0 &&
	    e->code == ERR_INPUT)
		e->code = ERR_CORRUPT;
	else if (r < 0 && e->code == ERR_ABSENT)
		r = 0;
	buf_wipe(&text);
	buf_release(&path);
	buf_release(&dir);
	return r;
}

/* --- kept elsewhere ---------------------------------------------------- */

const char *
keyring_elsewhere(const struct store *st)
{
	if (*conf_get(st->conf, command_key, "") != '\0')
		return command_key;
	return *conf_get(st->conf, file_key, "") != '\0' ? file_key : NULL;
}

static int
run_command(const char *command, struct buf *out, struct err *e)
{
	buf_reserve(out, KEYRING_BYTES + 1);	/* growing leaves copies */
	return child_print_sh(command_key, command, COMMAND_MS,
	    KEYRING_BYTES, out, e);
}

static int
read_elsewhere(struct keyring *kr, const struct store *st, const char *key,
    struct err *e)
{
	const char *value = conf_get(st->conf, key, "");
	bool command = key == command_key;
	struct buf text = BUF_INIT;
	int r;

	if (store_obeys(st, key, e) < 0)
		return -1;
	if (command)
		r = run_command(value, &text, e);
	else if ((r = file_read_private(&text, value, KEYRING_BYTES, e)) < 0)
		err_add(e, "%s: ", key);
	if (r == 0)
		r = keyring_add_lines(kr, command ? KEYRING_COMMAND :
		    KEYRING_FILE, text.p, text.len, command ? key : value, e);
	if (r == 0 && kr->n == 0)
		r = err_set(e, ERR_INPUT, "%s gives no key", key);
	buf_wipe(&text);
	return r;
}

/* What is in the ring, too, stays one of the ring. */
static int
put_all(struct keyring *kr, const struct keyring *from, struct err *e)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		if (keyring_put(kr, from->v[i], e) < 0)
			return -1;
	return 0;
}

struct keyring_key *
keyring_own_active(const struct keyring *kr)
{
	size_t i;

	for (i = 0; i < kr->n; i++)
		if (kr->v[i]->active)
			return kr->v[i];
	return NULL;
}

int
keyring_add_elsewhere(struct keyring *kr, const struct store *st,
    struct err *e)
{
	const char *key = keyring_elsewhere(st);
	struct keyring *other;
	int r;

	kr->active = keyring_own_active(kr);
	if (key == NULL)
		return 0;
	other = xcalloc(1, sizeof *other);
	if ((r = read_elsewhere(other, st, key, e)) == 0 &&
	    (r = put_all(kr, other, e)) == 0)
		kr->active = keyring_get(kr, other->v[0]->key.id);
	keyring_free(other);
	return r;
}

int
keyring_add_given(struct keyring *kr, const char *text, size_t len,
    const char *name, struct err *e)
{
	struct keyring *other = xcalloc(1, sizeof *other);
	int r = keyring_add_lines(other, KEYRING_FILE, text, len, name, e);

	if (r == 0 && other->n > 0 && (r = put_all(kr, other, e)) == 0)
		kr->active = keyring_get(kr, other->v[0]->key.id);
	keyring_free(other);
	return r;
}

static int
choose(struct keyring *kr, const struct store *st, struct err *e)
{
	const char *id = conf_get(st->conf, active_key, "");

	if (*id != '\0' && (kr->active = keyring_get(kr, id)) == NULL)
		return err_set(e, ERR_ABSENT, "%s names '%s', and there is no "
		    "such key", active_key, id);
	return 0;
}

int
keyring_open(struct keyring **out, const struct store *st, struct err *e)
{
	struct keyring *kr = xcalloc(1, sizeof *kr);

	if (keyring_read_own(kr, st, e) < 0 ||
	    keyring_add_elsewhere(kr, st, e) < 0 || choose(kr, st, e) < 0) {
		keyring_free(kr);
		return -1;
	}
	*out = kr;
	return 0;
}

/* --- the secret -------------------------------------------------------- */

int
keyring_find_secret(const struct keyring *kr, const char *purpose,
    uint8_t out[SEAL_KEY])
{
	struct hkdf h = { .key = kr->secret, .keylen = SEAL_KEY,
	    .info = purpose, .infolen = strlen(purpose) };

	if (!kr->has_secret)
		return 0;
	hkdf_make(&h, out, SEAL_KEY);
	return 1;
}
