/*
 * The built-in embedder, and the vectors of an index: counted as counting
 * them one by one does, whatever was forgotten since; opened while another
 * process makes them anew.
 */
#include "search/embedder.h"
#include "search/indexed.h"
#include "search/indexing.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "ingest/event_write.h"
#include "ingest/forget.h"
#include "memory/event.h"
#include "model-file.h"
#include "tap.h"
#include "temp-store.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define EVENTS 600
#define WORDS 9

static struct err e;
static const char *const piece[] = { "[UNK]", "token", "redis", "cache", "jwt",
    "deploy", "happy", "run", "##s", "the", "of", "a", "v", "1" };
#define PIECES (sizeof piece / sizeof *piece)
static bool gone[EVENTS];
static struct indexing_how how;

static void
make_model(const char *path, const char *name, size_t pieces)
{
	struct buf b = BUF_INIT;

	small_model(&b, piece, pieces, 0);
	if (*name != '\0') {
		memset(b.p + 28, 0, 64);
		memcpy(b.p + 28, name, strlen(name));
		le32_put((uint8_t *)b.p + 4092, crc32c(0, b.p, 4092));
	}
	put_file(path, b.p, b.len);
	buf_release(&b);
}

/* Text i has the pieces (i, k) with k < i % WORDS; every 31st has none. */
static bool
has_piece(int i, uint32_t id)
{
	int k;

	for (k = 0; i % 31 != 0 && k <= i % WORDS; k++)
		if ((uint32_t)(1 + (i / 7 + k * k) % (int)(PIECES - 1)) == id)
			return true;
	return false;
}

static void
text_of(int i, struct buf *b)
{
	int k, id;

	buf_reset(b);
	for (k = 0; i % 31 != 0 && k <= i % WORDS; k++) {
		id = 1 + (i / 7 + k * k) % (int)(PIECES - 1);
		/* "##s" is one that goes on a word */
		buf_addf(b, " %s%s", id == 8 ? "v" : piece[id],
		    id == 8 ? "s" : "");
	}
}

static void
id_of(int i, char *out, size_t size)
{
	snprintf(out, size, "01HNAVQZC0000000000%07u",
	    (unsigned)i % 10000000);
}

static void
store_events(struct store *st, int from, int to)
{
	struct event_writer *w = event_writer_new(st);
	struct buf text = BUF_INIT;
	struct event ev;
	char session[16];
	int i;

	tx_begin(st->db, &e);
	for (i = from; i < to; i++) {
		memset(&ev, 0, sizeof ev);
		id_of(i, ev.id, sizeof ev.id);
		snprintf(session, sizeof session, "s%d", i / 100);
		text_of(i, &text);
		ev.ts_ms = 1700000000000 + i;
		ev.session = session;
		ev.text = text.len > 0 ? text.p : "";
		ev.text_len = text.len;
		ev.type = EVENT_USER_MESSAGE;
		if (event_add(w, &ev, &e) != 1)
			printf("# %s\n", e.msg);
	}
	event_flush(w, &e);
	tx_end(st->db, 0, &e);
	event_writer_free(w);
	buf_release(&text);
}

static void
forget(struct store *st, const char *target, const char *id)
{
	json_t *o = json_pack("{s:s, s:s, s:s}", "type", "tombstone",
	    "target", target, "id", id);

	tx_begin(st->db, &e);
	if (tx_end(st->db, forget_add(st, o, &e), &e) < 0)
		printf("# %s\n", e.msg);
	json_decref(o);
}

static void
forget_event(struct store *st, int i)
{
	char id[32];

	id_of(i, id, sizeof id);
	forget(st, "event", id);
	gone[i] = true;
}

/* --- the embedder ------------------------------------------------------ */

struct got {
	size_t n, none;
	uint32_t id[8];
	size_t ids;
	float len;
};

static int
take(void *arg, size_t i, const float *v, const uint32_t *id, size_t n,
    struct err *err)
{
	struct got *g = arg;
	size_t k;

	if (i != g->n++)
		return err_set(err, ERR_INPUT, "out of order");
	g->none += v == NULL;
	for (k = 0; v != NULL && k < 64; k++)
		g->len += v[k] * v[k];
	for (k = 0; k < n && g->ids < 8; k++)
		g->id[g->ids++] = id[k];
	return 0;
}

static int
refuse(void *arg, size_t i, const float *v, const uint32_t *id, size_t n,
    struct err *err)
{
	(void)arg;
	(void)v;
	(void)id;
	(void)n;
	return i == 1 ? err_set(err, ERR_NET, "enough") : 0;
}

static int
two_of_ten(void *arg, uint32_t id, uint64_t *df, struct err *err)
{
	(void)arg;
	(void)id;
	(void)err;
	*df = 2;
	return 0;
}

static void
embedders(struct store *st)
{
	const struct embedder_text text[] = { { "redis tokens", 12 }, { "", 0 },
	    { "the", 3 } };
	struct embedder *em = NULL;
	struct got g = { 0 };
	float v[64], len = 0;
	int i;

	is_int(embedder_open(&em, st, &e), 1, "a model opens");
	ok(strcmp(embedder_model(em)->name, "small") == 0 &&
	    embedder_model(em)->dim == 64 &&
	    embedder_model(em)->pieces == PIECES, "and says what it is");
	is_int((int64_t)embedder_batch(em), 1, "text by text");
	ok(embedder_texts(em, text, 3, take, &g, &e) == 0 && g.n == 3 &&
	    g.none == 1 && fabsf(g.len - 2) < 1e-4f, "texts to unit vectors");
	ok(g.ids == 4 && g.id[0] == 1 && g.id[1] == 2 && g.id[2] == 8 &&
	    g.id[3] == 9, "and their pieces, ascending");
	ok(embedder_texts(em, text, 3, refuse, &g, &e) == -1 &&
	    e.code == ERR_NET, "who takes them may end it");
	is_int(embedder_query(em, "jwt", 3, 10, two_of_ten, NULL, v, &e), 1,
	    "a query");
	for (i = 0; i < 64; i++)
		len += v[i] * v[i];
	ok(fabsf(len - 1) < 1e-4f, "it is a unit vector, too");
	is_int(embedder_query(em, " ", 1, 10, two_of_ten, NULL, v, &e), 0,
	    "of nothing there is none");
	embedder_free(em);
	embedder_free(NULL);
}

static void
no_embedder(void)
{
	struct embedder *em = NULL;
	struct store *st;

	setenv("MEM_MODEL", "none", 1);
	st = temp_open("store", "u", STORE_READ);
	is_int(embedder_open(&em, st, &e), 0, "none is asked for");
	store_close(st);
	setenv("MEM_MODEL", "nowhere", 1);
	st = temp_open("store", "u", STORE_READ);
	is_int(embedder_open(&em, st, &e), 0, "there is none");
	store_close(st);
	put_file("bad", "MKMODEL", 7);
	setenv("MEM_MODEL", "bad", 1);
	st = temp_open("store", "u", STORE_READ);
	ok(embedder_open(&em, st, &e) == -1 && e.code == ERR_INDEX,
	    "one that is damaged: %s", e.msg);
	store_close(st);
	setenv("MEM_MODEL", "small.model", 1);
}

/* --- counting ---------------------------------------------------------- */

static int
update(struct store *st, struct indexing *report)
{
	return indexing_update(st, SOURCE_EVENT, &how, report, &e);
}

/* Open, as a search does: 1, 0, -1. */
static int
view(struct indexed *x, struct store *st, struct embedder *em)
{
	int r;

	if (indexed_open(x, st, SOURCE_EVENT, &e) != 1)
		return -1;
	r = indexed_vectors(x, em, &e);
	if (r == 1 && (indexed_view(x, &e) < 0 ||
	    indexed_vectors_view(x, &e) < 0))
		r = -1;
	return r;
}

/* Events [0, n) but those gone. */
static bool
counted(struct indexed *x, int n)
{
	int64_t vectors = 0;
	uint32_t id, df, want;
	int i;

	for (i = 0; i < n; i++)
		vectors += !gone[i] && i % 31 != 0;
	if (vectors != x->vectors) {
		printf("# %d vectors, not %d\n", (int)x->vectors,
		    (int)vectors);
		return false;
	}
	for (id = 1; id < PIECES; id++) {
		/* "vs" has both */
		for (i = 0, want = 0; i < n; i++)
			want += !gone[i] && (has_piece(i, id) ||
			    (id == 12 && has_piece(i, 8)));
		if (indexed_piece_df(x, id, &df, &e) < 0 || df != want) {
			printf("# piece %d: %d, not %d\n", (int)id, (int)df,
			    (int)want);
			return false;
		}
	}
	return indexed_piece_df(x, PIECES, &df, &e) == 0 && df == 0;
}

static void
counting(struct store *st, struct embedder *em)
{
	struct indexing report;
	struct indexed x;
	char manifest[] = "store/tenants/default/index/user/u/manifest";
	int i;

	store_events(st, 0, 400);
	ok(update(st, &report) == 0 && report.vectors == 387, "400 events");
	store_events(st, 400, EVENTS - 50);
	ok(update(st, &report) == 0 && report.segments >= 1, "and 150");
	store_events(st, EVENTS - 50, EVENTS);
	ok(update(st, &report) == 0 && report.segments > 1, "and 50: more "
	    "than one segment");
	ok(view(&x, st, em) == 1 && x.vector[0].v != NULL &&
	    counted(&x, EVENTS), "counted as one by one");
	for (i = 3; i < EVENTS; i += 50)
		forget_event(st, i);
	ok(indexed_view(&x, &e) == 0 && indexed_vectors_view(&x, &e) == 0 &&
	    counted(&x, EVENTS), "some are forgotten: another view");
	indexed_close(&x);
	for (i = 200; i < 300; i++)
		gone[i] = true;
	forget(st, "session", "s2");
	ok(view(&x, st, em) == 1 && counted(&x, EVENTS) &&
	    x.vector[0].dead == x.part[0].dead, "a session is forgotten");
	indexed_close(&x);
	ok(update(st, &report) == 0 && view(&x, st, em) == 1 &&
	    counted(&x, EVENTS), "and its vectors are gone");
	indexed_close(&x);
	is_int(indexing_verify(st, SOURCE_EVENT, &report, &e), 0, "sound");
	ok(file_exists(manifest), "the index is where it should be");
}

/* --- another model ----------------------------------------------------- */

static void
models(struct store *st, struct embedder *em)
{
	struct embedder *other = NULL;
	struct indexing report;
	struct indexed x;
	struct store *two;

	make_model("other.model", "other", PIECES - 1);
	setenv("MEM_MODEL", "other.model", 1);
	two = temp_open("store", "u", STORE_READ);
	is_int(embedder_open(&other, two, &e), 1, "another model");
	is_int(view(&x, st, other), 0, "its vectors are not there");
	ok(x.vector == NULL && indexed_view(&x, &e) == 0, "words are");
	indexed_close(&x);
	how.memory = 1;		/* each text is a file */
	ok(update(two, &report) == 0 && report.docs == 0 &&
	    view(&x, two, other) == 1, "they are made");
	indexed_close(&x);
	is_int(indexing_verify(two, SOURCE_EVENT, &report, &e), 0, "sound");
	is_int(view(&x, st, em), 0, "those of the first are not there");
	indexed_close(&x);
	how.memory = 0;
	ok(update(st, &report) == 0 && view(&x, st, em) == 1 &&
	    counted(&x, EVENTS), "and back");
	indexed_close(&x);
	embedder_free(other);
	store_close(two);
	setenv("MEM_MODEL", "small.model", 1);
}

/* --- while it goes ----------------------------------------------------- */

/* New events, and rebuilds, until it is killed. */
static void
writer(void)
{
	struct store *st = temp_open("store", "u", STORE_WRITE);
	struct indexing report;
	int n;

	for (n = 0; ; n++) {
		store_events(st, 10000 + 5 * n, 10005 + 5 * n);
		how.rebuild = n % 3 == 2;
		update(st, &report);
	}
}

static void
while_it_goes(struct store *st, struct embedder *em)
{
	const struct timespec t = { 0, 2000000 };
	struct indexed x;
	int i, r = 1, bad = 0;
	pid_t pid;

	if ((pid = fork()) == 0)
		writer();
	for (i = 0; i < 150 && r == 1; i++) {
		if ((r = view(&x, st, em)) == 1)
			bad += x.vectors < 400 || x.vector == NULL;
		indexed_close(&x);
		nanosleep(&t, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_int(r, 1, "150 times while they are being made");
	is_int(bad, 0, "all of them");
}

/* --- damage ------------------------------------------------------------ */

static void
damage(struct store *st, struct embedder *em)
{
	struct indexing report;
	struct manifest m;
	struct indexed x;
	char *path, dir[] = "store/tenants/default/index/user/u";

	how.rebuild = true;
	update(st, &report);
	how.rebuild = false;
	if (manifest_read(&m, dir, NULL, &e) != 1 || m.n == 0)
		exit(2);
	path = manifest_vectors_path(dir, m.segment[0].number);
	ok(truncate(path, 3000) == 0 && view(&x, st, em) == -1 &&
	    e.code == ERR_INDEX && x.vector == NULL, "cut off: %s", e.msg);
	ok(indexed_view(&x, &e) == 0 && x.part != NULL, "words are there");
	indexed_close(&x);
	ok(unlink(path) == 0 && view(&x, st, em) == -1 &&
	    e.code == ERR_INDEX, "gone: %s", e.msg);
	indexed_close(&x);
	ok(update(st, &report) == 0 && view(&x, st, em) == 1,
	    "made anew by an update");
	indexed_close(&x);
	free(path);
	manifest_release(&m);
}

int
main(void)
{
	struct embedder *em = NULL;
	struct store *st;

	temp_begin();
	make_model("small.model", "", PIECES);
	setenv("MEM_MODEL", "small.model", 1);
	st = temp_open("store", "u", STORE_MAKE);
	embedders(st);
	no_embedder();
	store_user(st, "u", true, &st->user_id, &e);
	if (embedder_open(&em, st, &e) != 1)
		return 2;
	counting(st, em);
	models(st, em);
	while_it_goes(st, em);
	damage(st, em);
	embedder_free(em);
	store_close(st);
	return temp_end() | done();
}
