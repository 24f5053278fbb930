#include "toc/chat.h"

#include "base/alloc.h"
#include "base/json.h"
#include "toc/asker.h"
#include "toc/chat_check.h"

#include <stdbool.h>
#include <stdlib.h>

struct chat {
	struct asker *asker;		/* own */
	struct turn_reader *reader;	/* own */
	struct chat_spent spent;
};

static void
add_turn(struct buf *b, size_t n, const struct turn *t, bool context)
{
	buf_addf(b, "%s{\"n\":%zu,%s\"role\":\"%s\",\"text\":", n > 1 ? "," :
	    "", n, context ? "\"context\":true," : "", event_roles[t->role]);
	json_quote(b, t->text, t->read);
	buf_addc(b, '}');
}

static void
question(struct buf *b, const struct turn *t, size_t n, size_t context)
{
	size_t i;

	buf_adds(b, "\"turns\":[");
	for (i = 0; i < n; i++)
		add_turn(b, i + 1, &t[i], i < context);
	buf_addc(b, ']');
}

static int
check(struct chat *c, const json_t *o, const struct turn *t, size_t n,
    size_t context, struct summary *out, struct err *e)
{
	int came = 0, dropped;

	dropped = chat_check(c->reader, o, t, n, context, out, &came, e);
	if (dropped < 0)
		return -1;
	c->spent.bullets += came;
	c->spent.dropped += dropped;
	if (out->bullets > 0)
		return 0;
	summary_release(out);
	return err_set(e, ERR_INPUT, "none of %d bullets has support", came);
}

int
chat_turns(struct chat *c, const struct turn *t, size_t n, size_t context,
    struct summary *out, struct err *e)
{
	const struct asker_spent *spent = asker_spent(c->asker);
	struct buf b = BUF_INIT;
	json_t *o = NULL;
	int r;

	question(&b, t, n, context);
	r = asker_ask(c->asker, &b, &o, e);
	buf_release(&b);
	if (r == 0)
		r = asker_judged(c->asker, check(c, o, t, n, context, out,
		    e), e);
	json_decref(o);
	c->spent.calls = spent->calls;
	c->spent.failed = spent->failed;
	c->spent.tokens = spent->tokens;
	return r;
}

int
chat_parent(struct chat *c, const struct summary_part *p, size_t parts,
    struct summary *out, struct err *e)
{
	struct turn *t = xcalloc(parts + 1, sizeof *t);
	struct summary_bullet *b;
	size_t i, k;
	int r;

	for (i = 0; i < parts; i++) {
		t[i].text = p[i].text;
		t[i].len = p[i].len;
		t[i].type = EVENT_USER_MESSAGE;
		turn_read(c->reader, &t[i]);
	}
	r = chat_turns(c, t, parts, 0, out, e);
	for (b = out->bullet; r == 0 && b < out->bullet + out->bullets; b++) {
		b->source.at = 0;
		b->source.len = p[b->source.from].len;
		for (k = 0; k < b->mores; k++) {
			b->more[k].at = 0;
			b->more[k].len = p[b->more[k].from].len;
		}
	}
	for (i = 0; i < parts; i++)
		turn_release(&t[i]);
	free(t);
	return r;
}

/* --- opening ----------------------------------------------------------- */

int
chat_open(struct chat **out, const struct store *st, struct err *e)
{
	static const struct asker_kind kind = { "toc", "sum_up", "contents",
	    NULL };
	struct asker *a;
	int r;

	if ((r = asker_open(&a, &kind, st, e)) != 1)
		return r;
	*out = xcalloc(1, sizeof **out);
	(*out)->asker = a;
	(*out)->reader = turn_reader_new();
	return 1;
}

void
chat_free(struct chat *c)
{
	if (c == NULL)
		return;
	asker_free(c->asker);
	turn_reader_free(c->reader);
	free(c);
}

const struct chat_spent *
chat_spent(const struct chat *c)
{
	return &c->spent;
}
