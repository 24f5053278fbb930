/*
 * mem-search: a query in, hits with scores and provenance out.
 */
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "base/term.h"
#include "cmd/cmd.h"
#include "cmd/out.h"
#include "memory/search.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define QUERY_MAX ((size_t)1 << 20)	/* of a line on standard input */

static struct {
	int64_t since, until, limit, context;
	struct strv in, session, role, type, agent, tag, author, kb, status;
	const char *mode;
	bool count, list, explain;
} o = { .since = DATE_MIN, .until = DATE_MAX + 1, .limit = 20 };

static const struct opt opts[] = {
	OPT_GROUP("Where to look"),
	OPT_LIST(0, "in", &o.in, "source",
	    "in these: event, kb, session (default event,kb)", OPT_C_NONE),
	OPT_TIME('s', "since", &o.since, "time", "at or after <time>"),
	OPT_TIME('u', "until", &o.until, "time", "before <time>"),
	OPT_LIST(0, "session", &o.session, "id",
	    "in these sessions (default: $MEM_SESSION, else all)",
	    OPT_C_SESSION),
	OPT_LIST(0, "role", &o.role, "role",
	    "of these roles: user, assistant, system, tool", OPT_C_NONE),
	OPT_LIST(0, "type", &o.type, "type",
	    "of these types: user_message, tool_use, bug_record, ...",
	    OPT_C_NONE),
	OPT_LIST(0, "agent", &o.agent, "name", "of these agents", OPT_C_AGENT),
	OPT_LIST(0, "tag", &o.tag, "tag", "with one of these tags",
	    OPT_C_NONE),
	OPT_LIST(0, "author", &o.author, "name", "by these authors",
	    OPT_C_NONE),
	OPT_LIST(0, "kb", &o.kb, "name", "in these knowledge bases",
	    OPT_C_KB),
	OPT_LIST(0, "status", &o.status, "word", "with one of these states",
	    OPT_C_NONE),
	OPT_GROUP("How to rank"),
	OPT_STR(0, "mode", &o.mode, "mode",
	    "text: words alone; vector: what means the same; hybrid: all "
	    "there is (default)", OPT_C_NONE),
	OPT_GROUP("What to print"),
	OPT_INT('n', "limit", &o.limit, "n",
	    "stop after <n> hits (default 20; 0: all)"),
	OPT_INT('C', "context", &o.context, "n",
	    "with an event, <n> before and after it in its session"),
	OPT_FLAG('c', "count", &o.count, "only the number of all hits"),
	OPT_FLAG('l', "list", &o.list, "only the ids"),
	OPT_FLAG(0, "explain", &o.explain, "how each score came about"),
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_tool tool = {
	.name = "mem-search",
	.args = "word ... | -",
	.about = "search events, records and sessions",
	.opts = opts,
};

/* --- the query --------------------------------------------------------- */

static int
sources(unsigned *set, struct err *e)
{
	size_t i;
	int k;

	*set = 0;
	for (i = 0; i < o.in.n; i++) {
		for (k = 0; k < SOURCE_N; k++)
			if (strcmp(source_names[k], o.in.v[i]) == 0)
				break;
		if (k == SOURCE_N)
			return cmd_misuse(e, "unknown source '%s'; sources "
			    "are event, kb, session", o.in.v[i]);
		*set |= 1u << k;
	}
	if (*set == 0)
		*set = 1u << SOURCE_EVENT | 1u << SOURCE_KB;
	return 0;
}

static int
mode(enum search_mode *to, struct err *e)
{
	static const char *const names[] = { "hybrid", "text", "vector" };
	unsigned i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (o.mode == NULL || strcmp(o.mode, names[i]) == 0) {
			*to = (enum search_mode)i;
			return 0;
		}
	return cmd_misuse(e, "unknown mode '%s'; modes are hybrid, text, "
	    "vector", o.mode);
}

/* Add the options to the query: 0, or -1 misuse. */
static int
add_options(struct query *q, struct err *e)
{
	static const struct {
		enum field_kind kind;
		const struct strv *values;
	} wheres[] = { { FIELD_SESSION, &o.session }, { FIELD_ROLE, &o.role },
	    { FIELD_TYPE, &o.type }, { FIELD_AGENT, &o.agent },
	    { FIELD_TAG, &o.tag }, { FIELD_AUTHOR, &o.author },
	    { FIELD_KB, &o.kb }, { FIELD_STATUS, &o.status } };
	size_t i;

	for (i = 0; i < sizeof wheres / sizeof *wheres; i++)
		if (query_where(q, wheres[i].kind, wheres[i].values, e) < 0)
			return -1;
	query_when(q, o.since, o.until);
	return 0;
}

/* The first line of standard input. */
static int
read_query(struct buf *b, struct err *e)
{
	struct jsonl lines;
	enum jsonl_got got;
	size_t n = 0;
	char *p;

	jsonl_init(&lines, 0, "standard input");
	lines.max = QUERY_MAX;
	got = jsonl_next(&lines, -1, &p, &n, NULL, e);
	if (got == JSONL_LINE)
		buf_add(b, p, n);
	jsonl_release(&lines);
	if (got == JSONL_LONG)
		return err_set(e, ERR_INPUT, "standard input: the query is "
		    "over %zu bytes", QUERY_MAX);
	return got == JSONL_FAIL ? -1 : 0;
}

static int
join_query(struct buf *b, int argc, char **argv, struct err *e)
{
	int i;

	if (argc == 1 && strcmp(argv[0], "-") == 0)
		return read_query(b, e);
	for (i = 0; i < argc; i++) {
		if (i > 0)
			buf_addc(b, ' ');
		buf_adds(b, argv[i]);
	}
	return 0;
}

static int
make_query(struct query *q, const struct store_where *where, int argc,
    char **argv, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	/* times in it are told in the zone of the store */
	if ((r = join_query(&b, argc, argv, e)) == 0 &&
	    memchr(b.p, ':', b.len) != NULL)
		r = store_zone(where, e);
	if (r == 0) {
		query_parse(q, b.p, b.len, date_now());
		r = add_options(q, e);
	}
	if (r == 0 && argc == 0 && q->match.atoms == 0)
		r = cmd_misuse(e, "there is no query; give words, or '-' to "
		    "read them from standard input");
	if (r == 0)
		query_ready(q);
	buf_release(&b);
	return r;
}

/* --- hits -------------------------------------------------------------- */

static int
print_each(struct out *out, const json_t *list, struct err *e)
{
	const json_t *rec;
	size_t i;

	json_array_foreach(list, i, rec)
		if (out_record(out, rec, e) < 0)
			return -1;
	return 0;
}

static double
real(const json_t *rec, const char *key)
{
	return json_number_value(json_object_get(rec, key));
}

/* The sum as a person reads it: a line for each term. */
static int
print_why(struct out *out, const json_t *why, struct err *e)
{
	struct buf b = BUF_INIT;
	const json_t *t;
	const char *term;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(why, "terms"), i, t) {
		term = get_str(t, "term", NULL);
		buf_reset(&b);
		buf_addf(&b, "%9.3f  ", real(t, "score"));
		term_puts(&b, term, strlen(term), false);
		buf_addf(&b, "%s  weight %g, %g times, length %g of %.1f; in "
		    "%g of %g texts: idf %.3f",
		    str_eq(get_str(t, "kind", NULL), "prefix") ? "*" : "",
		    real(t, "weight"), real(t, "tf"), real(why, "length"),
		    real(why, "average_length"), real(t, "df"),
		    real(why, "texts"), real(t, "idf"));
		if ((r = out_line(out, b.p, e)) < 0)
			break;
	}
	for (i = 0; r >= 0 && i < json_array_size(json_object_get(why,
	    "events")); i++) {
		t = json_array_get(json_object_get(why, "events"), i);
		buf_reset(&b);
		buf_addf(&b, "%9.3f  %g x event %s",
		    real(t, "score") * real(t, "weight"), real(t, "weight"),
		    get_str(t, "event_id", NULL));
		r = out_line(out, b.p, e);
	}
	buf_release(&b);
	return r;
}

static int
print_hit(void *arg, json_t *hit, struct err *e)
{
	struct out *out = arg;

	if (o.list)
		return out_line(out, get_str(hit, "id", NULL), e);
	if (out_record(out, hit, e) < 0)
		return -1;
	if (!out->text)
		return 0;
	if (print_why(out, json_object_get(hit, "why"), e) < 0)
		return -1;
	return print_each(out, json_object_get(hit, "context"), e);
}

static int
run(struct store *st, struct out *out, struct query *q, struct err *e)
{
	struct search s = { .limit = o.limit, .context = o.context,
	    .count = o.count, .first = cmd.quiet, .explain = o.explain,
	    .bare = o.list };
	char number[32];
	int64_t found;
	size_t i;
	int r;

	if (sources(&s.sources, e) < 0 || mode(&s.mode, e) < 0)
		return -1;
	if (o.session.n == 0)
		s.session = st->session;
	r = search_run(st, q, &s, print_hit, out, &found, e);
	for (i = 0; i < q->notes.n; i++)
		cmd_note("%s", q->notes.v[i]);
	if (r < 0)
		return -1;
	if (o.count && !cmd.quiet) {
		snprintf(number, sizeof number, "%" PRId64, found);
		if (out_line(out, number, e) < 0)
			return -1;
	}
	return r == 1 ? EXIT_YES : EXIT_NO;
}

static void
release(void)
{
	struct strv *lists[] = { &o.in, &o.session, &o.role, &o.type, &o.agent,
	    &o.tag, &o.author, &o.kb, &o.status };
	size_t i;

	for (i = 0; i < sizeof lists / sizeof *lists; i++)
		strv_release(lists[i]);
}

int
main(int argc, char **argv)
{
	struct store_where where;
	struct store *st = NULL;
	struct query q = { .nothing = true };
	struct out out;
	struct err e = { 0 };
	int r;

	cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&out);
	cmd_asked(&where);
	if ((r = make_query(&q, &where, argc, argv, &e)) == 0 &&
	    (r = store_open(&st, &where, STORE_READ, &e)) == 0)
		r = run(st, &out, &q, &e);
	store_close(st);
	query_release(&q);
	release();
	out_release(&out);
	return cmd_exit(r, &e);
}
