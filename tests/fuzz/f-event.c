/*
 * A record that is an event says the same when it was written and read
 * again, and has the same id.
 */
#include "base/buf.h"
#include "base/json.h"
#include "memory/event.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* The text of an event that was read, with its id; 0 when it is none. */
static int
write_event(struct buf *out, char id[ULID_LEN + 1], const char *p, size_t n)
{
	struct buf room = BUF_INIT;
	struct event ev;
	struct err e;
	json_t *o = json_read(p, n, &e), *back;
	int good = 0;

	if (json_is_object(o) && event_from_json(&ev, o, &room, &e) == 0) {
		if (ev.id[0] == '\0')
			event_make_id(&ev, "fuzz");
		if (ev.text_len + ev.rest_len >= EVENT_TEXT_MAX ||
		    ev.ts_ms < DATE_MIN || ev.ts_ms > DATE_MAX)
			abort();
		memcpy(id, ev.id, ULID_LEN + 1);
		if ((back = event_json(&ev)) == NULL)
			abort();
		json_write(out, back);
		json_decref(back);
		good = 1;
	} else if (json_is_object(o) && e.msg[0] == '\0')
		abort();	/* refused without a reason */
	json_decref(o);
	buf_release(&room);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int ready;
	struct buf first = BUF_INIT, second = BUF_INIT;
	char id[ULID_LEN + 1], again[ULID_LEN + 1];

	if (!ready)
		json_setup();
	ready = 1;
	if (write_event(&first, id, (const char *)p, n) &&
	    (!write_event(&second, again, first.p, first.len) ||
	    strcmp(id, again) != 0 || first.len != second.len ||
	    memcmp(first.p, second.p, first.len) != 0))
		abort();
	buf_release(&first);
	buf_release(&second);
	return 0;
}
