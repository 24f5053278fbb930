/*
 * What was replaced may uncover more ("ghp_..." behind a secret begins a
 * word only now), so the result is looked through again until it is clean:
 * that makes redaction idempotent.
 */
#include "text/redact.h"

#include "base/alloc.h"
#include "text/redact_find.h"

#include <stdlib.h>
#include <string.h>

#define PASSES_MAX 8
#define EXTRA_MAX ((size_t)1 << 20)	/* bytes of a file of rules */

extern const unsigned char data_redact_rules[];
extern const size_t data_redact_rules_len;

int
redact_new(struct redact **out, const char *extra, struct err *e)
{
	struct redact *r = xcalloc(1, sizeof *r);

	buf_init(&r->extra);
	if (rules_parse(&r->rules, (const char *)data_redact_rules,
	    data_redact_rules_len, "redact.rules", e) < 0)
		goto bad;
	if (extra != NULL &&
	    (buf_read_file(&r->extra, extra, EXTRA_MAX, e) < 0 ||
	    rules_parse(&r->rules, r->extra.p, r->extra.len, extra, e) < 0 ||
	    rules_check(&r->rules, e) < 0))
		goto bad;
	redact_build(r);
	*out = r;
	return 0;
bad:
	redact_free(r);
	return -1;
}

void
redact_free(struct redact *r)
{
	if (r == NULL)
		return;
	rules_release(&r->rules);
	buf_release(&r->extra);
	free(r->span);
	free(r);
}

uint64_t
redact_steps(const struct redact *r)
{
	return r->text.steps;
}

static bool
ends_with(const struct buf *b, size_t start, const char *s, size_t n)
{
	return b->len - start >= n && memcmp(b->p + b->len - n, s, n) == 0;
}

/*
 * Append the text without what is private; returns how many pieces were
 * dropped.  What a dropped piece had kept apart may make a tag, too.
 */
static int
strip_private(struct buf *b, const char *p, size_t len)
{
	const char *end = p + len, *q;
	size_t depth = 0, start = b->len;
	int n = 0;

	while (p < end) {
		if (depth == 0) {
			q = memchr(p, '>', (size_t)(end - p));
			q = q != NULL ? q + 1 : end;
			buf_add(b, p, (size_t)(q - p));
			if (ends_with(b, start, open_tag,
			    sizeof open_tag - 1)) {
				buf_cut(b, b->len - (sizeof open_tag - 1));
				depth++;
				n++;
			}
			p = q;
			continue;
		}
		if ((p = memchr(p, '<', (size_t)(end - p))) == NULL)
			break;
		if ((size_t)(end - p) >= sizeof open_tag - 1 &&
		    memcmp(p, open_tag, sizeof open_tag - 1) == 0) {
			depth++;
			p += sizeof open_tag - 1;
		} else if ((size_t)(end - p) >= sizeof close_tag - 1 &&
		    memcmp(p, close_tag, sizeof close_tag - 1) == 0) {
			depth--;
			p += sizeof close_tag - 1;
		} else
			p++;
	}
	return n;
}

static void
replace(const struct redact *r, struct buf *b, const char *p, size_t len)
{
	const struct span *s;
	size_t i, at = 0;

	for (i = 0; i < r->nspan; i++) {
		s = &r->span[i];
		buf_add(b, p + at, s->from - at);
		buf_adds(b, "[redacted:");
		buf_add(b, s->rule->kind.p, s->rule->kind.n);
		buf_addc(b, ']');
		at = s->to;
	}
	buf_add(b, p + at, len - at);
}

int
redact_text(struct redact *r, struct buf *out, const char *p, size_t len)
{
	struct buf now = BUF_INIT, next = BUF_INIT, was;
	int n = 0, passes = 0;

	redact_find(r, p, len);
	while ((r->nspan > 0 || r->private) && passes++ < PASSES_MAX) {
		if (r->private)
			n += strip_private(&next, p, len);
		else {
			n += (int)r->nspan;
			replace(r, &next, p, len);
		}
		was = now;
		now = next;
		next = was;
		buf_wipe(&next);	/* it holds secrets */
		p = now.p;
		len = now.len;
		redact_find(r, p, len);
	}
	if (n > 0)
		buf_add(out, now.p, now.len);
	buf_wipe(&now);
	return n;
}
