/*
 * Contents as search sees them: numbers that grow with each change, what is
 * hidden or forgotten left out, each grip shown once.
 */
#include "tests/unit/tap.h"
#include "toc/toc_entry.h"

#include "base/buf.h"
#include "ingest/event_write.h"
#include "ingest/forget.h"
#include "memory/event.h"
#include "temp-store.h"
#include "toc/toc_build.h"
#include "toc/toc_edit.h"

#include <inttypes.h>
#include <string.h>

static struct err e;

static void
say(struct store *st, const char *session, int minute, const char *text)
{
	struct event_writer *w = event_writer_new(st);
	struct buf b = BUF_INIT, room = BUF_INIT;
	struct event ev;
	json_t *o;

	buf_addf(&b, "{\"session_id\":\"%s\",\"timestamp\":%" PRId64 ","
	    "\"role\":\"user\",\"text\":\"%s\"}", session,
	    INT64_C(1795075200000) + minute * 60000, text);
	o = temp_json(b.p);
	tx_begin(st->db, &e);
	if (event_from_json(&ev, o, &room, &e) < 0 ||
	    tx_end(st->db, event_add(w, &ev, &e) < 0 ? -1 :
	    event_flush(w, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	json_decref(o);
	event_writer_free(w);
	buf_release(&b);
	buf_release(&room);
}

static void
build(struct store *st)
{
	struct toc_build_how how = { .wait_ms = 0 };
	struct toc_build report;

	if (toc_build(st, &how, &report, &e) < 0)
		printf("Bail out! %s\n", e.msg);
}

struct seen {
	int n;
	struct buf text, ids;
};

static int
see(void *arg, const struct toc_entry *t, struct err *err)
{
	struct seen *s = arg;

	(void)err;
	s->n++;
	buf_add(&s->text, t->text.p, t->text.len);
	buf_addc(&s->text, '\n');
	buf_addf(&s->ids, "%s\n", t->id);
	return 0;
}

/* All of them after a number; *s is released by the next call. */
static int
look(struct store *st, bool grips, int64_t after, struct seen *s)
{
	struct toc_reader *r;

	buf_release(&s->text);
	buf_release(&s->ids);
	s->n = 0;
	if (toc_reader_open(&r, st, TOC_NOW, &e) < 0 ||
	    toc_reader_each(r, grips, after, see, s, &e) < 0)
		printf("Bail out! %s\n", e.msg);
	toc_reader_close(r);
	return s->n;
}

static int64_t
number(struct store *st)
{
	int64_t n = -1;

	toc_touched(st, &n, &e);
	return n;
}

/* The id of the first grip whose excerpt has this. */
static void
grip_with(struct store *st, const char *word, char id[GRIP_ID_LEN])
{
	struct seen s = { .text = BUF_INIT, .ids = BUF_INIT };
	const char *line, *name;

	look(st, true, 0, &s);
	id[0] = '\0';
	line = s.text.p;
	for (name = s.ids.p; name != NULL && *name != '\0'; ) {
		if (strcspn(line, "\n") > strlen(word) &&
		    strstr(line, word) != NULL &&
		    strstr(line, word) < line + strcspn(line, "\n")) {
			snprintf(id, GRIP_ID_LEN, "%.*s",
			    (int)strcspn(name, "\n"), name);
			break;
		}
		line += strcspn(line, "\n") + 1;
		name += strcspn(name, "\n") + 1;
	}
	buf_release(&s.text);
	buf_release(&s.ids);
}

static void
numbers(struct store *st)
{
	struct seen s = { .text = BUF_INIT, .ids = BUF_INIT };
	int64_t was, lag, all;

	is_int(number(st), 0, "no contents, no number");
	is_int(look(st, false, 0, &s), 0, "and nothing to see");
	build(st);
	was = number(st);
	ok(was > 0, "there are contents");
	is_int(look(st, false, 0, &s), 6, "two segments and all above");
	ok(strstr(s.ids.p, "toc:year:") != NULL &&
	    strstr(s.text.p, "T ") != NULL, "ids, and what they say");
	is_int(look(st, false, was, &s), 0, "nothing is newer");
	toc_count_touched(st, true, 0, 0, &lag, &e);
	is_int(lag, 2, "of grips, segments are counted");
	build(st);
	is_int(number(st), was, "what says the same is not touched");
	say(st, "a", 4, "The violin needs new strings before the concert.");
	build(st);
	ok(number(st) > was, "a new version has a greater number");
	look(st, false, was, &s);
	ok(s.n >= 1 && s.n <= 5 && strstr(s.text.p, "violin") != NULL,
	    "and is newer");
	toc_count_touched(st, false, was, 0, &lag, &e);
	is_int(lag, s.n, "so many");
	toc_count_touched(st, false, 0, 2, &lag, &e);
	is_int(lag, 2, "no further than that");
	toc_touched_all(st, &all, &e);
	is_int(all, number(st), "the sum of one user");
	buf_release(&s.text);
	buf_release(&s.ids);
}

static void
marks(struct store *st)
{
	struct seen s = { .text = BUF_INIT, .ids = BUF_INIT };
	const struct toc_entry *t;
	struct toc_reader *r;
	char id[GRIP_ID_LEN];
	int64_t was = number(st);
	int grips = look(st, true, 0, &s), nodes = look(st, false, 0, &s);

	grip_with(st, "violin", id);
	ok(id[0] != '\0', "a grip is found by its words");
	toc_mark(st, id, TOC_HIDE, &e);
	is_int(look(st, true, 0, &s), grips - 1, "hidden, it is not there");
	look(st, false, 0, &s);
	ok(strstr(s.text.p, "violin needs") == NULL,
	    "nor in the bullets of any node");
	is_int(look(st, false, was, &s), 5, "which are newer");
	toc_reader_open(&r, st, TOC_NOW, &e);
	is_int(toc_reader_find(r, id, &t, &e), 0, "nor by its id");
	toc_reader_close(r);
	toc_mark(st, id, 0, &e);
	is_int(look(st, true, 0, &s), grips, "shown again");
	was = number(st);
	toc_mark(st, "week:2026-w47", TOC_HIDE, &e);
	is_int(look(st, false, 0, &s), 2, "a week takes what lies in it");
	is_int(look(st, true, 0, &s), 0, "and their grips");
	toc_mark(st, "week:2026-w47", 0, &e);
	is_int(look(st, false, was, &s), nodes, "all is newer");
	buf_release(&s.text);
	buf_release(&s.ids);
}

static void
owners(struct store *st)
{
	struct seen s = { .text = BUF_INIT, .ids = BUF_INIT };
	int grips = look(st, true, 0, &s);
	char id[GRIP_ID_LEN];
	struct grip g;
	int64_t from, node;

	grip_with(st, "violin", id);
	grip_find(st, id, &g, &e);
	node = g.node;
	tx_begin(st->db, &e);
	is_int(grip_put(st, &g, &from, &e), 0, "it is there");
	g.node = 1 + (node == 1);
	is_int(grip_put(st, &g, &from, &e), 1, "another segment names it");
	is_int(from, node, "and it was this one's");
	tx_end(st->db, 0, &e);
	is_int(look(st, true, 0, &s), grips - 1, "which does not show it");
	tx_begin(st->db, &e);
	is_int(grip_take(st, &g, node, &from, &e), 1, "back");
	tx_end(st->db, 0, &e);
	is_int(look(st, true, 0, &s), grips, "it shows it");
	buf_release(&s.text);
	buf_release(&s.ids);
}

static void
forgotten(struct store *st)
{
	struct seen s = { .text = BUF_INIT, .ids = BUF_INIT };
	char id[GRIP_ID_LEN], event[ULID_LEN + 1];
	int64_t was = number(st);
	struct grip g;
	json_t *o;

	grip_with(st, "violin", id);
	grip_find(st, id, &g, &e);
	ulid_from_bytes(event, g.event);
	o = json_pack("{s:s, s:s, s:s}", "type", "tombstone", "target",
	    "event", "id", event);
	tx_begin(st->db, &e);
	if (tx_end(st->db, forget_add(st, o, &e), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	json_decref(o);
	ok(number(st) > was, "what was forgotten touches");
	look(st, true, 0, &s);
	ok(strstr(s.text.p, "violin") == NULL && strstr(s.ids.p, id) == NULL,
	    "its grip is not there");
	look(st, false, 0, &s);
	ok(strstr(s.text.p, "violin") == NULL, "nor do nodes say it");
	is_int(look(st, false, was, &s), 5, "all that held it are newer");
	buf_release(&s.text);
	buf_release(&s.ids);
}

int
main(void)
{
	struct store *st, *other;

	temp_begin();
	st = temp_open("store", "ann", STORE_WRITE);
	say(st, "a", 0, "We decided to tune the piano on Friday.");
	say(st, "a", 2, "Why does the pedal of the piano squeak so loudly?");
	say(st, "b", 300, "The backup of the database takes four hours.");
	numbers(st);
	marks(st);
	owners(st);
	forgotten(st);
	other = temp_open("store", "bob", STORE_WRITE);
	say(other, "a", 0, "Nobody else hears of it.");
	is_int(number(other), 0, "another user has none");
	store_close(other);
	store_close(st);
	if (temp_end() != 0)
		return 2;
	return done();
}
