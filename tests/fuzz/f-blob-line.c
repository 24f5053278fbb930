/*
 * Lines between a tool and a provider's program, from either side; the first
 * byte says which.  What is taken keeps its bounds and can be written again;
 * what is refused changed nothing.  And texts of errors: what a second look
 * would hide was hidden by the first.
 */
#include "fuzz.h"

#include "base/json.h"
#include "blob/blob_line.h"
#include "blob/blob_redact.h"

#include <string.h>

static void
check_said(const json_t *said)
{
	struct buf b = BUF_INIT;

	if (said == NULL)
		return;
	json_write(&b, said);
	must(json_is_object(said) && b.len <= BLOB_SAID);
	buf_release(&b);
}

/* As it was asked, when it is asked again. */
static void
ask_again(struct blob_question *q)
{
	struct blob_question again;
	struct buf b = BUF_INIT;
	struct err e;
	size_t i;

	blob_line_ask(&b, q);
	must(blob_line_question(&again, b.p, b.len, &e) == 0);
	must(again.ask == q->ask && again.id == q->id && again.n == q->n);
	for (i = 0; i < q->n; i++) {
		must(strcmp(again.objects[i].key, q->objects[i].key) == 0);
		must(json_equal(again.objects[i].said, q->objects[i].said) ||
		    (again.objects[i].said == NULL &&
		    q->objects[i].said == NULL));
		must(again.objects[i].size == q->objects[i].size);
	}
	blob_question_release(&again);
	buf_release(&b);
}

static void
question(const char *p, size_t len)
{
	struct blob_question q;
	struct buf b = BUF_INIT;
	struct err e;
	size_t i;

	if (blob_line_question(&q, p, len, &e) == 0) {
		must(q.n <= BLOB_MANY);
		for (i = 0; i < q.n; i++) {
			must(blob_key_right(q.objects[i].key));
			check_said(q.objects[i].said);
			if (q.ask == BLOB_PUT)
				must((q.objects[i].mem == NULL) !=
				    (q.objects[i].path == NULL));
		}
		blob_line_tell(&b, &q);
		must(b.p[b.len - 1] == '\n' && strchr(b.p, '\n') ==
		    b.p + b.len - 1);
		ask_again(&q);
	} else {
		must(e.code == ERR_INPUT && e.msg[0] != '\0');
		blob_line_fail(&b, q.id, &e);
	}
	blob_question_release(&q);
	buf_release(&b);
}

static void
answer(enum blob_ask ask, const char *p, size_t len)
{
	struct blob o[2] = { { .key = "a/1", .size = 3, .r = 5 },
	    { .key = "a/2", .size = 4, .r = 5 } };
	struct blob_question q = { .ask = ask, .id = 1, .objects = o, .n = 2 };
	struct err e;
	size_t i;
	int r = blob_line_answer(&q, p, len, &e);

	must(r == 0 || e.msg[0] != '\0');
	for (i = 0; i < 2; i++) {
		check_said(o[i].said);
		if (r != 0 || ask == BLOB_CHECK)
			must(o[i].r == 5 && o[i].said == NULL);
		else if (o[i].r < 0)
			must(o[i].err.msg[0] != '\0');
		else if (ask == BLOB_PUT)
			must(o[i].where != BLOB_ABSENT && o[i].size == 3 + i);
		else if (ask == BLOB_DROP)
			must(o[i].where == BLOB_ABSENT);
		json_decref(o[i].said);
	}
}

static void
item(const char *p, size_t len)
{
	struct blob_item i, again;
	struct buf b = BUF_INIT;
	struct err e;

	if (blob_line_item(&i, "a/", p, len, &e) < 0)
		return;
	must(blob_key_right(i.key) && strncmp(i.key, "a/", 2) == 0);
	blob_line_list(&b, i.key, i.size, i.time_ms);
	must(blob_line_item(&again, "a/", b.p, b.len - 1, &e) == 0);
	must(strcmp(i.key, again.key) == 0 && i.size == again.size &&
	    i.time_ms == again.time_ms);
	buf_release(&b);
}

static void
redact(const char *p, size_t len)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	size_t n = strnlen(p, len);

	buf_add(&once, p, n);
	blob_redact(once.p);
	must(strlen(once.p) == n);
	buf_add(&twice, once.p, n);
	blob_redact(twice.p);
	must(memcmp(once.p, twice.p, n) == 0);
	buf_release(&once);
	buf_release(&twice);
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
	case 'p':
		answer(BLOB_PUT, p, len - 1);
		break;
	case 'h':
		answer(BLOB_HEAD, p, len - 1);
		break;
	case 'd':
		answer(BLOB_DROP, p, len - 1);
		break;
	case 'c':
		answer(BLOB_CHECK, p, len - 1);
		break;
	case 'l':
		item(p, len - 1);
		break;
	case 'r':
		redact(p, len - 1);
		break;
	default:
		question(p, len - 1);
	}
	return 0;
}
