#include "file/file_record.h"

#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/utf8.h"
#include "file/file_row.h"
#include "file/file_scan.h"
#include "memory/tombstone.h"
#include "memory/session.h"
#include "store/name.h"
#include "store/store.h"

#include <inttypes.h>
#include <string.h>

static int
read_content(struct file_row *f, const char *sum, const json_t *o,
    struct err *e)
{
	const json_t *exec = json_object_get(o, "executable");

	f->removed = sum == NULL;
	if (f->removed)
		return 0;
	if (strlen(sum) != HASH_HEX || !hex_decode(f->sha256, sum, HASH_LEN))
		return err_set(e, ERR_INPUT, "sha256 is not 64 hexadecimal "
		    "digits");
	if (get_int(o, "size_bytes", &f->size) != 1 || f->size < 0)
		return err_set(e, ERR_INPUT, "size_bytes is missing, or no "
		    "number of bytes");
	if (exec != NULL && !json_is_boolean(exec) && !json_is_null(exec))
		return err_set(e, ERR_INPUT, "executable is not true or false");
	f->exec = json_is_true(exec);
	return 0;
}

int
file_record_read(struct file_each *w, const json_t *o, struct err *e)
{
	const char *bad = NULL, *area, *sum;
	struct file_row *f = &w->row;
	struct err name;

	w->session = get_str(o, "session_id", &bad);
	w->user = get_str(o, "user", &bad);
	area = get_str(o, "area", &bad);
	f->path = get_str(o, "path", &bad);
	sum = get_str(o, "sha256", &bad);
	if (bad != NULL)
		return err_set(e, ERR_INPUT, "%s is not a string", bad);
	if (w->session == NULL || area == NULL || f->path == NULL)
		return err_set(e, ERR_INPUT, "a file needs session_id, area "
		    "and path");
	if (name_check("session_id", w->session, &name) < 0 ||
	    (w->user != NULL && name_check("user", w->user, &name) < 0))
		return err_set(e, ERR_INPUT, "%s", name.msg);
	if ((f->area = file_area_of(area)) < 0)
		return err_set(e, ERR_INPUT, "area is none of inputs, "
		    "artifacts, cache");
	if (file_path_check(f->path, e) < 0 || read_content(f, sum, o, e) < 0)
		return -1;
	if (get_time(o, "at", &f->s.at_ms) < 0 ||
	    get_time(o, "base", &f->s.base_ms) < 0)
		return err_set(e, ERR_INPUT, "at or base is not a time");
	if (get_int(o, "node", &f->s.node) < 0 || f->s.node < 0)
		return err_set(e, ERR_INPUT, "node is not the number of one");
	return 0;
}

int
file_add(struct store *st, const json_t *o, int64_t node, bool *clash,
    struct err *e)
{
	struct file_each w = { .row.s.node = node };
	struct stamp *s = &w.row.s;
	int64_t owner, seq;
	int r;

	*clash = false;
	if (file_record_read(&w, o, e) < 0 || store_user(st, w.user != NULL ?
	    w.user : st->user, true, &owner, e) < 0 ||
	    (r = tombstone_has_session(st, owner, w.session, e)) < 0)
		return -1;
	if (r == 1)
		return err_set(e, ERR_DENIED, "the session was forgotten");
	if (s->at_ms == 0)
		s->at_ms = date_real();
	if (session_row_of(st, owner, w.session, true, &seq, e) < 0 ||
	    (s->node == 0 && node_number(st, &s->node, e) < 0))
		return -1;
	return file_row_merge(st, seq, &w.row, clash, e);
}

/* --- what is printed --------------------------------------------------- */

static void
member(struct buf *b, const char *key, const char *value)
{
	buf_addf(b, ",\"%s\":", key);
	json_quote(b, value, strlen(value));
}

/* A name of the disk may be any bytes: U+FFFD for each that is no text. */
static void
put_path(struct buf *b, const char *path)
{
	struct buf clean = BUF_INIT;
	size_t n = strlen(path), at, len;
	char room[4];

	for (at = 0; at < n; at += len)
		buf_add(&clean, room, utf8_put(room, utf8_decode(path + at,
		    n - at, &len)));
	member(b, "path", clean.p);
	buf_release(&clean);
}

void
file_found_json(struct buf *b, const char *session, const char *user,
    const char *graft, const struct file_found *f)
{
	char hex[HASH_HEX + 1];

	buf_adds(b, "{\"type\":\"file\"");
	member(b, "session_id", session);
	member(b, "area", file_areas[f->area]);
	put_path(b, f->path);
	if (f->known) {
		buf_addf(b, ",\"size_bytes\":%" PRId64, f->size);
		hex_encode(hex, f->sha256, HASH_LEN);
		member(b, "sha256", hex);
		if (f->exec)
			buf_adds(b, ",\"executable\":true");
	}
	if (f->at_ms != 0)
		buf_addf(b, ",\"at\":%" PRId64, f->at_ms);
	member(b, "user", user);
	if (graft != NULL)
		member(b, "graft", graft);
	member(b, "state", file_states[f->state]);
	if (f->mtime_ms != 0)
		buf_addf(b, ",\"mtime\":%" PRId64, f->mtime_ms);
	if (f->reason != NULL)
		member(b, "reason", f->reason);
	buf_addc(b, '}');
}
