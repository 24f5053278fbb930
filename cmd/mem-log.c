/*
 * mem-log: events by time, by session, by id, and as they come.
 */
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"
#include "base/ulid.h"
#include "cmd/cmd.h"
#include "cmd/given.h"
#include "cmd/out.h"
#include "memory/event.h"
#include "memory/record.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FOLLOW_MS 200		/* between two looks for new events */

static struct {
	int64_t since, until, limit, context;
	const char *session, *agent, *around, *kb;
	struct strv roles, types;
	bool reverse, follow;
} o = { .since = DATE_MIN, .until = DATE_MAX + 1, .context = -1 };

static const struct opt opts[] = {
	OPT_GROUP("Which events"),
	OPT_TIME('s', "since", &o.since, "time", "at or after <time>"),
	OPT_TIME('u', "until", &o.until, "time", "before <time>"),
	OPT_STR(0, "session", &o.session, "id",
	    "of one session (default: $MEM_SESSION, else all)", OPT_C_SESSION),
	OPT_LIST(0, "role", &o.roles, "role",
	    "of these roles: user, assistant, system, tool", OPT_C_NONE),
	OPT_LIST(0, "type", &o.types, "type",
	    "of these event types: user_message, tool_use, ...", OPT_C_NONE),
	OPT_STR(0, "agent", &o.agent, "name", "of one agent", OPT_C_AGENT),
	OPT_STR(0, "around", &o.around, "id",
	    "this event, with ten before and after it in its session",
	    OPT_C_NONE),
	OPT_INT('C', "context", &o.context, "n",
	    "with each event asked for, <n> before and after it"),
	OPT_GROUP("In their place"),
	OPT_STR(0, "kb", &o.kb, "name",
	    "the documents of this knowledge base, by their ids", OPT_C_KB),
	OPT_GROUP("In which order, how many"),
	OPT_FLAG(0, "reverse", &o.reverse, "the newest first"),
	OPT_INT('n', "limit", &o.limit, "n", "stop after <n> events"),
	OPT_FLAG('f', "follow", &o.follow,
	    "go on with new events as they are stored"),
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_tool tool = {
	.name = "mem-log",
	.args = "[id ... | -]",
	.about = "print events by time, by session or by id; documents",
	.opts = opts,
};

struct run {
	struct store *st;
	struct out out;
	struct event_query eq;
	char *session;			/* own; the id that was meant */
	struct session_refs refs;	/* those that eq names */
	bool granted;			/* they are others' */
	struct event_iter *one;		/* for events by id */
	struct map shown;		/* ids: an event is shown once */
	int64_t printed;
	int64_t absent;			/* ids not there, lines not read */
};

static int
word_set(const struct strv *words, const char *const *names,
    const char *what, unsigned *set, struct err *e)
{
	size_t i;
	int k;

	*set = 0;
	for (i = 0; i < words->n; i++) {
		for (k = 0; names[k] != NULL; k++)
			if (strcmp(names[k], words->v[i]) == 0)
				break;
		if (names[k] == NULL)
			return cmd_misuse(e, "unknown %s '%s'", what,
			    words->v[i]);
		*set |= 1u << k;
	}
	return 0;
}

static int
print(struct run *run, const struct event *ev, struct err *e)
{
	json_t *rec = event_json(ev);
	int r;

	if (rec == NULL)
		return err_set(e, ERR_CORRUPT, "event %s is not UTF-8; run "
		    "mem-admin check", ev->id);
	r = out_record(&run->out, rec, e);
	json_decref(rec);
	run->printed++;
	return r;
}

/* --- documents --------------------------------------------------------- */

static int
print_document(void *arg, const struct record *doc, struct err *e)
{
	struct run *run = arg;
	json_t *rec = record_json(doc);
	int r;

	if (rec == NULL)
		return err_set(e, ERR_CORRUPT, "document %s is not UTF-8; run "
		    "mem-admin check", doc->record_id);
	r = out_record(&run->out, rec, e);
	json_decref(rec);
	run->printed++;
	return r < 0 ? -1 : (o.limit > 0 && run->printed == o.limit);
}

static int
documents(struct run *run, int argc, struct err *e)
{
	int r;

	if (argc > 0 || o.follow || o.reverse || o.context >= 0 ||
	    o.around != NULL || o.session != NULL || o.agent != NULL ||
	    o.roles.n > 0 || o.types.n > 0 || o.since != DATE_MIN ||
	    o.until != DATE_MAX + 1)
		return cmd_misuse(e, "--kb prints all documents of a "
		    "knowledge base: it goes with -n alone");
	r = record_each(run->st, RECORD_DOCUMENT, o.kb, 0, print_document,
	    run, e);
	return r < 0 ? -1 : run->printed > 0 ? EXIT_YES : EXIT_NO;
}

/* --- by time ----------------------------------------------------------- */

static int
print_range(struct run *run, struct err *e)
{
	const struct event *ev;
	struct event_iter *it;
	int r;

	if (event_open(&it, run->st, &run->eq, e) < 0)
		return -1;
	while ((r = event_next(it, &ev, e)) == 1)
		if ((r = print(run, ev, e)) < 0)
			break;
	event_close(it);
	return r;
}

static bool
is_asked(const struct run *run, const struct event *ev)
{
	size_t i;

	for (i = 0; i < run->refs.n; i++)
		if (run->refs.v[i].seq == ev->session_seq)
			return true;
	return run->eq.session == NULL;
}

static bool
wanted(const struct run *run, const struct event *ev)
{
	const struct event_query *eq = &run->eq;

	return ev->ts_ms >= eq->since_ms && ev->ts_ms < eq->until_ms &&
	    is_asked(run, ev) &&
	    (eq->types == 0 || (eq->types >> ev->type & 1)) &&
	    (eq->roles == 0 || (eq->roles >> ev->role & 1)) &&
	    (eq->agent == NULL || str_eq(eq->agent, ev->agent));
}

/* Rows stored after *seq, in the order in which they were stored. */
static int
print_tail(struct run *run, int64_t *seq, struct err *e)
{
	const struct event *ev;
	struct event_iter *it;
	int r;

	if (event_open_tail(&it, run->st, *seq, e) < 0)
		return -1;
	while ((r = event_next(it, &ev, e)) == 1) {
		*seq = ev->seq;
		if (!wanted(run, ev))
			continue;
		if ((r = print(run, ev, e)) < 0)
			break;
		if (o.limit > 0 && run->printed >= o.limit)
			break;
	}
	event_close(it);
	return r < 0 ? -1 : 0;
}

/* Which sessions are asked for: they may come, and a graft may end. */
static int
look(struct run *run, struct err *e)
{
	struct store *st = run->st;

	if (run->eq.session == NULL)
		return 0;
	session_refs_release(&run->refs);
	if (session_seen(st, run->eq.session, &run->refs, e) < 0)
		return -1;
	if (run->granted && run->refs.n == 0)
		return err_set(e, ERR_DENIED, "what let session '%s' be read "
		    "expired, or was revoked; nothing more is told",
		    run->eq.session);
	run->granted = run->refs.n > 0 && run->refs.v[0].user != st->user_id;
	return 0;
}

static int
follow(struct run *run, int64_t seq, struct err *e)
{
	int gone = 0;

	while (!gone && (o.limit == 0 || run->printed < o.limit)) {
		/* The user may appear only now. */
		if (access_still(run->st, e) < 0 ||
		    store_user(run->st, run->st->user, false,
		    &run->st->user_id, e) < 0 || look(run, e) < 0 ||
		    print_tail(run, &seq, e) < 0 ||
		    (gone = out_wait(&run->out, FOLLOW_MS, e)) < 0)
			return -1;
	}
	return 0;
}

static int
by_time(struct run *run, struct err *e)
{
	struct db *db = run->st->db;
	struct newest newest;
	int r = -1;

	run->out.flush = o.follow;
	/* One view for both, so that --follow goes on where this ends. */
	if (tx_read(db, e) < 0)
		return -1;
	if (newest_rows(run->st, &newest, e) == 0 && look(run, e) == 0)
		r = print_range(run, e);
	if (tx_end(db, r, e) < 0)
		return -1;
	return o.follow ? follow(run, newest.event, e) : 0;
}

/* --- by id ------------------------------------------------------------- */

static int
print_once(struct run *run, const struct event *ev, struct err *e)
{
	int made;

	if (!wanted(run, ev))
		return 0;
	map_put(&run->shown, ev->id, &made);
	if (!made || (o.limit > 0 && run->printed >= o.limit))
		return 0;
	return print(run, ev, e);
}

static int
print_id(struct run *run, const char *id, int64_t context, struct err *e)
{
	const struct event *ev;
	struct event_iter *it;
	int r;

	if ((r = event_find(&run->one, run->st, id, &ev, e)) < 0)
		return -1;
	if (r == 0) {
		cmd_note("no event '%s'", id);
		access_missed(run->st);
		run->absent++;
		return 0;
	}
	if (context <= 0) {
		r = print_once(run, ev, e);
		event_rest(run->one);
		return r;
	}
	r = event_around(&it, run->st, ev, context, context, e);
	event_rest(run->one);
	if (r < 0)
		return -1;
	while ((r = event_next(it, &ev, e)) == 1)
		if ((r = print_once(run, ev, e)) < 0)
			break;
	event_close(it);
	return r;
}

/* The event that a record of any tool names. */
static const char *
event_of(const json_t *rec)
{
	const char *id = get_str(rec, "event_id", NULL);
	const char *type = get_str(rec, "type", NULL);
	uint8_t ulid[ULID_BYTES];

	if (id != NULL)
		return id;
	id = get_str(rec, "id", NULL);
	if (str_eq(get_str(rec, "source", NULL), "event"))
		return id;
	/* An ack does not say what it is of; only events have such ids. */
	return str_eq(type, "ack") && id != NULL && ulid_parse(id, ulid) ? id :
	    NULL;
}

static int
print_given(void *arg, const char *id, struct err *e)
{
	return print_id(arg, id, o.context, e);
}

static int
by_id(struct run *run, int argc, char **argv, struct err *e)
{
	int i, r;

	if ((r = look(run, e)) == 0 && o.around != NULL)
		r = print_id(run, o.around, o.context >= 0 ? o.context : 10, e);
	for (i = 0; r == 0 && i < argc; i++)
		r = strcmp(argv[i], "-") == 0 ? given_each("event", event_of,
		    print_given, run, &run->absent, e) :
		    print_id(run, argv[i], o.context, e);
	if (r < 0)
		return -1;
	if (run->printed == 0)
		return EXIT_NO;
	return run->absent > 0 ? EXIT_PART : EXIT_YES;
}

static int
run_all(struct run *run, int argc, char **argv, struct err *e)
{
	struct event_query *eq = &run->eq;
	int r;

	if (o.kb != NULL)
		return documents(run, argc, e);
	*eq = (struct event_query)EVENT_QUERY_INIT;
	eq->since_ms = o.since;
	eq->until_ms = o.until;
	/* What a call is bound to is that session and none that begins so; what
	 * it asks for by id may be in one that was granted to it. */
	if (argc == 0 && o.around == NULL)
		eq->session = run->st->session;
	/* One that is not there yet may come: --follow. */
	if (o.session != NULL) {
		eq->session = o.session;
		if (session_asked(run->st, o.session, &run->session, e) < 0)
			return -1;
		if (run->session != NULL)
			eq->session = run->session;
	}
	eq->agent = o.agent;
	eq->reverse = o.reverse;
	eq->limit = o.limit;
	if (word_set(&o.roles, event_roles, "role", &eq->roles, e) < 0 ||
	    word_set(&o.types, event_types, "type", &eq->types, e) < 0)
		return -1;
	if (o.follow && (o.reverse || argc > 0 || o.around != NULL))
		return cmd_misuse(e, "--follow goes with neither --reverse nor "
		    "ids");
	if (o.reverse && (argc > 0 || o.around != NULL))
		return cmd_misuse(e, "--reverse does not go with ids, which "
		    "are printed in the order asked for");
	if (argc > 0 || o.around != NULL)
		return by_id(run, argc, argv, e);
	if (o.context >= 0)
		return cmd_misuse(e, "-C needs ids, '-' or --around");
	r = by_time(run, e);
	return r < 0 ? -1 : run->printed > 0 ? EXIT_YES : EXIT_NO;
}

int
main(int argc, char **argv)
{
	struct run run = { .shown = MAP_INIT };
	struct store_where where;
	struct err e = { 0 };
	int r;

	cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&run.out);
	cmd_asked(&where);
	if ((r = store_open(&run.st, &where, STORE_READ, &e)) == 0)
		r = run_all(&run, argc, argv, &e);
	event_close(run.one);
	map_release(&run.shown);
	session_refs_release(&run.refs);
	free(run.session);
	store_close(run.st);
	strv_release(&o.roles);
	strv_release(&o.types);
	out_release(&run.out);
	return cmd_exit(r, &e);
}
