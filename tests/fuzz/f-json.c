/*
 * JSON of anybody: what is read must be written to something that is read
 * as the same, in order and sorted; any bytes can be quoted.
 */
#include "fuzz.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Written, read, written: twice the same. */
static void
round_trip(const json_t *v, void (*write)(struct buf *, const json_t *))
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct err e;
	json_t *w;

	write(&a, v);
	must(memchr(a.p, '\n', a.len) == NULL);
	must((w = json_read(a.p, a.len, &e)) != NULL);
	must(json_equal(v, w));
	write(&b, w);
	must(a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
	json_decref(w);
	buf_release(&a);
	buf_release(&b);
}

static void
quote(const char *p, size_t len)
{
	struct buf b = BUF_INIT;
	struct err e;
	json_t *v;

	json_quote(&b, p, len);
	must(utf8_check(b.p, b.len) == b.len);
	v = json_read(b.p, b.len, &e);
	/* only \u0000 is written and not read */
	must(json_is_string(v) || memchr(p, '\0', len) != NULL);
	if (v != NULL && utf8_check(p, len) == len)
		must(json_string_length(v) == len &&
		    memcmp(json_string_value(v), p, len) == 0);
	json_decref(v);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool ready;
	const char *p = (const char *)data;
	struct err e = { 0 };
	json_t *v, *w;

	if (!ready)
		json_setup();
	ready = true;
	v = json_read(p, len, &e);
	/* a mark in front, and what nests too deeply, is no affair of it */
	w = json_loadb(p, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	must(w == NULL || v == NULL || json_equal(v, w));
	must(w != NULL || v == NULL || *data == 0xef);
	json_decref(w);
	if (v != NULL) {
		round_trip(v, json_write);
		round_trip(v, json_sorted);
		(void)get_path(v, "a.0.b");
		json_decref(v);
	} else
		must(e.code == ERR_INPUT && strncmp(e.msg, "byte ", 5) == 0 &&
		    strtoul(e.msg + 5, NULL, 10) <= len + 1);
	quote(p, len);
	return 0;
}
