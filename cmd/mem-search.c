/*
 * mem-search: a query in, hits with scores and provenance out.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/search.h"
#include "cmd/why.h"
#include "engine/find.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/store.h"
#include "text/language_conf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LIMIT 20		/* hits, when nothing else is asked for */

#define DAYS_MAX 36500

static struct {
	int64_t since, until, as_of, limit, context, budget, recent;
	struct strv in, session, role, type, agent, tag, author, kb, status,
	    media, path, level, scope, fields;
	const char *batch, *engine;
	int mode;
	bool watch, count, list, no_fold, explain, graph;
} o = { .since = DATE_MIN, .until = DATE_MAX + 1, .as_of = DATE_MAX + 1,
    .limit = -1, .budget = -1 };

/* in the order of enum search_mode */
static const char *const modes[] = { "hybrid", "text", "vector", NULL };
static const char *const formats[] = { "jsonl", "text", "csv", "ids", NULL };

static const struct opt opts[] = {
	OPT_GROUP("Where to look"),
	OPT_LIST(0, "in", &o.in, "source",
	    "in these: event, kb, toc, grip, fact, artifact, session (default "
	    "event,kb)",
	    OPT_C_NONE),
	OPT_LIST(0, "scope", &o.scope, "scope",
	    "of these: session, user, tenant, kb (default: all that may be "
	    "seen)", OPT_C_NONE),
	OPT_TIME('s', "since", &o.since, "time", "at or after <time>"),
	OPT_TIME('u', "until", &o.until, "time", "before <time>"),
	OPT_LIST(0, "session", &o.session, "id",
	    "in these sessions (default: all that may be seen)",
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
	OPT_LIST(0, "media", &o.media, "type",
	    "documents of these media types (text/markdown, image/*)",
	    OPT_C_NONE),
	OPT_LIST(0, "path", &o.path, "path",
	    "documents of these paths (a* : all that begin so)", OPT_C_NONE),
	OPT_LIST(0, "status", &o.status, "word", "with one of these states",
	    OPT_C_NONE),
	OPT_LIST(0, "level", &o.level, "level",
	    "nodes of the contents of these levels: segment, day, week, "
	    "month, year", OPT_C_NONE),
	OPT_TIME(0, "as-of", &o.as_of, "time",
	    "the store as it was at <time>"),
	OPT_STR(0, "engine", &o.engine, "name",
	    "in the engine <name> (engine.<name>.*), not in the store",
	    OPT_C_NONE),
	OPT_GROUP("How to rank"),
	OPT_ENUM(0, "mode", &o.mode, modes, NULL,
	    "by all there is (default), by words alone, or by what means the "
	    "same"),
	OPT_INT(0, "recent", &o.recent, "days",
	    "what is <days> old counts three quarters, older less (default "
	    "0: age is nothing)"),
	OPT_FLAG(0, "graph", &o.graph,
	    "also by what is linked to what the query names (mem-graph)"),
	OPT_GROUP("Many queries, and standing ones"),
	OPT_STR(0, "batch", &o.batch, "file",
	    "a query on each line of <file>, '-' for standard input",
	    OPT_C_FILE),
	OPT_FLAG(0, "watch", &o.watch,
	    "only what is stored from now on, as it comes"),
	OPT_GROUP("What to print"),
	OPT_INT('n', "limit", &o.limit, "n",
	    "stop after <n> hits (default 20; 0: all)"),
	OPT_INT('C', "context", &o.context, "n",
	    "with an event or a piece of a document, <n> before and after "
	    "it"),
	OPT_FLAG('c', "count", &o.count, "only the number of all hits"),
	OPT_FLAG('l', "list", &o.list, "only the ids: --format ids"),
	OPT_FLAG(0, "no-fold", &o.no_fold,
	    "do not fold hits that are nearly the same"),
	OPT_SIZE(0, "budget", &o.budget, "bytes",
	    "the best hits cut to fit, for a prompt"),
	OPT_FLAG(0, "explain", &o.explain, "how each score came about"),
	OPT_WHERE,
	OPT_GROUP("Output"),
	OPT_WORD(0, "format", &cmd.format, formats, NULL,
	    "JSON Lines, text (default on a terminal), CSV or only ids"),
	OPT_LIST(0, "fields", &o.fields, "name",
	    "these members of a hit: id,score,record.text", OPT_C_NONE),
	OPT_FORMS,
	OPT_COMMON,
	OPT_END
};

static const struct opt_tool tool = {
	.name = "mem-search",
	.args = "word ... | - | --batch <file>",
	.about = "search events, records, contents, facts, artifacts, "
	    "sessions",
	.opts = opts,
};

/* --- the query --------------------------------------------------------- */

/* What has anything of the scopes named, whose words were not looked at. */
static unsigned
of_scopes(void)
{
	static const unsigned has[] = { 1u << SOURCE_EVENT | 1u << SOURCE_TOC |
	    1u << SOURCE_GRIP | 1u << SOURCE_OWN | 1u << SOURCE_ARTIFACT,
	    1u << SOURCE_TOC | 1u << SOURCE_OWN | 1u << SOURCE_ARTIFACT,
	    1u << SOURCE_FACT, 1u << SOURCE_KB | 1u << SOURCE_DOCUMENT };
	unsigned set = 0;
	size_t i;
	int k;

	for (i = 0; i < o.scope.n; i++)
		for (k = 0; doc_scopes[k] != NULL; k++)
			if (strcasecmp(o.scope.v[i], doc_scopes[k]) == 0 ||
			    strcmp(o.scope.v[i], "*") == 0)
				set |= has[k];
	return set;
}

static int
sources(unsigned *set, struct err *e)
{
	unsigned named;
	size_t i;
	int k;

	*set = 0;
	for (i = 0; i < o.in.n; i++) {
		for (named = 0, k = 0; k < SOURCE_N; k++)
			if (strcmp(source_names[k], o.in.v[i]) == 0)
				named |= 1u << k;
		if (strcmp(o.in.v[i], "chunk") == 0)
			named = 1u << SOURCE_DOCUMENT;
		if (named == 0)
			return cmd_misuse(e, "unknown source '%s'; sources "
			    "are event, kb, document, chunk, toc, grip, fact, "
			    "artifact, session", o.in.v[i]);
		*set |= named;
	}
	if (*set == 0)
		*set = o.scope.n > 0 ? of_scopes() :
		    1u << SOURCE_EVENT | 1u << SOURCE_KB |
		    1u << SOURCE_DOCUMENT;
	return 0;
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
	    { FIELD_KB, &o.kb }, { FIELD_STATUS, &o.status },
	    { FIELD_LEVEL, &o.level }, { FIELD_SCOPE, &o.scope },
	    { FIELD_MEDIA, &o.media }, { FIELD_PATH, &o.path } };
	size_t i;

	for (i = 0; i < sizeof wheres / sizeof *wheres; i++)
		if (query_where(q, wheres[i].kind, wheres[i].values, e) < 0)
			return -1;
	query_when(q, o.since, o.until);
	if (o.as_of <= DATE_MAX)
		query_as_of(q, o.as_of);
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
	lines.max = SEARCH_QUERY_MAX;
	got = jsonl_next(&lines, -1, &p, &n, NULL, e);
	if (got == JSONL_LINE)
		buf_add(b, p, n);
	jsonl_release(&lines);
	if (got == JSONL_LONG)
		return err_set(e, ERR_INPUT, "standard input: the query is "
		    "over %zu bytes", SEARCH_QUERY_MAX);
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

static void
note_fields(struct search_run *run, const json_t *hit)
{
	size_t i;

	for (i = 0; i < o.fields.n; i++)
		if (get_path(hit, o.fields.v[i]) != NULL)
			run->there[i] = true;
}

static int
print_hit(void *arg, json_t *hit, struct err *e)
{
	struct search_run *run = arg;

	run->printed++;
	if (cmd.quiet)		/* with --graph: it is the answer */
		return 0;
	if (run->query > 0)
		json_object_set_new(hit, "query", json_integer(run->query));
	if (o.budget >= 0) {
		budget_add(&run->budget, hit);
		return 0;
	}
	note_fields(run, hit);
	if (out_record(&run->out, hit, e) < 0)
		return -1;
	if (!run->out.text)
		return 0;
	if (search_graph_print(&run->out, hit, e) < 0 ||
	    why_print(&run->out, json_object_get(hit, "why"), e) < 0)
		return -1;
	return print_each(&run->out, json_object_get(hit, "context"), e);
}

/* --- one query --------------------------------------------------------- */

static int
parse(struct search_run *run, struct query *q, const char *text, size_t len,
    struct err *e)
{
	if (!run->zoned && memchr(text, ':', len) != NULL) {
		if (store_zone(&run->where, e) < 0)
			return -1;
		run->zoned = true;
	}
	if (o.watch)
		query_parse_all(q, run->language, text, len, date_now());
	else
		query_parse(q, run->language, text, len, date_now());
	if (add_options(q, e) < 0)
		return -1;
	query_ready(q);
	return 0;
}

static void
say_each(const struct search_run *run, const struct strv *lines)
{
	size_t i;

	for (i = 0; i < lines->n; i++)
		if (run->query > 0)
			cmd_note("query %" PRId64 ": %s", run->query,
			    lines->v[i]);
		else
			cmd_note("%s", lines->v[i]);
}

static void
say_notes(const struct search_run *run, const struct query *q)
{
	say_each(run, &q->notes);
	if (cmd.verbose)
		say_each(run, &q->asides);
}

static int
print_count(struct search_run *run, int64_t found, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if (run->query > 0)
		buf_addf(&b, "%" PRId64 ":", run->query);
	buf_addf(&b, "%" PRId64, found);
	r = out_line(&run->out, b.p, e);
	buf_release(&b);
	return r;
}

/* The heading of a query counts, too. */
static int
print_budget(struct search_run *run, const struct query *q, const char *heading,
    struct err *e)
{
	size_t bytes = (size_t)o.budget, n = 0;
	int r = 0;

	if (heading != NULL && run->out.text)
		n = out_line_size(&run->out, heading);
	if (n > bytes)
		bytes = n = 0;
	if (n > 0)
		r = out_line(&run->out, heading, e);
	if (r == 0)
		r = budget_print(&run->budget, &run->out, q, run->query,
		    bytes - n, e);
	if (r == 0 && run->budget.n > 0)
		cmd_note("%" PRId64 " bytes hold no hit", o.budget);
	budget_release(&run->budget);
	return r < 0 ? -1 : 0;
}

static int
search(struct search_run *run, struct query *q, const char *heading,
    struct err *e)
{
	int64_t found;
	int r;

	if (heading != NULL && o.budget < 0 && !o.count && !cmd.quiet &&
	    out_heading(&run->out, heading, e) < 0)
		return -1;
	r = search_hits(run, q, print_hit, &found, e);
	say_notes(run, q);
	if (r < 0)
		return -1;
	run->found += r;
	if (cmd.quiet)
		return 0;
	if (o.count)
		return print_count(run, found, e);
	return o.budget >= 0 ? print_budget(run, q, heading, e) : 0;
}

static int
one_query(struct search_run *run, const char *text, size_t len,
    const char *heading, struct err *e)
{
	struct query q = { .nothing = true };
	int r;

	if ((r = parse(run, &q, text, len, e)) == 0)
		r = search(run, &q, heading, e);
	query_release(&q);
	return r;
}

static int
stand(struct search_run *run, const char *text, size_t len, struct err *e)
{
	struct query q = { .nothing = true };
	int r;

	r = parse(run, &q, text, len, e);
	say_notes(run, &q);
	if (r == 0 && !q.nothing)
		r = search_watch(run, &q, print_hit, e);
	run->found = run->printed;
	query_release(&q);
	return r;
}

/* --- all of it --------------------------------------------------------- */

/* What an engine may not be able to answer. */
static struct search_asks
what_asks(void)
{
	return (struct search_asks){ .past = o.as_of <= DATE_MAX,
	    .watch = o.watch, .graph = o.graph,
	    .all_vectors = o.mode == SEARCH_VECTOR && o.limit == 0 };
}

/* Options that do not go together. */
static int
check_forms(struct err *e)
{
	struct search_asks asks;
	bool ids = o.list || str_eq(cmd.format, "ids");
	bool text = cmd.text || str_eq(cmd.format, "text");

	if (o.fields.n > 0 && (text || ids))
		return cmd_misuse(e, "--fields goes with --format jsonl and "
		    "csv");
	if (o.budget >= 0 && (o.count || ids || o.explain || o.context > 0 ||
	    str_eq(cmd.format, "csv")))
		return cmd_misuse(e, "--budget goes with neither -c, -l, -C, "
		    "--explain nor --format csv");
	if (o.watch && (o.batch != NULL || o.count || o.explain ||
	    o.budget >= 0 || o.as_of <= DATE_MAX))
		return cmd_misuse(e, "--watch goes with neither --batch, "
		    "--budget, --as-of, --explain nor -c");
	if (o.graph && (o.watch || o.count || o.mode == SEARCH_TEXT))
		return cmd_misuse(e, "--graph goes with neither --watch, -c "
		    "nor --mode text");
	asks = what_asks();
	return o.engine == NULL ? 0 : search_engine_holds(&asks, e);
}

/* What can be told to be wrong before there is a store. */
static int
check(struct search_run *run, int argc, struct err *e)
{
	struct query q;
	bool any;
	int r;

	if (check_forms(e) < 0 || sources(&run->s.sources, e) < 0)
		return -1;
	/* of scopes what there is to be told of */
	if (o.watch && o.in.n == 0)
		run->s.sources &= 1u << SOURCE_EVENT | 1u << SOURCE_KB;
	if (o.watch && (run->s.sources == 0 || run->s.sources &
	    ~(1u << SOURCE_EVENT | 1u << SOURCE_KB)))
		return cmd_misuse(e, "--watch tells of events and records, "
		    "not of contents, facts, artifacts or sessions");
	if (o.level.n > 0 && !(run->s.sources >> SOURCE_TOC & 1))
		return cmd_misuse(e, "--level is of nodes of the contents; "
		    "add --in toc");
	if (o.recent < 0 || o.recent > DAYS_MAX)
		return cmd_misuse(e, "--recent wants 0 to %d days", DAYS_MAX);
	if (o.recent > 0 && o.mode == SEARCH_TEXT)
		return cmd_misuse(e, "--recent does not go with --mode text, "
		    "which is words alone");
	if (o.batch != NULL && argc > 0)
		return cmd_misuse(e, "--batch takes queries from a file, and "
		    "no words");
	query_parse(&q, NULL, "", 0, 0);
	r = add_options(&q, e);
	/* --as-of, which is two, asks for nothing by itself */
	any = q.match.atoms > (o.as_of <= DATE_MAX ? 2 : 0);
	query_release(&q);
	if (r < 0)
		return -1;
	if (argc == 0 && o.batch == NULL && !any)
		return cmd_misuse(e, "there is no query; give words, or '-' "
		    "to read them from standard input");
	return 0;
}

static void
set_up(struct search_run *run)
{
	/* not const: a list may own its strings; this one does not */
	static char query[] = "query", id[] = "id", source[] = "source",
	    score[] = "score", when[] = "record.timestamp",
	    snippet[] = "snippet";
	static char *csv[] = { query, id, source, score, when, snippet };
	static struct strv names = { csv, 6, 0 };
	struct out *out = &run->out;

	if (o.budget >= 0 && cmd.format == NULL && !cmd.json)
		out->text = true;
	if (o.list) {
		out->ids = true;
		out->text = out->csv = false;
	}
	if (o.fields.n > 0) {
		out->fields = &o.fields;
		out->text = false;
		run->there = xcalloc(o.fields.n, sizeof *run->there);
	} else if (out->csv) {
		if (o.batch == NULL) {	/* then there is but one */
			names.v++;
			names.n--;
		}
		out->fields = &names;
	}
	if (o.limit < 0)
		o.limit = o.watch ? 0 : o.budget >= 0 ?
		    budget_hits(o.budget) : LIMIT;
	run->s.mode = (enum search_mode)o.mode;
	run->s.recent_days = o.recent;
	run->s.limit = o.limit;
	run->s.context = o.context;
	run->s.count = o.count;
	run->s.first = cmd.quiet && !o.graph;
	run->s.explain = o.explain;
	run->s.fold = !o.no_fold;
	run->s.chunks = strv_has(&o.in, "chunk");
	run->s.bare = out->ids;
	run->s.past = o.as_of <= DATE_MAX;
	run->s.as_of_ms = o.as_of;
}

/* A bound call that names a session which it may not see is told so. */
static int
may_ask(struct store *st, struct err *e)
{
	const char *v;
	char *id;
	size_t i;

	for (i = 0; access_bound(st) && i < o.session.n; i++) {
		v = o.session.v[i];
		id = NULL;
		if (strchr(v, '*') == NULL && strcasecmp(v, st->session) != 0 &&
		    session_asked(st, v, &id, e) < 0)
			return -1;
		free(id);
	}
	return 0;
}

static int
run_all(struct search_run *run, int argc, char **argv, struct err *e)
{
	const struct search_asks asks = what_asks();
	struct buf b = BUF_INIT;
	size_t i;
	int r = -1;

	if (language_configured(run->st, &run->language, e) < 0 ||
	    may_ask(run->st, e) < 0)
		return -1;
	if (search_engine_open(run, o.engine, &asks, e) < 0)
		return -1;
	if (run->engine == NULL)
		run->searcher = searcher_open(run->st);
	if (o.graph)
		search_graph(run, o.as_of <= DATE_MAX ? o.as_of : INT64_MAX);
	if (o.batch != NULL)
		r = search_batch(run, o.batch, one_query, e);
	else if (join_query(&b, argc, argv, e) == 0)
		r = o.watch ? stand(run, b.p, b.len, e) :
		    one_query(run, b.p, b.len, NULL, e);
	buf_release(&b);
	for (i = 0; r == 0 && run->printed > 0 && i < o.fields.n; i++)
		if (!run->there[i] && !cmd.quiet && o.budget < 0)
			cmd_note("no hit has '%s'", o.fields.v[i]);
	if (r < 0)
		return -1;
	return run->found == 0 ? EXIT_NO : run->refused > 0 ? EXIT_PART :
	    EXIT_YES;
}

static void
release(void)
{
	struct strv *lists[] = { &o.in, &o.session, &o.role, &o.type, &o.agent,
	    &o.tag, &o.author, &o.kb, &o.status, &o.level, &o.scope,
	    &o.fields };
	size_t i;

	for (i = 0; i < sizeof lists / sizeof *lists; i++)
		strv_release(lists[i]);
}

int
main(int argc, char **argv)
{
	struct search_run run = { .budget = BUDGET_INIT };
	struct err e = { 0 };
	int r;

	cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&run.out);
	cmd_asked(&run.where);
	set_up(&run);
	if ((r = check(&run, argc, &e)) == 0 &&
	    (r = store_open(&run.st, &run.where, STORE_READ, &e)) == 0)
		r = run_all(&run, argc, argv, &e);
	searcher_close(run.searcher);
	search_graph_end(&run);
	engine_finder_close(run.engine);
	store_close(run.st);
	budget_release(&run.budget);
	free(run.there);
	release();
	out_release(&run.out);
	return cmd_exit(r, &e);
}
