/*
 * hash(n) = SHA-256(hash(n-1) || -2 || seq || at || who || action || object ||
 * detail || tool || outcome), numbers as 8 bytes big endian, strings with
 * their length in front; hash(0) is 32 zero bytes.  Rows of before schema 6
 * have neither tool nor outcome, and no -2: where that is the others have a
 * seq, which is never negative, so that no row of one form has the bytes of
 * one of the other.
 *
 * They are put together first and hashed at once: a million rows are half as
 * long as with a call for each field.
 */
#include "store/audit_own.h"

#include "store/db.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FORM_OUTCOME (-2)	/* first number of a row with an outcome */

const char *const audit_texts[AUDIT_TEXTS] = { "who", "action", "object",
    "detail", "tool", "outcome" };

void
audit_row_read(struct db_query *q, struct audit_row *row)
{
	struct audit_span *t;
	const void *p;
	size_t n;
	int i;

	row->seq = db_get_int(q, 0);
	row->at_ms = db_get_int(q, 1);
	for (i = 0; i < AUDIT_TEXTS; i++) {
		t = &row->text[i];
		t->p = db_get_blob(q, 2 + i, &t->n);
		if (t->n == 0 && db_is_null(q, 2 + i))
			t->p = NULL;
	}
	p = db_get_blob(q, 2 + AUDIT_TEXTS, &n);
	/* no hash is this one */
	memset(row->hash, 0, HASH_LEN);
	if (n == HASH_LEN)
		memcpy(row->hash, p, n);
}

static char *
put_number(char *to, int64_t n)
{
	int i;

	for (i = 0; i < 8; i++)
		*to++ = (char)(uint8_t)((uint64_t)n >> (56 - 8 * i));
	return to;
}

void
audit_row_hash(const struct audit_row *row, int64_t seq,
    const uint8_t prev[HASH_LEN], struct buf *room, uint8_t out[HASH_LEN])
{
	bool old = row->text[AUDIT_TOOL].p == NULL &&
	    row->text[AUDIT_OUTCOME].p == NULL;
	size_t need = HASH_LEN + 3 * 8;
	int i, n = old ? AUDIT_TOOL : AUDIT_TEXTS;
	const struct audit_span *t;
	char *to;

	for (i = 0; i < n; i++)
		need += 8 + row->text[i].n;
	buf_reset(room);
	to = buf_reserve(room, need);
	memcpy(to, prev, HASH_LEN);
	to += HASH_LEN;
	if (!old)
		to = put_number(to, FORM_OUTCOME);
	to = put_number(to, seq);
	to = put_number(to, row->at_ms);
	for (t = row->text; t < row->text + n; t++) {
		/* no string is so long: this length says NULL */
		to = put_number(to, t->p == NULL ? -1 : (int64_t)t->n);
		if (t->n > 0)
			memcpy(to, t->p, t->n);
		to += t->n;
	}
	hash_mem(room->p, (size_t)(to - room->p), out);
}

void
audit_rotated(char *s, int64_t seq, const uint8_t hash[HASH_LEN])
{
	char hex[HASH_HEX + 1];

	hex_encode(hex, hash, HASH_LEN);
	snprintf(s, AUDIT_ROTATED, "up to row %" PRId64 ", %s", seq, hex);
}
