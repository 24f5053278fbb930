/*
 * Members out of JSON: within its bounds whatever the bytes are; and where
 * jansson reads them, too, the same strings.
 */
#include "fuzz.h"

#include "base/json.h"
#include "ltm/entry.h"
#include "ltm/row_scan.h"

#include <string.h>

/* A string at the top, as it is scanned: controls are blanks. */
static void
compare(const struct row_scan *s, const json_t *o)
{
	const char *want = json_string_value(json_object_get(o, "a")), *p = "";
	size_t i, n = 0;

	for (i = 0; i < s->n; i++)
		if (!s->v[i].in_fields && s->v[i].name == 0) {
			p = s->v[i].p;
			n++;
		}
	if (want == NULL || n != 1)
		return;
	must(strlen(want) == strlen(p));
	for (i = 0; want[i] != '\0'; i++)
		must(want[i] == p[i] || p[i] == ' ');
}

static void
entries(const char *p, const char *end)
{
	struct entry_head h;
	const char *at = p, *s;
	size_t len;

	if (!entry_get_head(&at, end, &h))
		return;
	must(at <= end && h.id >= p && h.id + h.id_len <= end);
	entry_has_words(at, end, "a+b");
	while (entry_get_text(&at, end, &s, &len))
		must(s + len <= end);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct row_scan s;
	static struct strv names = STRV_INIT;
	char *text = malloc(len + 1);
	struct err e;
	json_t *o;
	size_t i;

	if (names.n == 0) {
		json_setup();
		buf_init(&s.room);
		strv_add(&names, "a");
		strv_add(&names, "b");
	}
	memcpy(text, data, len);
	text[len] = '\0';
	if (row_scan(&s, &names, text, len, &e) == 0) {
		for (i = 0; i < s.n; i++)
			must(s.v[i].p >= s.room.p && s.v[i].p + s.v[i].len <
			    s.room.p + s.room.len && s.v[i].name < 2);
		if (memchr(text, 0, len) == NULL &&
		    (o = json_read(text, len, &e)) != NULL) {
			compare(&s, o);
			json_decref(o);
		}
	} else if (text[0] == '{' && memchr(text, 0, len) == NULL &&
	    (o = json_read(text, len, &e)) != NULL) {
		/* a byte order mark is never kept, and not passed over */
		must(!json_is_object(o));
		json_decref(o);
	}
	entries(text, text + len);
	free(text);
	return 0;
}
