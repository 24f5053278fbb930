#include "graph/build.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/lock.h"
#include "graph/rows.h"
#include "store/db.h"
#include "store/inside.h"
#include "store/name.h"
#include "store/sealed.h"
#include "store/store.h"
#include "text/language_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAIRS 500000		/* in memory: some 80 MB */
#define PASS 1000		/* rows of others */
#define TELL 1000		/* texts between two words of progress */

struct build {
	struct store *st;		/* from within; borrowed */
	const struct graph_build_how *how;
	struct graph_file file;
	struct graph_mark mark;
	struct text *text;		/* own */
	struct proposals kept;
	struct sum sum;
	int64_t added;
	int64_t amended;		/* that were there before */
	int64_t high;			/* the newest row that was added */
	bool fresh;			/* the file is nobody's yet */
	bool over;			/* a row has an older version in it */
};

static int
folder(const struct store *st, bool records, struct buf *b)
{
	buf_adds(b, records ? "index/graph-kb" : "index/graph/");
	if (!records)
		name_encode(b, st->user);
	return 0;
}

char *
graph_path(const struct store *st, bool records)
{
	struct buf b = BUF_INIT;
	char *path;

	folder(st, records, &b);
	buf_adds(&b, "/graph.db");
	path = store_path(st, b.p);
	buf_release(&b);
	return path;
}

int
graph_drop(struct store *st, const char *user, struct err *e)
{
	struct store of = *st;
	struct buf b = BUF_INIT;
	char *dir;
	int i, r = 0;

	of.user = (char *)user;
	for (i = user == NULL; i < 2 && r == 0; i++) {
		buf_reset(&b);
		folder(&of, i == 1, &b);
		dir = store_path(st, b.p);
		r = file_remove_tree(dir, e);
		free(dir);
	}
	buf_release(&b);
	return r;
}

/* What tells that something was forgotten: its number changes with each
 * tombstone, and with each time that a user is forgotten again. */
static int
graves(struct store *st, bool records, int64_t *n, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT coalesce(max(seq), 0) + "
	    "coalesce(max(CASE WHEN target = 5 THEN at ELSE 0 END), 0) "
	    "FROM tombstone WHERE user = :user")) == NULL)
		return -1;
	/* rows of knowledge bases are nobody's */
	db_int(q, ":user", records ? 0 : st->user_id);
	*n = 0;
	return db_first(q, n, e) < 0 ? -1 : 0;
}

/* --- adding ------------------------------------------------------------ */

static int
flush(struct build *b, struct err *e)
{
	b->mark.docs += b->sum.docs;
	if (graph_file_add(&b->file, &b->sum, &b->mark, e) < 0)
		return -1;
	sum_release(&b->sum);
	sum_init(&b->sum);
	return 0;
}

static int
added(struct build *b, int64_t row, struct err *e)
{
	b->added++;
	if (row > b->high)
		b->high = row;
	if (b->how != NULL && b->how->progress != NULL && b->added % TELL ==
	    0 && b->how->progress(b->how->arg, b->added, e) != 0)
		return -1;
	if (b->sum.pairs + b->sum.entities <= PAIRS)
		return 0;
	if (b->fresh)
		return flush(b, e);
	/* one transaction would have to hold it all */
	b->over = true;
	return 1;
}

/* What was proposed of the text at hand. */
static int
add_proposed(struct build *b, int64_t row, const char *text, size_t len,
    struct err *e)
{
	struct proposed x;
	int r;

	if (b->kept.db == NULL)
		return 0;
	if ((r = proposals_get(&b->kept, row, text, len, &x, e)) == 1)
		proposed_add(&b->sum, x.body);
	proposed_release(&x);
	return r < 0 ? -1 : 0;
}

static int
add_event(struct build *b, const struct event *ev, bool again, struct err *e)
{
	rows_event(&b->sum, b->text, ev, again);
	b->sum.muted = false;
	return add_proposed(b, ev->seq, ev->text, ev->text_len, e);
}

static int
add_row(struct build *b, const struct record *rec, bool again, struct err *e)
{
	struct buf text = BUF_INIT;
	int r = 0;

	rows_record(&b->sum, b->text, rec, again);
	b->sum.muted = false;
	if (b->kept.db != NULL) {
		rows_text(&text, rec);
		if (text.len > 0)
			r = add_proposed(b, rec->seq, text.p, text.len, e);
		buf_release(&text);
	}
	return r;
}

static int
add_record(void *arg, const struct record *rec, struct err *e)
{
	struct build *b = arg;

	return add_row(b, rec, false, e) < 0 ? -1 : added(b, rec->seq, e);
}

static int
add_events(struct build *b, struct event_iter *it, struct err *e)
{
	const struct event *ev;
	int r;

	while ((r = event_next(it, &ev, e)) == 1)
		if ((r = add_event(b, ev, false, e)) != 0 ||
		    (r = added(b, ev->seq, e)) != 0)
			break;
	return r < 0 ? -1 : 0;
}

/* Rows, documents and their pieces, stored later than one, or as they were. */
static int
add_records(struct build *b, int64_t after, int64_t at_ms, struct err *e)
{
	static const enum record_kind kinds[] = { RECORD_ROW, RECORD_DOCUMENT,
	    RECORD_CHUNK };
	size_t i;
	int r = 0;

	for (i = 0; i < sizeof kinds / sizeof *kinds && r == 0; i++)
		r = at_ms == INT64_MAX ? record_each(b->st, kinds[i], NULL,
		    after, add_record, b, e) : record_each_at(b->st, kinds[i],
		    at_ms, add_record, b, e);
	return r < 0 ? -1 : 0;
}

static int
read_all(struct build *b, struct err *e)
{
	struct event_iter *it;
	int r;

	if (b->how->records)
		return add_records(b, b->mark.row, INT64_MAX, e);
	if (b->st->user_id == 0)
		return 0;
	if (event_open_rows(&it, b->st, b->st->user_id, b->mark.row, e) < 0)
		return -1;
	r = add_events(b, it, e);
	event_close(it);
	return r;
}

/* --- what was proposed of texts that are there ------------------------- */

/* Is it in the file, without what was proposed since? */
static int
is_amended(struct build *b, int64_t row, struct err *e)
{
	return row > b->file.mark.row ? 0 : proposals_after(&b->kept,
	    b->file.mark.proposed, row, e);
}

static int
is_full(struct build *b)
{
	b->amended++;
	b->over = b->over || b->sum.pairs + b->sum.entities > PAIRS;
	return b->over;
}

static int
amend_record(void *arg, const struct record *rec, struct err *e)
{
	struct build *b = arg;
	int r = is_amended(b, rec->seq, e);

	if (r == 1)
		r = add_row(b, rec, true, e) < 0 ? -1 : is_full(b);
	return r;
}

static int
amend_events(struct build *b, int64_t from, int64_t to, struct err *e)
{
	struct event_iter *it;
	const struct event *ev;
	int r;

	if (event_open_rows(&it, b->st, b->st->user_id, from - 1, e) < 0)
		return -1;
	while ((r = event_next(it, &ev, e)) == 1 && ev->seq <= to)
		if ((r = is_amended(b, ev->seq, e)) < 0 || (r == 1 && (r =
		    add_event(b, ev, true, e) < 0 ? -1 : is_full(b)) != 0))
			break;
	event_close(it);
	return r < 0 ? -1 : 0;
}

static int
amend(struct build *b, struct err *e)
{
	static const enum record_kind kinds[] = { RECORD_ROW, RECORD_DOCUMENT,
	    RECORD_CHUNK };
	int64_t from, to;
	size_t i;
	int r = proposals_range(&b->kept, b->file.mark.proposed, &from, &to,
	    e);

	if (r != 1)
		return r;
	if (!b->how->records)
		return amend_events(b, from, to, e);
	for (i = 0, r = 0; i < 3 && r >= 0 && !b->over; i++)
		r = record_each(b->st, kinds[i], NULL, from - 1, amend_record,
		    b, e);
	return r < 0 ? -1 : 0;
}

/* Has the file what nobody proposes any more? */
static bool
is_taken_back(const struct build *b)
{
	const struct graph_mark *had = &b->file.mark;

	return (had->proposed > 0 && had->proposals != b->kept.id) ||
	    b->kept.replaced > had->proposed;
}

/* --- all of it --------------------------------------------------------- */

/* Is there one of which the file may have an older version?  It may be
 * withdrawn, so that reading does not come to it. */
static int
is_newer(struct build *b, struct err *e)
{
	struct db_query *q;
	int64_t n = 0;

	if ((q = db_sql(b->st->db, e, "SELECT 1 FROM record WHERE seq > :row "
	    "AND version > 1 LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":row", b->mark.row);
	if (db_first(q, &n, e) < 0)
		return -1;
	b->over = n != 0;
	return 0;
}

/* One view of the store; 1: it must be made anew. */
static int
fill(struct build *b, struct err *e)
{
	int64_t now;
	int r;

	if (tx_read(b->st->db, e) < 0)
		return -1;
	r = graves(b->st, b->how->records, &now, e);
	if (r == 0 && !b->fresh && (now != b->mark.tombstone ||
	    is_taken_back(b)))
		b->over = true;
	b->mark.tombstone = now;
	b->high = b->mark.row;
	if (r == 0 && !b->fresh && !b->over && b->how->records)
		r = is_newer(b, e);
	if (r == 0 && !b->over)
		r = read_all(b, e);
	if (r == 0 && !b->over && !b->fresh)
		r = amend(b, e);
	if (r == 0 && !b->over)
		r = b->how->records ? db_number(b->st->db, e, "SELECT "
		    "max(seq) FROM record", 0, &b->high) : db_number(
		    b->st->db, e, "SELECT max(seq) FROM event", 0, &b->high);
	if (tx_end(b->st->db, r, e) < 0)
		return -1;
	if (b->over)
		return 1;
	/* events of others are passed over once */
	if (b->added == 0 && !b->fresh && b->high < b->mark.row +
	    (b->how->records ? 1 : PASS) && b->kept.high <= b->mark.proposed)
		return 0;
	b->mark.row = b->high;
	b->mark.proposals = b->kept.id;
	b->mark.proposed = b->kept.high;
	return flush(b, e);
}

/* --- files ------------------------------------------------------------- */

static int
sync_file(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW), r;

	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	r = file_sync(fd, path, e);
	close(fd);
	return r;
}

/* The journal of one who was killed is of the old file alone: SQLite would put
 * it back into the new one. */
static int
leave_journal(const char *path, struct err *e)
{
	struct buf journal = BUF_INIT;
	int r;

	buf_addf(&journal, "%s-journal", path);
	if ((r = file_exists(journal.p)) == 1) {
		unlink(path);
		r = unlink(journal.p) != 0 ? err_sys(e, "cannot remove '%s'",
		    journal.p) : 0;
	}
	buf_release(&journal);
	return r;
}

/* Is the text of a proposal there? */
static int
has_text(void *arg, int64_t row, struct err *e)
{
	struct build *b = arg;
	struct db_query *q;
	int64_t n;

	q = b->how->records ? db_sql(b->st->db, e, "SELECT 1 FROM record "
	    "WHERE seq = :row") : db_sql(b->st->db, e, "SELECT 1 FROM event "
	    "WHERE seq = :row");
	if (q == NULL)
		return -1;
	db_int(q, ":row", row);
	return db_first(q, &n, e);
}

static int
make_anew(struct build *b, const char *dir, const char *path, struct err *e)
{
	struct buf tmp = BUF_INIT;
	int r;

	buf_addf(&tmp, "%s.new", path);
	unlink(tmp.p);		/* of one that was killed: we hold the lock */
	memset(&b->mark, 0, sizeof b->mark);
	b->fresh = true;
	b->over = false;
	b->added = b->amended = 0;
	sum_release(&b->sum);
	sum_init(&b->sum);
	r = graph_file_make(&b->file, tmp.p, e);
	if (r == 0) {
		r = fill(b, e);
		graph_file_close(&b->file);
	}
	if (r == 0)
		r = proposals_purge(&b->kept, has_text, b, e);
	if (r == 0)
		r = sync_file(tmp.p, e);
	if (r == 0)
		r = leave_journal(path, e);
	if (r == 0 && rename(tmp.p, path) != 0)
		r = err_sys(e, "cannot rename '%s'", tmp.p);
	if (r == 0)
		r = file_sync_dir(dir, e);
	if (r < 0)
		unlink(tmp.p);
	buf_release(&tmp);
	return r;
}

static int
update(struct build *b, const char *dir, struct graph_built *out,
    struct err *e)
{
	char *path = graph_path(b->st, b->how->records);
	struct stat s;
	int r = b->how->rebuild ? 0 : graph_file_open(&b->file, path, true, e);

	if (r == 1) {
		b->mark = b->file.mark;
		r = fill(b, e);
		graph_file_close(&b->file);
		if (r < 0 && (e->code == ERR_CORRUPT || e->code == ERR_INDEX))
			r = 1;
		r = r == 0 ? 2 : r == 1 ? 0 : -1;
	}
	if (r == 0) {
		out->anew = true;
		r = make_anew(b, dir, path, e);
	}
	out->added = b->added;
	out->docs = b->mark.docs;
	if (r >= 0 && stat(path, &s) == 0)
		out->bytes = (int64_t)s.st_size;
	free(path);
	return r < 0 ? -1 : 0;
}

static int
begin(struct build *b, struct store *st, struct err *e)
{
	const struct language *l;

	memset(b, 0, sizeof *b);
	b->st = st;
	sum_init(&b->sum);
	if (language_configured(st, &l, e) < 0)
		return -1;
	b->text = text_new(l);
	return 0;
}

static void
end(struct build *b)
{
	proposals_close(&b->kept);
	sum_release(&b->sum);
	text_free(b->text);
}

/* One that holds the lock brings it up to date. */
static int
build_once(struct store *st, const struct graph_build_how *how,
    const char *dir, struct graph_built *out, struct err *e)
{
	struct lock lock = LOCK_INIT;
	struct buf path = BUF_INIT;
	struct build b;
	int r = begin(&b, st, e);

	b.how = how;
	file_join(&path, dir, "lock");
	if (r == 0 && (r = lock_take(&lock, path.p, how->wait_ms, e)) == 0) {
		if (how->unlearn)
			r = proposals_drop(dir, e);
		if (r == 0)
			r = proposals_open(&b.kept, dir, PROPOSALS_WRITE, e);
		if (r == 0)
			r = update(&b, dir, out, e);
	}
	lock_drop(&lock);
	end(&b);
	buf_release(&path);
	return r;
}

/* Who reads the graph meanwhile does not wait for a model. */
static int
ask(struct store *st, const struct graph_build_how *how, const char *dir,
    struct graph_built *out, struct err *e)
{
	const struct propose_run run = { how->records, how->progress,
	    how->arg };
	struct lock lock = LOCK_INIT;
	struct proposals p = { .db = NULL };
	struct buf path = BUF_INIT;
	int r;

	file_join(&path, dir, "asking");
	if ((r = lock_take(&lock, path.p, 0, e)) < 0 && e->code == ERR_BUSY) {
		out->model.trouble = *e;	/* another is at it */
		r = 0;
	} else if (r == 0 && (r = proposals_open(&p, dir, PROPOSALS_MAKE,
	    e)) == 0) {
		r = propose_ask_run(how->ask, st, &run, &p, &out->model, e);
		out->asked = true;
	}
	proposals_close(&p);
	lock_drop(&lock);
	buf_release(&path);
	return r;
}

int
graph_build(struct store *call, const struct graph_build_how *how,
    struct graph_built *out, struct err *e)
{
	struct graph_build_how then = *how;
	struct buf below = BUF_INIT;
	struct graph_built more = { 0 };
	struct inside in;
	char *dir;
	int r;

	memset(out, 0, sizeof *out);
	inside_own(&in, call);
	if (sealed_known(call))
		return err_set(e, ERR_DENIED, "the tenant is sealed, and a "
		    "graph would lie on the disk in clear: it is made in "
		    "memory by each call that shows it; leave out build");
	folder(&in.st, how->records, &below);
	dir = store_path(&in.st, below.p);
	if ((r = file_mkdirs(dir, 0700, e)) == 0)
		r = build_once(&in.st, how, dir, out, e);
	if (r == 0 && how->ask != NULL &&
	    (r = ask(&in.st, how, dir, out, e)) == 0) {
		then.rebuild = then.unlearn = false;
		r = build_once(&in.st, &then, dir, &more, e);
		out->anew = out->anew || more.anew;
		out->added += more.anew ? 0 : more.added;
		out->docs = more.docs;
		out->bytes = more.bytes;
	}
	free(dir);
	buf_release(&below);
	return r;
}

/* The newest row; of events: 1, if there is one of the user behind the mark. */
static int
newest(struct store *st, bool records, int64_t after, int64_t *row,
    struct err *e)
{
	struct db_query *q;

	*row = 0;
	q = records ? db_sql(st->db, e, "SELECT max(seq) FROM record") :
	    db_sql(st->db, e, "SELECT 1 FROM event WHERE seq > :row AND "
	    "+user = :user LIMIT 1");
	if (q != NULL && !records) {
		db_int(q, ":row", after);
		db_int(q, ":user", st->user_id);
	}
	return q == NULL || db_first(q, row, e) < 0 ? -1 : 0;
}

int
graph_open_fresh(struct store *call, bool records, struct graph_file *f,
    struct err *e)
{
	struct inside in;
	int64_t now, row;
	char *path;
	int r;

	inside_own(&in, call);
	path = graph_path(&in.st, records);
	r = graph_file_open(f, path, false, e);
	/* a tenant without knowledge bases needs no file */
	if (r == 0 && records && file_exists(path) == 0 && (r = newest(call,
	    true, 0, &row, e)) == 0)
		r = row == 0 ? 2 : 0;
	free(path);
	if (r != 1)
		return r;
	if (graves(call, records, &now, e) < 0 || newest(call, records,
	    f->mark.row, &row, e) < 0)
		r = -1;
	else
		r = now == f->mark.tombstone && (records ? row <= f->mark.row :
		    row == 0);
	if (r != 1)
		graph_file_close(f);
	return r;
}

/* --- in memory --------------------------------------------------------- */

/* What was proposed of a text goes with it, whoever may read that. */
static int
begin_memory(struct build *b, struct store *st, bool records, struct err *e)
{
	struct buf below = BUF_INIT;
	char *dir;
	int r = begin(b, st, e);

	if (r == 0 && !sealed_known(st)) {
		folder(st, records, &below);
		dir = store_path(st, below.p);
		r = proposals_open(&b->kept, dir, PROPOSALS_READ, e);
		free(dir);
		buf_release(&below);
	}
	return r;
}

int
graph_of_events(struct graph_file *f, struct store *st,
    struct event_iter *it, struct err *e)
{
	struct build b;
	int r = begin_memory(&b, st, false, e);

	if (r == 0 && (r = graph_file_make(&b.file, NULL, e)) == 0) {
		b.fresh = true;
		r = add_events(&b, it, e);
		if (r == 0)
			r = flush(&b, e);
		*f = b.file;
		if (r < 0)
			graph_file_close(f);
	}
	end(&b);
	return r;
}

int
graph_of_records(struct graph_file *f, struct store *st, int64_t at_ms,
    struct err *e)
{
	struct build b;
	int r = begin_memory(&b, st, true, e);

	if (r == 0 && (r = graph_file_make(&b.file, NULL, e)) == 0) {
		b.fresh = true;
		b.file.records = true;
		r = add_records(&b, 0, at_ms, e);
		if (r >= 0)
			r = flush(&b, e);
		*f = b.file;
		if (r < 0)
			graph_file_close(f);
	}
	end(&b);
	return r;
}
