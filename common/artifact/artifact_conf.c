#include "artifact/artifact_conf.h"

#include "artifact/artifact_conf_own.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/conf.h"
#include "blob/artifact_key.h"
#include "store/keyring.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define KEYS "RAW_CONTENT_CODEC_KEYS"

static int
set_provider(struct artifact_conf *c, const struct setting *s,
    struct err *e)
{
	int n = ARTIFACT_POINTER;

	if (s->value != NULL && (n = artifact_provider(s->value)) < 0)
		return artifact_wrong(e, s, "local_fs, s3 or filecoin");
	c->active = (enum artifact_provider)n;
	return 0;
}

/* After the provider: it is none where nothing is managed. */
static int
set_mode(struct artifact_conf *c, const struct setting *s, struct err *e)
{
	c->managed = s->value != NULL && str_eq(s->value, "managed_blob");
	if (!c->managed && s->value != NULL && !str_eq(s->value,
	    "pointer_only"))
		return artifact_wrong(e, s, "pointer_only or managed_blob");
	if (!c->managed)
		c->active = ARTIFACT_POINTER;
	c->known[c->active] = c->active != ARTIFACT_POINTER;
	return 0;
}

static int
set_legacy(struct artifact_conf *c, const struct setting *s, struct err *e)
{
	struct setting one = { s->name, NULL };
	struct strv words = STRV_INIT;
	size_t i;
	int n, r = 0;

	if (s->value != NULL)
		artifact_words(s->value, &words);
	for (i = 0; r == 0 && i < words.n; i++) {
		one.value = words.v[i];
		if ((n = artifact_provider(words.v[i])) < 0)
			r = artifact_wrong(e, &one, "a list of local_fs, s3 "
			    "and filecoin");
		else if (c->known[n])
			r = err_set(e, ERR_INPUT, "%s: '%s' is there twice, "
			    "or is the active one", s->name, words.v[i]);
		else
			c->known[n] = true;
	}
	strv_release(&words);
	return r;
}

static int
set_prefix(struct artifact_conf *c, const struct setting *s, struct err *e)
{
	const char *why;

	c->prefix = xstrdup(s->value != NULL ? s->value : ARTIFACT_PREFIX);
	return (why = artifact_prefix_wrong(c->prefix)) == NULL ? 0 :
	    err_set(e, ERR_INPUT, "%s cannot be '%.100s': %s", s->name,
	    c->prefix, why);
}

static int
set_dir(struct artifact_conf *c, const struct setting *s, struct err *e)
{
	if (s->value != NULL && *s->value != '/')
		return err_set(e, ERR_INPUT, "%s should begin with '/', not "
		    "'%.100s'", s->name, s->value);
	c->dir = s->value != NULL ? xstrdup(s->value) : NULL;
	return 0;
}

static int
set_codec(struct artifact_conf *c, const struct setting *s, struct err *e)
{
	if (s->value != NULL && str_eq(s->value, "aes_gcm"))
		c->codec = true;
	else if (s->value != NULL && !str_eq(s->value, "none"))
		return artifact_wrong(e, s, "none or aes_gcm");
	return 0;
}

static int
set_key(struct artifact_conf *c, const struct setting *s, struct err *e)
{
	if (s->value != NULL && seal_id_check(s->value, e) < 0)
		return err_add(e, "%s: ", s->name);
	c->active_key = s->value != NULL ? xstrdup(s->value) : NULL;
	return 0;
}

/* In the order in which they are read: legacy providers after the active
 * one. */
static const struct {
	const char *key, *variable;
	int (*set)(struct artifact_conf *, const struct setting *,
	    struct err *);
} settings[] = {
	{ "artifact.provider", "RAW_STORAGE_PROVIDER", set_provider },
	{ "artifact.mode", "RAW_STORAGE_MODE", set_mode },
	{ "artifact.legacy", "RAW_STORAGE_LEGACY_PROVIDERS", set_legacy },
	{ "artifact.schemes", ARTIFACT_SCHEMES_VARIABLE,
	    artifact_schemes_set },
	{ "artifact.prefix", "RAW_STORAGE_PREFIX", set_prefix },
	{ "artifact.localFs.dir", NULL, set_dir },
	{ "artifact.codec", "RAW_CONTENT_CODEC", set_codec },
	{ "artifact.activeKey", "RAW_CONTENT_CODEC_ACTIVE_KEY_ID", set_key },
};
#define SETTINGS (sizeof settings / sizeof *settings)

int
artifact_conf_check(const char *key, const char *value, struct err *e)
{
	struct artifact_conf c = { .dir = NULL };
	struct setting s = { key, value };
	size_t i;
	int r = 0;

	for (i = 0; i < SETTINGS; i++)
		if (str_same(key, settings[i].key)) {
			r = settings[i].set(&c, &s, e);
			artifact_conf_release(&c);
			return r < 0 ? -1 : 1;
		}
	return 0;
}

int
artifact_conf_read(struct artifact_conf *c, const struct store *st,
    struct err *e)
{
	struct setting s;
	size_t i;
	int r = 0;

	memset(c, 0, sizeof *c);
	c->max = ARTIFACT_MAX_BYTES;
	for (i = 0; r == 0 && i < SETTINGS; i++) {
		s = artifact_set(st, settings[i].variable, settings[i].key);
		r = settings[i].set(c, &s, e);
	}
	if (r == 0 && c->managed && c->active == ARTIFACT_POINTER)
		r = err_set(e, ERR_INPUT, "artifact.mode (or "
		    "RAW_STORAGE_MODE) is managed_blob, and "
		    "artifact.provider (or RAW_STORAGE_PROVIDER) is not set: "
		    "local_fs, s3 or filecoin");
	if (r == 0 && c->dir == NULL)
		c->dir = store_path(st, "blobs");
	/* what a sealed tenant keeps is sealed */
	if (r == 0 && sealed_known(st))
		c->codec = true;
	if (r == 0 && conf_get_int(st->conf, "artifact.maxBytes", 1,
	    INT64_MAX, &c->max, e) >= 0)
		return 0;
	artifact_conf_release(c);
	return -1;
}

void
artifact_conf_release(struct artifact_conf *c)
{
	free(c->prefix);
	free(c->dir);
	free(c->active_key);
	strv_release(&c->schemes);
	keyring_free(c->ring);
	memset(c, 0, sizeof *c);
}

/* --- keys -------------------------------------------------------------- */

/* "ID:KEY" texts, by commas. */
static int
add_given(struct keyring *ring, const char *list, struct err *e)
{
	struct buf text = BUF_INIT;
	int r;

	buf_reserve(&text, strlen(list) + 1);
	for (; *list != '\0'; list++)
		buf_addc(&text, *list == ',' ? '\n' : *list);
	r = keyring_add_given(ring, text.p, text.len,
	    KEYS, e);
	buf_wipe(&text);
	return r < 0 ? -1 : 0;
}

bool
artifact_keys_given(void)
{
	const char *given = getenv(KEYS);

	return given != NULL && *given != '\0';
}

int
artifact_ring(struct artifact_conf *c, const struct store *st, struct err *e)
{
	const char *given = getenv(KEYS);

	if (c->ring != NULL)
		return 0;
	if (keyring_open(&c->ring, st, e) < 0)
		return -1;
	if (!artifact_keys_given())
		return 0;
	if (add_given(c->ring, given, e) < 0) {
		keyring_free(c->ring);
		c->ring = NULL;
		return -1;
	}
	unsetenv(KEYS);
	return 0;
}

int
artifact_key_of(struct artifact_conf *c, const struct store *st,
    const char *id, const struct seal_key **key, struct err *e)
{
	if (artifact_ring(c, st, e) < 0)
		return -1;
	return keyring_find(c->ring, id, key, e);
}

int
artifact_active_key(struct artifact_conf *c, const struct store *st,
    const struct seal_key **key, struct err *e)
{
	*key = NULL;
	if (!c->codec)
		return 0;
	if (artifact_ring(c, st, e) < 0)
		return -1;
	if (c->active_key != NULL)
		return keyring_find(c->ring, c->active_key, key, e) < 0 ?
		    err_add(e, "artifact.activeKey: ") : 0;
	return keyring_active(c->ring, key, e);
}
