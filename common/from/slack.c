/*
 * Slack's export: CHANNEL/YYYY-MM-DD.json, an array of the messages of a
 * day.  A thread is a session; what stands outside of threads is one a day.
 */
#include "from/format.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

static bool
is_day(const char *s)
{
	static const char like[] = "0000-00-00";
	size_t i;

	for (i = 0; like[i] != '\0'; i++)
		if (like[i] == '0' ? s[i] < '0' || s[i] > '9' :
		    s[i] != like[i])
			return false;
	return true;
}

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want(name, ".json", why);

	(void)names;
	return shape != FROM_NONE && is_day(name) ? FROM_VALUES : FROM_NONE;
}

/* "<@U1>", "<#C1|general>", "<!here>", "<https://x|label>" as people see
 * them; without its brackets. */
static void
add_link(struct buf *b, const char *p, size_t len)
{
	const char *bar = memchr(p, '|', len);
	size_t n = bar != NULL ? (size_t)(bar - p) : len;

	switch (*p) {
	case '@':
	case '!':
	case '#':
		buf_addc(b, *p == '!' ? '@' : *p);
		if (bar != NULL && n + 1 < len)
			buf_add(b, bar + 1, len - n - 1);
		else
			buf_add(b, p + 1, n - 1);
		break;
	default:
		if (bar != NULL && n + 1 < len) {
			buf_add(b, bar + 1, len - n - 1);
			buf_adds(b, " (");
			buf_add(b, p, n);
			buf_addc(b, ')');
		} else
			buf_add(b, p, n);
		break;
	}
}

static void
add_plain(struct buf *b, const char *p)
{
	const char *end;

	for (; *p != '\0'; p++) {
		if (*p == '<' && (end = strchr(p, '>')) != NULL &&
		    end > p + 1 && memchr(p, '\n', (size_t)(end - p)) == NULL) {
			add_link(b, p + 1, (size_t)(end - p) - 1);
			p = end;
		} else if (str_starts(p, "&lt;")) {
			buf_addc(b, '<');
			p += 3;
		} else if (str_starts(p, "&gt;")) {
			buf_addc(b, '>');
			p += 3;
		} else if (str_starts(p, "&amp;")) {
			buf_addc(b, '&');
			p += 4;
		} else
			buf_addc(b, *p);
	}
}

/* Subtypes that are messages; the others are notices about the channel. */
static bool
is_said(const char *subtype)
{
	return subtype == NULL || str_eq(subtype, "bot_message") ||
	    str_eq(subtype, "thread_broadcast") ||
	    str_eq(subtype, "file_share") || str_eq(subtype, "me_message");
}

static const char *
author_of(const json_t *v)
{
	const json_t *profile = json_object_get(v, "user_profile");
	const char *s = get_str(profile, "real_name", NULL);

	if (s == NULL || *s == '\0')
		s = get_str(profile, "name", NULL);
	if (s == NULL || *s == '\0')
		s = get_str(v, "username", NULL);
	if (s == NULL || *s == '\0')
		s = get_str(v, "user", NULL);
	return s;
}

static void
session_of(const struct from *f, const struct from_msg *m,
    const char *thread, struct buf *b)
{
	struct date d;

	buf_adds(b, "slack/");
	/* only the export's own names of files vouch for the folder's */
	if (is_day(f->src.stem) && f->src.folder[0] != '\0')
		buf_addf(b, "%s/", f->src.folder);
	if (thread != NULL) {
		buf_adds(b, thread);
		return;
	}
	if (is_day(f->src.stem)) {
		buf_add(b, f->src.stem, 10);
		return;
	}
	date_split_utc(m->ts_ms, &d);
	buf_addf(b, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const char *text = get_str(v, "text", NULL);
	const char *ts = get_str(v, "ts", NULL);
	struct buf session = BUF_INIT, plain = BUF_INIT;
	bool bot = get_str(v, "bot_id", NULL) != NULL ||
	    str_eq(get_str(v, "subtype", NULL), "bot_message");
	struct from_msg m = { .verbatim = true };
	int r = 0;

	if (!str_eq(get_str(v, "type", NULL), "message"))
		from_skip(f, "not a message");
	else if (!is_said(get_str(v, "subtype", NULL)))
		from_drop_of(f, "notice", get_str(v, "subtype", NULL));
	else if (text == NULL)
		from_skip(f, "message without text");
	else {
		from_when(f, &m, json_object_get(v, "ts"));
		session_of(f, &m, get_str(v, "thread_ts", NULL), &session);
		m.session = session.p;
		m.author = author_of(v);
		m.id = ts;
		add_plain(&plain, text);
		r = from_text(f, &m, 0, bot ? ROLE_ASSISTANT : ROLE_USER,
		    plain.p, e);
	}
	buf_release(&session);
	buf_release(&plain);
	return r;
}

const struct from_format from_slack = {
	.name = "slack",
	.shape = FROM_VALUES,
	.names = "YYYY-MM-DD.json",
	.want = want,
	.value = value,
};
