/*
 * The forms of a ring.  No message repeats what stands in a line: where it is
 * not of the form, any part of it may be a key.
 */
#include "store/keyring.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/str.h"
#include "store/keyring_own.h"

#include <inttypes.h>
#include <string.h>

#define HEAD "memkit-keys "
#define VERSION_HERE 1
#define TEXT_KEY 43		/* digits of 32 bytes in base64url */
#define LINE_MAX_HERE 256	/* more than any line takes */

struct reader {
	struct keyring *kr;	/* borrowed */
	const char *name;	/* of the file, for messages; borrowed */
	size_t line;
	enum keyring_source source;
	bool ended;		/* the line "end" was there */
};

static int
wrong(struct reader *r, const char *why, struct err *e)
{
	return err_set(e, ERR_INPUT, "'%s' line %zu: %s", r->name, r->line,
	    why);
}

/* --- a ring's file ----------------------------------------------------- */

void
keyring_print(const struct keyring *kr, struct buf *b)
{
	char text[TEXT_KEY + 1];
	size_t i;

	/* at once: growing would leave copies behind */
	buf_reserve(b, (kr->n + 3) * LINE_MAX_HERE);
	buf_addf(b, HEAD "%d\n", VERSION_HERE);
	if (kr->has_secret) {
		base64url_encode(text, kr->secret, SEAL_KEY);
		buf_adds(b, "secret ");
		buf_adds(b, text);
		buf_addc(b, '\n');
	}
	for (i = 0; i < kr->n; i++) {
		if (kr->v[i]->source != KEYRING_STORE)
			continue;
		base64url_encode(text, kr->v[i]->key.key, SEAL_KEY);
		buf_adds(b, "key ");
		buf_adds(b, kr->v[i]->key.id);
		buf_addf(b, " %" PRId64 " %s ", kr->v[i]->created_ms,
		    kr->v[i]->active ? "active" : "retired");
		buf_adds(b, text);
		buf_addc(b, '\n');
	}
	buf_adds(b, "end\n");
	mem_wipe(text, sizeof text);
}

/* The next word of a line, ended by one blank or by its end; "" if none. */
static char *
word(char **line)
{
	char *w = *line, *blank = strchr(w, ' ');

	*line = blank == NULL ? w + strlen(w) : blank + 1;
	if (blank != NULL)
		*blank = '\0';
	return w;
}

static int
read_bytes(struct reader *r, const char *s, uint8_t out[SEAL_KEY],
    struct err *e)
{
	if (!base64url_decode(out, SEAL_KEY, s, strlen(s)))
		return wrong(r, "32 bytes in base64url should stand there",
		    e);
	return 0;
}

static int
read_id(struct reader *r, const char *id, struct err *e)
{
	struct err why;

	return seal_id_check(id, &why) < 0 ? wrong(r, why.msg, e) : 0;
}

static int
put(struct reader *r, const struct keyring_key *k, struct err *e)
{
	int n = keyring_put(r->kr, k, e);

	if (n == 0)
		return wrong(r, "the id stands there twice", e);
	return n < 0 ? err_add(e, "'%s' line %zu: ", r->name, r->line) : 0;
}

/* "ID CREATED STATE KEY" */
static int
read_key(struct reader *r, char *line, struct err *e)
{
	struct keyring_key k = { .source = r->source };
	const char *id = word(&line), *created = word(&line);
	const char *state = word(&line), *bytes = word(&line);
	size_t i;
	int n;

	if (*line != '\0')
		return wrong(r, "there is more than belongs there", e);
	if (!str_int(created, 0, INT64_MAX, &k.created_ms))
		return wrong(r, "a time in milliseconds should stand there",
		    e);
	k.active = str_eq(state, "active");
	if (!k.active && !str_eq(state, "retired"))
		return wrong(r, "a key is active or retired", e);
	for (i = 0; k.active && i < r->kr->n; i++)
		if (r->kr->v[i]->active)
			return wrong(r, "two keys are active", e);
	if ((n = read_id(r, id, e)) == 0 &&
	    (n = read_bytes(r, bytes, k.key.key, e)) == 0) {
		memcpy(k.key.id, id, strlen(id) + 1);
		n = put(r, &k, e);
	}
	mem_wipe(&k, sizeof k);
	return n;
}

static int
read_ring_line(struct reader *r, char *line, struct err *e)
{
	const char *what = word(&line);

	if (r->ended)
		return wrong(r, "there is more behind the end", e);
	if (str_eq(what, "end") && *line == '\0') {
		r->ended = true;
		return 0;
	}
	if (str_eq(what, "key"))
		return read_key(r, line, e);
	if (!str_eq(what, "secret"))
		return wrong(r, "neither a key nor the secret", e);
	if (r->kr->has_secret)
		return wrong(r, "there is a secret already", e);
	if (read_bytes(r, line, r->kr->secret, e) < 0)
		return -1;
	r->kr->has_secret = true;
	return 0;
}

/* --- lines "ID:KEY" ---------------------------------------------------- */

static int
read_pair(struct reader *r, char *line, struct err *e)
{
	struct keyring_key k = { .source = r->source };
	char *colon;
	size_t n;
	int got;

	line = str_trim(line);
	if (*line == '\0' || *line == '#')
		return 0;
	if ((colon = strchr(line, ':')) == NULL)
		return wrong(r, "a key stands there as ID:KEY", e);
	*colon = '\0';
	n = strlen(colon + 1);
	if (n == TEXT_KEY + 1 && colon[n] == '=')	/* the padding */
		colon[n] = '\0';
	if (read_id(r, line, e) < 0)
		return -1;
	if ((got = read_bytes(r, colon + 1, k.key.key, e)) == 0) {
		memcpy(k.key.id, line, strlen(line) + 1);
		got = put(r, &k, e);
	}
	mem_wipe(&k, sizeof k);
	return got;
}

/* --- both -------------------------------------------------------------- */

/* A copy of each line, for fn to cut up. */
static int
each_line(struct reader *r, const char *text, size_t len,
    int (*fn)(struct reader *, char *, struct err *), struct err *e)
{
	const char *p = text, *end = text + len, *eol;
	char line[LINE_MAX_HERE];
	int got = 0;

	for (; got == 0 && p < end; p = eol + (eol < end)) {
		r->line++;
		if ((eol = memchr(p, '\n', (size_t)(end - p))) == NULL)
			eol = end;
		if ((size_t)(eol - p) >= sizeof line) {
			got = wrong(r, "it is too long", e);
			break;
		}
		memcpy(line, p, (size_t)(eol - p));
		line[eol - p] = '\0';
		if (strlen(line) != (size_t)(eol - p))
			got = wrong(r, "there is a NUL in it", e);
		else
			got = fn(r, line, e);
	}
	mem_wipe(line, sizeof line);
	return got;
}

int
keyring_add_lines(struct keyring *kr, enum keyring_source source,
    const char *text, size_t len, const char *name, struct err *e)
{
	struct reader r = { .kr = kr, .name = name, .source = source };

	return each_line(&r, text, len, read_pair, e);
}

static bool
has_head(const char *text, size_t len)
{
	return len >= strlen(HEAD) && memcmp(text, HEAD, strlen(HEAD)) == 0;
}

int
keyring_parse_ring(struct keyring *kr, const char *text, size_t len,
    const char *name, struct err *e)
{
	struct reader r = { .kr = kr, .name = name, .line = 1 };
	static const char head[] = HEAD "1\n";
	size_t n = strlen(head);

	if (!has_head(text, len))
		return err_set(e, ERR_INPUT, "'%s' is no ring of keys", name);
	if (len < n || memcmp(text, head, n) != 0)
		return err_set(e, ERR_VERSION, "'%s' was made by a newer "
		    "memkit; upgrade memkit", name);
	if (each_line(&r, text + n, len - n, read_ring_line, e) < 0)
		return -1;
	return r.ended ? 0 : err_set(e, ERR_INPUT, "'%s' is cut off: it does "
	    "not end with 'end'", name);
}

int
keyring_parse(struct keyring *kr, const char *text, size_t len,
    const char *name, struct err *e)
{
	if (has_head(text, len))
		return keyring_parse_ring(kr, text, len, name, e);
	if (keyring_add_lines(kr, KEYRING_STORE, text, len, name, e) < 0)
		return -1;
	if (kr->n > 0)
		kr->v[0]->active = true;
	return 0;
}
