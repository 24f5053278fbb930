/*
 * Configurations of anybody: parsed, and edited so that the key has the
 * value and nothing else changed (conf_edit_text checks that itself; here
 * that it does not refuse without a reason, and that a second edit finds
 * nothing to do).
 */
#include "fuzz.h"

#include "base/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/conf_parse.h"

static void
edit(const struct buf *text, const char *key, const char *value)
{
	struct buf out = BUF_INIT, again = BUF_INIT;
	struct err e;
	struct conf *c;
	int r = conf_edit_text(&out, text, "fuzz", key, value, &e);

	if (r == 1) {
		must(conf_parse(&c, out.p, out.len, "fuzz", &e) == 0);
		must(strcmp(conf_get(c, key, "(none)"),
		    value != NULL ? value : "(none)") == 0);
		conf_free(c);
		must(conf_edit_text(&again, &out, "fuzz", key, value, &e) == 0);
	} else if (r < 0)
		must(e.code == ERR_EXISTS);
	buf_release(&out);
	buf_release(&again);
}

static int
each(void *text, const char *key, const char *value)
{
	struct err e;

	(void)value;
	if (conf_key_check(key, &e) < 0)
		return 0;		/* git reads [.x], and so do we */
	edit(text, key, " new; \"value\"\n\\");
	edit(text, key, NULL);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf text = BUF_INIT;
	struct err e = { 0 };
	struct conf *c;

	buf_add(&text, data, len);
	if (conf_parse(&c, text.p, text.len, "fuzz", &e) == 0) {
		if (len < 2000)		/* each edit reads it all: no squares */
			conf_each(c, each, &text);
		edit(&text, "a.sub section.new", "value");
		edit(&text, "a.new", "");
		conf_free(c);
	} else
		must(e.code == ERR_INPUT && e.msg[0] == '\'');
	buf_release(&text);
	return 0;
}
