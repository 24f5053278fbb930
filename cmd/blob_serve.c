#include "cmd/blob_serve.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/file.h"
#include "base/json.h"
#include "base/opt.h"
#include "base/str.h"
#include "blob/blob_line.h"
#include "blob/blob_redact.h"
#include "cmd/orphan.h"
#include "cmd/serve.h"
#include "store/store.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FLUSH ((size_t)64 << 10)

static struct {
	const char *store, *tenant, *get, *list, *said, *sha256;
	int64_t from, length, size;
} o = { .size = -1 };

static const struct opt opts[] = {
	OPT_STR(0, "store", &o.store, "dir", "the store, for its settings",
	    OPT_C_DIR),
	OPT_STR(0, "tenant", &o.tenant, "name", "the tenant", OPT_C_TENANT),
	OPT_STR(0, "get", &o.get, "key", "print this object", OPT_C_NONE),
	OPT_INT(0, "from", &o.from, "n", "from its byte <n> on"),
	OPT_INT(0, "length", &o.length, "n", "so many (default: all)"),
	OPT_STR(0, "said", &o.said, "json", "what was said of it",
	    OPT_C_NONE),
	OPT_STR(0, "sha256", &o.sha256, "hex", "what all of it must be",
	    OPT_C_NONE),
	OPT_INT(0, "size", &o.size, "n", "and how many bytes"),
	OPT_STR(0, "list", &o.list, "prefix", "print keys that begin so",
	    OPT_C_NONE),
	OPT_HELP('h', "help", "print this help"),
	OPT_VERSION(0, "version", "print the version"),
	OPT_END
};

static struct {
	const struct blob_server *server;
	struct store *st;
	void *self;		/* of the server; NULL: not open */
	struct buf out;
} run;

/* --- messages ---------------------------------------------------------- */

static void
hide(char *text)
{
	if (run.self != NULL && run.server->hide != NULL)
		run.server->hide(run.self, text);
	blob_redact(text);
}

/* --- settings ---------------------------------------------------------- */

static int
ready(struct err *e)
{
	if (run.self != NULL)
		return 0;
	if (run.st == NULL && store_open_settings(&run.st, o.store, o.tenant,
	    e) < 0)
		return -1;
	if (store_obeys(run.st, run.server->setting, e) < 0)
		return -1;
	return run.server->open(&run.self, run.st, e);
}

/* --- bytes that are to be put ------------------------------------------ */

static int
check_bytes(const struct blob *b, struct err *e)
{
	uint8_t sum[HASH_LEN];

	if (b->mem == NULL)
		return 0;
	hash_mem(b->mem, (size_t)b->size, sum);
	if (hash_same(sum, b->sha256, HASH_LEN))
		return 0;
	return err_set(e, ERR_INPUT, "the bytes are not those of their "
	    "'sha256'");
}

/* --- questions --------------------------------------------------------- */

static int
reply(struct blob_question *q, struct err *e)
{
	const struct blob_kind *kind = run.server->kind;
	size_t i;

	if (ready(e) < 0)
		return -1;
	for (i = 0; i < q->n; i++)
		if (q->ask == BLOB_PUT && check_bytes(&q->objects[i], e) < 0)
			return -1;
	switch (q->ask) {
	case BLOB_PUT:
		return kind->put(run.self, q->objects, q->n, e);
	case BLOB_HEAD:
		return kind->head(run.self, q->objects, q->n, e);
	case BLOB_DROP:
		return kind->drop(run.self, q->objects, q->n, e);
	case BLOB_CHECK:
		break;
	}
	return 0;
}

static int
question(void *arg, struct jsonl *in, const char *p, size_t len,
    struct err *e)
{
	struct blob_question q;
	struct err bad;
	size_t i;
	int r;

	(void)arg;
	(void)in;
	r = blob_line_question(&q, p, len, &bad);
	if (r == 0)
		r = reply(&q, &bad);
	buf_reset(&run.out);
	if (r < 0) {
		hide(bad.msg);
		blob_line_fail(&run.out, q.id, &bad);
	} else {
		for (i = 0; i < q.n; i++)
			if (q.objects[i].r < 0)
				hide(q.objects[i].err.msg);
		blob_line_tell(&run.out, &q);
	}
	blob_question_release(&q);
	return serve_answer(&run.out, e);
}

/* --- what is printed --------------------------------------------------- */

static int
print(void *arg, const void *p, size_t n, struct err *e)
{
	(void)arg;
	return file_write(1, p, n, "standard output", e);
}

static int
get(struct err *e)
{
	struct blob b = { .key = o.get };
	int r = 0;

	if (!blob_key_right(o.get))
		return err_set(e, ERR_USAGE, "--get: it is no key");
	if (o.sha256 != NULL && o.size >= 0 && strlen(o.sha256) == HASH_HEX &&
	    hex_is(o.sha256, HASH_HEX)) {
		hex_decode(b.sha256, o.sha256, HASH_LEN);
		b.size = (uint64_t)o.size;
		b.has_sum = true;
	} else if (o.sha256 != NULL || o.size >= 0) {
		return err_set(e, ERR_USAGE, "--sha256 and --size: 64 "
		    "hexadecimal digits and a number, or neither");
	}
	if (o.said != NULL && (b.said = blob_said_read(o.said,
	    strlen(o.said), e)) == NULL)
		r = -1;
	if (r == 0 && (r = ready(e)) == 0)
		r = run.server->kind->get(run.self, &b, (uint64_t)o.from,
		    (uint64_t)o.length, print, NULL, e);
	json_decref(b.said);
	return r;
}

static int
flush(struct err *e)
{
	int r = serve_answer(&run.out, e);

	buf_reset(&run.out);
	return r;
}

static int
found(void *arg, const char *key, uint64_t size, int64_t time_ms,
    struct err *e)
{
	(void)arg;
	if (blob_key_right(key))
		blob_line_list(&run.out, key, size, time_ms);
	return run.out.len < FLUSH ? 0 : flush(e);
}

static int
list(struct err *e)
{
	if (ready(e) < 0)
		return -1;
	if (run.server->kind->list == NULL)
		return err_set(e, ERR_USAGE, "it cannot list");
	return run.server->kind->list(run.self, o.list, found, NULL, e) < 0 ?
	    -1 : flush(e);
}

/* --- the program ------------------------------------------------------- */

static int
run_all(struct err *e)
{
	if (o.get != NULL && o.list != NULL)
		return err_set(e, ERR_USAGE, "--get or --list");
	orphan_watch();
	return o.get != NULL ? get(e) : o.list != NULL ? list(e) :
	    serve_questions(BLOB_LINE, &orphan, question, NULL, e);
}

static int
fail(const struct err *e)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s: %s: %s", run.server->name, blob_code_name(e->code),
	    e->msg);
	serve_say(&b);
	return serve_status(e->code);
}

int
blob_serve(const struct blob_server *server, int argc, char **argv)
{
	const struct opt_tool tool = { .name = server->name,
	    .args = "--store dir", .about = server->about, .opts = opts };
	const struct opt_verb *verb;
	struct err e = { 0 };
	int r, status;

	/* what keeps rows locked is not for programs that we run */
	for (r = CHILD_KEPT; r <= CHILD_KEPT + 1; r++)
		fcntl(r, F_SETFD, FD_CLOEXEC);
	run.server = server;
	buf_init(&run.out);
	alloc_name = server->name;
	serve_hide = hide;
	json_setup();
	if ((r = serve_start(&tool, &verb, &argc, argv, &e)) == 0)
		r = run_all(&e);
	status = r < 0 ? fail(&e) : 0;
	if (run.self != NULL)
		server->kind->close(run.self);
	store_close(run.st);
	buf_release(&run.out);
	return status;
}
