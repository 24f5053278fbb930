/*
 * A file of rotated rows is somebody's: he may have cut it, or written into
 * it.  What it holds is believed as far as its hashes go.
 */
#include "store/audit_rotate.h"

#include "base/json.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "store/audit_chain.h"
#include "store/audit_own.h"

#include <inttypes.h>
#include <string.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)

struct walk {
	struct audit_chain *c;
	int64_t last;		/* of the head before; 0: there was none */
	int64_t want;		/* a row that came too late, perhaps */
};

static int
bad_line(const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "its '%s' is not as it should be", what);
}

static int
get_hash(const json_t *o, const char *key, uint8_t out[HASH_LEN],
    struct err *e)
{
	const char *s = get_str(o, key, NULL);

	if (s == NULL || !hex_is(s, HASH_HEX))
		return bad_line(key, e);
	hex_decode(out, s, HASH_LEN);
	return 0;
}

/* Texts are borrowed from the record. */
static int
get_row(const json_t *o, struct audit_row *row, struct err *e)
{
	const json_t *v;
	int i;

	if (get_int(o, "seq", &row->seq) != 1 || row->seq < 1)
		return bad_line("seq", e);
	if (get_int(o, "timestamp", &row->at_ms) != 1)
		return bad_line("timestamp", e);
	for (i = 0; i < AUDIT_TEXTS; i++) {
		v = json_object_get(o, audit_texts[i]);
		if (v == NULL ? i <= AUDIT_ACTION : !json_is_string(v))
			return bad_line(audit_texts[i], e);
		row->text[i].p = json_string_value(v);
		row->text[i].n = json_string_length(v);
	}
	return get_hash(o, "hash", row->hash, e);
}

static void
fault(struct walk *w, enum audit_fault what, int64_t at, int64_t n)
{
	w->c->fault = what;
	w->c->at = at;
	w->c->n = n;
}

/* Are all rows there that the head before spoke of? */
static bool
ended(struct walk *w)
{
	if (w->last <= w->c->seq)
		return true;
	fault(w, AUDIT_DROPPED, w->c->seq + 1, w->last - w->c->seq);
	return false;
}

/* 1, 0 it does not go on from what was before; -1. */
static int
head(struct walk *w, const json_t *o, struct err *e)
{
	struct audit_chain *c = w->c;
	uint8_t previous[HASH_LEN];
	int64_t first, last;

	if (get_int(o, "first", &first) != 1 || first < 1)
		return bad_line("first", e);
	if (get_int(o, "last", &last) != 1 || last < first)
		return bad_line("last", e);
	if (get_hash(o, "previous", previous, e) < 0)
		return -1;
	if (!ended(w))
		return 0;
	if (w->last == 0) {
		c->seq = first - 1;
		memcpy(c->hash, previous, HASH_LEN);
	} else if (first != c->seq + 1 ||
	    memcmp(previous, c->hash, HASH_LEN) != 0) {
		fault(w, AUDIT_UNTIED, first, 0);
		return 0;
	}
	w->last = last;
	return 1;
}

/* What is wrong with this one, as far as it tells by itself; the rest of the
 * file may tell more. */
static void
diagnose(struct walk *w, const struct audit_row *row)
{
	int64_t want = w->c->seq + 1;

	if (row->seq > want) {
		fault(w, AUDIT_DROPPED, want, row->seq - want);
		w->want = want;
	} else
		fault(w, row->seq < want ? AUDIT_INSERTED : AUDIT_CHANGED,
		    row->seq, 1);
}

static int
line(struct walk *w, const char *p, size_t n, struct err *e)
{
	const char *type;
	struct audit_row row;
	json_t *o = json_read(p, n, e);
	int r = 1;

	if (o == NULL)
		return -1;
	type = get_str(o, "type", NULL);
	if (str_eq(type, "audit_rotated") && w->want == 0)
		r = head(w, o, e);
	else if (!str_eq(type, "audit") || w->last == 0)
		r = w->want > 0 ? 1 : bad_line("type", e);
	else if ((r = get_row(o, &row, e)) == 0 && w->want > 0) {
		r = 1;
		if (row.seq == w->want)
			fault(w, AUDIT_REORDERED, row.seq, 1);
	} else if (r == 0 && (r = audit_chain_add(w->c, &row)) == 0)
		diagnose(w, &row);
	json_decref(o);
	return r;
}

int
audit_rotated_walk(struct audit_chain *c, int fd, const char *name,
    struct err *e)
{
	struct walk w = { c, 0, 0 };
	struct jsonl in;
	enum jsonl_got got;
	size_t n;
	char *p;
	int r = 1;

	jsonl_init(&in, fd, name);
	in.max = LINE_MAX_BYTES;
	while ((r == 1 || w.want > 0) &&
	    (got = jsonl_next(&in, -1, &p, &n, NULL, e)) != JSONL_EOF) {
		if (got == JSONL_FAIL)
			r = -1;
		else if (got == JSONL_LONG)
			r = err_set(e, ERR_INPUT, "it is too long");
		else
			r = n == 0 ? 1 : line(&w, p, n, e);
		if (r < 0) {
			if (got != JSONL_FAIL)
				err_add(e, "'%s' line %" PRId64, name,
				    in.line_no);
			break;
		}
	}
	jsonl_release(&in);
	if (r < 0)
		return -1;
	if (w.last == 0)
		return err_set(e, ERR_INPUT, "'%s' has no rows of an audit "
		    "log", name);
	return c->fault == AUDIT_WHOLE && ended(&w) ? 1 : 0;
}
