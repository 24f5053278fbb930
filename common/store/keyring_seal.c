/*
 * A ring for somewhere else:
 *
 *	memkit-keys-sealed 1
 *	scrypt LOG_N R P
 *	salt SALT
 *	size N
 *	SEALED
 *
 * SEALED are the N bytes of a ring's text as one sealed object (base/seal),
 * with "passphrase" as the key's id, SALT for both scrypt and the object, and
 * the four lines above as associated data.  Bytes are written in base64url.
 */
#include "store/keyring.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define HEAD "memkit-keys-sealed "
#define ID "passphrase"

struct sealed {
	struct seal_scrypt scrypt;
	struct seal_about about;	/* ad: the lines in front */
	const char *text;		/* borrowed; SEALED */
	size_t len;
};

static int
run(struct seal *s, const void *p, size_t n, struct err *e)
{
	int r = seal_add(s, p, n, e) < 0 || seal_end(s, e) < 0 ? -1 : 0;

	seal_free(s);
	return r;
}

static int
pass_key(const struct seal_scrypt *c, const struct buf *pass,
    const uint8_t salt[SEAL_KEY], struct seal_key *k, struct err *e)
{
	memcpy(k->id, ID, sizeof ID);
	return seal_passphrase(c, pass->p, pass->len, salt, k->key, e);
}

static void
add_text(struct buf *out, const void *p, size_t n)
{
	buf_reserve(out, n + n / 2 + 4);
	base64url_encode(out->p + out->len, p, n);
	out->len += strlen(out->p + out->len);
}

/* --- to ---------------------------------------------------------------- */

static int
seal_text(const struct buf *text, const struct buf *pass,
    const struct seal_scrypt *c, struct buf *out, struct err *e)
{
	struct seal_about a = { .size = text->len };
	struct buf sealed = BUF_INIT;
	const struct seal_sink sink = seal_to_buf(&sealed);
	struct seal_key k;
	struct seal *s;
	int r;

	if (seal_random_salt(a.salt, e) < 0)
		return -1;
	buf_addf(out, HEAD "1\nscrypt %u %u %u\nsalt ", c->log_n, c->r, c->p);
	add_text(out, a.salt, SEAL_KEY);
	buf_addf(out, "\nsize %zu\n", text->len);
	a.ad = out->p;
	a.ad_len = out->len;
	if ((r = pass_key(c, pass, a.salt, &k, e)) == 0 &&
	    (r = seal_begin(&s, &k, &a, &sink, e)) == 0 &&
	    (r = run(s, text->p, text->len, e)) == 0) {
		add_text(out, sealed.p, sealed.len);
		buf_addc(out, '\n');
	}
	mem_wipe(&k, sizeof k);
	buf_release(&sealed);
	return r;
}

int
keyring_seal(const struct keyring *kr, const struct buf *pass,
    const struct seal_scrypt *c, struct buf *out, struct err *e)
{
	struct buf text = BUF_INIT;
	int r;

	keyring_print(kr, &text);
	r = seal_text(&text, pass, c, out, e);
	buf_wipe(&text);
	return r;
}

/* --- from -------------------------------------------------------------- */

bool
keyring_is_sealed(const char *text, size_t len)
{
	return len >= strlen(HEAD) && memcmp(text, HEAD, strlen(HEAD)) == 0;
}

/* The rest of the line at *p if it begins so, ended; else NULL. */
static char *
line_of(char **p, const char *name)
{
	char *line = *p, *eol = strchr(line, '\n');

	if (eol == NULL || !str_starts(line, name))
		return NULL;
	*eol = '\0';
	*p = eol + 1;
	return line + strlen(name);
}

static int
number_of(char **line, unsigned *out)
{
	char *blank = strchr(*line, ' ');
	int64_t n;

	if (blank != NULL)
		*blank = '\0';
	if (!str_int(*line, 0, 1000, &n))
		return 0;
	*out = (unsigned)n;
	*line = blank != NULL ? blank + 1 : *line + strlen(*line);
	return 1;
}

/* copy is cut up; s->about.ad stays that of the caller. */
static int
read_head(struct sealed *s, char *copy, size_t *head)
{
	char *p = copy, *rest, *scrypt, *salt, *size;
	int64_t n;

	if ((rest = line_of(&p, HEAD "1")) == NULL || *rest != '\0' ||
	    (scrypt = line_of(&p, "scrypt ")) == NULL ||
	    (salt = line_of(&p, "salt ")) == NULL ||
	    (size = line_of(&p, "size ")) == NULL)
		return 0;
	if (!number_of(&scrypt, &s->scrypt.log_n) ||
	    !number_of(&scrypt, &s->scrypt.r) ||
	    !number_of(&scrypt, &s->scrypt.p) || *scrypt != '\0' ||
	    !base64url_decode(s->about.salt, SEAL_KEY, salt, strlen(salt)) ||
	    !str_int(size, 0, (int64_t)KEYRING_BYTES, &n))
		return 0;
	s->about.size = (uint64_t)n;
	*head = (size_t)(p - copy);
	return 1;
}

static int
read_sealed(struct sealed *s, const char *text, size_t len, const char *name,
    struct err *e)
{
	char *copy = xstrndup(text, len);
	size_t head = 0;
	int good = strlen(copy) == len && read_head(s, copy, &head);

	free(copy);
	if (!good && len > strlen(HEAD) && text[strlen(HEAD)] != '1')
		return err_set(e, ERR_VERSION, "'%s' was made by a newer "
		    "memkit; upgrade memkit", name);
	if (!good)
		return err_set(e, ERR_INPUT, "'%s' is no export of keys, or "
		    "was damaged", name);
	s->about.ad = text;
	s->about.ad_len = head;
	s->text = text + head;
	s->len = len - head;
	if (s->len > 0 && s->text[s->len - 1] == '\n')
		s->len--;
	return 0;
}

static int
open_with(const struct sealed *s, const struct seal_key *k, struct buf *out,
    struct err *e)
{
	size_t n = (size_t)seal_size(s->about.size, 0), start = out->len;
	const struct seal_sink sink = seal_to_buf(out);
	uint8_t *bytes = xmalloc(n);
	struct seal *o;
	int r;

	/* at once: growing would leave copies behind */
	buf_reserve(out, (size_t)s->about.size);
	if (!base64url_decode(bytes, n, s->text, s->len))
		r = err_set(e, ERR_CORRUPT, "it was cut off or altered");
	else if ((r = unseal_begin(&o, k, &s->about, 0, s->about.size, &sink,
	    e)) == 0)
		r = run(o, bytes, n, e);
	free(bytes);
	if (r < 0) {
		mem_wipe(out->p + start, out->len - start);
		buf_cut(out, start);
	}
	return r;
}

int
keyring_unseal(const char *text, size_t len, const char *name,
    const struct buf *pass, struct buf *out, struct err *e)
{
	struct sealed s = { .text = NULL };
	struct seal_key k;
	int r;

	if (read_sealed(&s, text, len, name, e) < 0)
		return -1;
	if (pass_key(&s.scrypt, pass, s.about.salt, &k, e) < 0)
		return err_add(e, "'%s': ", name);
	r = open_with(&s, &k, out, e);
	mem_wipe(&k, sizeof k);
	if (r < 0 && e->code == ERR_CORRUPT)
		return err_set(e, ERR_DENIED, "'%s' does not open: the "
		    "passphrase is another one, or the file was altered",
		    name);
	return r;
}
