/*
 * What names a node or a grip, and bodies of contents: whatever it is, it is
 * read within its bounds, and what was read is written as it was.
 */
#include "fuzz.h"

#include "base/date.h"
#include "base/json.h"
#include "toc/grip.h"
#include "toc/toc_body.h"
#include "toc/toc_period.h"

#include <stdlib.h>
#include <string.h>

static void
names(const char *s)
{
	struct toc_period p, again;
	char id[GRIP_ID_LEN];
	struct grip g;

	if (toc_period_read(s, &p)) {
		must(p.start_ms < p.end_ms);
		must(toc_period_read(p.name, &again) == 1);
		must(strcmp(p.name, again.name) == 0);
	}
	memset(&g, 0, sizeof g);
	if (grip_id_read(s, &g)) {
		grip_id(&g, id);
		must(grip_id_read(id, &g) == 1);
	}
}

static void
body(const uint8_t *p, size_t len)
{
	struct buf b = BUF_INIT, again = BUF_INIT;
	struct toc_line l;
	size_t at = 0, n = 0;

	buf_add(&b, p, len);
	while (toc_body_next(&b, &at, &l)) {
		must(l.b.text >= b.p && l.b.text + l.b.len < b.p + b.len);
		if (l.kind == 'B') {
			toc_body_bullet(&again, &l.b);
			n++;
		}
	}
	for (at = 0; toc_body_next(&again, &at, &l); n--)
		must(l.kind == 'B');
	must(n == 0);
	json_decref(toc_body_json(&b));
	buf_release(&b);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static int ready;
	char *s = malloc(len + 1);

	if (!ready)
		json_setup();
	ready = 1;
	memcpy(s, p, len);
	s[len] = '\0';
	names(s);
	body(p, len);
	free(s);
	return 0;
}
