/*
 * What a tool and engine-http say to each other, from either side; the first
 * byte says which.  What is taken keeps its bounds and can be written again.
 * And what an engine says is wrong, which is short and has no controls.
 */
#include "fuzz.h"

#include "base/json.h"
#include "engine/conf.h"
#include "engine/line.h"

#include <string.h>

static void
question(const char *p, size_t len)
{
	struct engine_question q, again;
	struct buf b = BUF_INIT;
	struct err e;

	if (engine_line_question(&q, p, len, &e) < 0) {
		must(e.code == ERR_INPUT && e.msg[0] != '\0');
		return;
	}
	must(engine_line_wrong(&q) == NULL);
	must(q.path[0] == '/' && strlen(q.path) <= ENGINE_PATH);
	must(strpbrk(q.path, " \r\n\t") == NULL);
	must(strpbrk(q.type, " \r\n\t") == NULL);
	must(q.size <= ENGINE_WHOLE);
	engine_line_ask(&b, &q);
	must(b.len <= ENGINE_LINE && strchr(b.p, '\n') == NULL);
	must(engine_line_question(&again, b.p, b.len, &e) == 0);
	must(strcmp(q.path, again.path) == 0 &&
	    strcmp(q.method, again.method) == 0 &&
	    strcmp(q.type, again.type) == 0 && q.size == again.size &&
	    q.wait_ms == again.wait_ms && q.tries == again.tries);
	engine_question_release(&again);
	engine_question_release(&q);
	buf_release(&b);
}

static void
answer(const char *p, size_t len)
{
	struct engine_answer a, again;
	struct buf b = BUF_INIT;
	struct err e, same;
	int r = engine_line_answer(&a, p, len, &e);

	if (r == 0) {
		must(a.status >= 100 && a.status < 600);
		must(a.size <= ENGINE_WHOLE && a.retry_ms >= 0);
		engine_line_tell(&b, &a);
		must(engine_line_answer(&again, b.p, b.len - 1, &e) == 0);
		must(a.status == again.status && a.size == again.size &&
		    a.retry_ms == again.retry_ms);
	} else if (r == 1) {
		must(e.code != ERR_NONE);
		engine_line_fail(&b, &e);
		must(b.len < ENGINE_LINE);
		must(engine_line_answer(&again, b.p, b.len - 1, &same) == 1);
		must(e.code == same.code);
	} else {
		must(e.code == ERR_INPUT && e.msg[0] != '\0');
	}
	buf_release(&b);
}

static void
reason(const char *p, size_t len)
{
	struct buf b = BUF_INIT;
	size_t i;

	engine_line_reason(&b, p, len);
	must(b.len <= 202);
	for (i = 0; i < b.len; i++)
		must((unsigned char)b.p[i] >= ' ' && b.p[i] != 0x7f);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *p = (const char *)data + 1;
	static bool ready;

	if (!ready)
		json_setup();
	ready = true;
	if (len == 0)
		return 0;
	switch (data[0]) {
	case 'a':
		answer(p, len - 1);
		break;
	case 'r':
		reason(p, len - 1);
		break;
	default:
		question(p, len - 1);
	}
	return 0;
}
