/*
 * docs-read, a program of ours that is asked for one file after the other.
 * What it meets in foreign bytes may end it: then that file could not be read,
 * and the next one gets another process.
 */
#include "from/docs_work.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/coprocess.h"
#include "base/json.h"
#include "base/uri.h"
#include "docs/document_id.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "docs-read"
#define LINE_MAX_BYTES ((size_t)64 << 20)
#define SEND_MS 10000
#define DEATHS_MAX 16		/* by members of one file */

/* --- starting ---------------------------------------------------------- */

static void
put_options(struct buf *b, const struct from_docs_opts *o)
{
	const struct docs_limits *l = &o->limits;
	const struct docs_filter *f;
	size_t i;

	buf_adds(b, "{\"type\":\"options\"");
	json_add_int(b, "max_bytes", l->bytes);
	json_add_int(b, "max_total", l->total);
	json_add_int(b, "max_ratio", l->ratio);
	json_add_int(b, "max_entries", l->entries);
	json_add_int(b, "max_depth", l->nest);
	json_add_int(b, "max_part", l->part);
	json_add_int(b, "words_min", o->words_min);
	json_add_int(b, "words_max", o->words_max);
	json_add_int(b, "memory", o->memory);
	json_add_int(b, "cpu_s", o->cpu_s);
	json_add_int(b, "filter_ms", o->filters.time_ms);
	json_add_int(b, "filter_memory", o->filters.memory);
	json_add_int(b, "filter_bytes", o->filters.output);
	json_add_text(b, "encoding", o->encoding);
	if (o->hidden)
		buf_adds(b, ",\"hidden\":true");
	buf_adds(b, ",\"filters\":[");
	for (i = 0; i < o->filters.n; i++) {
		f = &o->filters.v[i];
		buf_adds(b, i > 0 ? ",{\"key\":" : "{\"key\":");
		json_quote(b, f->key, strlen(f->key));
		json_add_text(b, "command", f->command);
		json_add_text(b, "as", f->as);
		buf_addc(b, '}');
	}
	buf_adds(b, "]}");
}

/* fd is inherited, -1: none. */
static int
start(struct from_docs *d, int fd, struct err *e)
{
	struct buf path = BUF_INIT, line = BUF_INIT;
	char *argv[2] = { NULL, NULL };
	int r, own = -1;

	/* not one of those that the child gets anew */
	if (fd >= 0 && (own = fcntl(fd, F_DUPFD_CLOEXEC, CHILD_KEPT + 1)) < 0)
		return err_sys(e, "cannot hand on standard input");
	coprocess_path(PROGRAM, &path);
	argv[0] = path.p;
	r = child_start_with(&d->child, PROGRAM, argv, own, e);
	if (own >= 0)
		close(own);
	if (r == 0) {
		put_options(&line, d->o);
		r = child_send(d->child, line.p, line.len, SEND_MS, e);
	}
	buf_release(&path);
	buf_release(&line);
	return r;
}

/* --- the question ------------------------------------------------------ */

/* What of RFC 3986 stands for itself in a path. */
void
docs_put_url(struct buf *b, const char *path)
{
	buf_adds(b, "file://");
	uri_escape(b, path, strlen(path), URI_PLAIN "/!$&'()*+,;=:@");
}

/* after: the place of the member that ended who was asked before, or NULL. */
static void
put_question(struct buf *b, const struct docs_file *file, const json_t *after)
{
	struct buf url = BUF_INIT;
	const unsigned char *p = (const unsigned char *)file->path;

	buf_adds(b, "{\"type\":\"read\"");
	json_add_text(b, "name", file->name);
	if (file->path == NULL) {
		json_add_int(b, "fd", CHILD_KEPT);
		buf_adds(&url, "-");
	} else {
		/* it need not be UTF-8 */
		buf_adds(b, ",\"path\":\"");
		for (; *p != '\0'; p++)
			buf_addf(b, "%02x", *p);
		buf_addc(b, '"');
		docs_put_url(&url, file->path);
	}
	json_add_text(b, "source", url.p);
	if (file->path != NULL)
		json_add_int(b, "mtime",
		    (int64_t)file->st.st_mtim.tv_sec * 1000 +
		    file->st.st_mtim.tv_nsec / 1000000);
	if (after != NULL) {
		buf_adds(b, ",\"after\":");
		json_write(b, after);
	}
	buf_addc(b, '}');
	buf_release(&url);
}

/* --- the answer -------------------------------------------------------- */

struct answer {
	struct from_docs *d;
	char *hash;
	const char *name;	/* borrowed; of the file */
	bool done;
	/* the members of archives that it is in, the innermost last */
	struct strv member;	/* own; paths */
	json_t *at;		/* own; place of the last one, or NULL */
	int deaths;		/* of docs-read, by members */
};

static int
wrong(struct err *e)
{
	return err_set(e, ERR_INPUT, "'%s' is of another version of memkit; "
	    "install both anew", PROGRAM);
}

/* Of this file, or a member of it: whoever got hold of docs-read by its bytes
 * can say nothing of another, nor to another knowledge base. */
static bool
is_ours(const struct answer *a, const json_t *o)
{
	const char *id = get_str(o, "document_id", NULL);
	const char *path = get_str(o, "path", NULL);
	size_t n = strlen(a->name);
	char want[DOCS_ID_MAX + 1];

	if (id == NULL || path == NULL || json_object_get(o, "kb") != NULL ||
	    strncmp(path, a->name, n) != 0 ||
	    (path[n] != '\0' && path[n] != '/'))
		return false;
	docs_id_of(want, path);
	return strcmp(id, want) == 0;
}

/* With what it cannot know: near may be NULL, and there may be no knowledge
 * base that was named. */
static int
print(struct answer *a, const char *p, size_t n, const char *near,
    struct err *e)
{
	struct from_docs *d = a->d;

	if (near == NULL && d->o->kb == NULL)
		return from_emit_text(d->f, p, n, e);
	buf_reset(&d->line);
	buf_add(&d->line, p, n - 1);	/* but the brace */
	json_add_text(&d->line, "near", near);
	json_add_text(&d->line, "kb", d->o->kb);
	buf_addc(&d->line, '}');
	return from_emit_text(d->f, d->line.p, d->line.len, e);
}

static int
print_chunk(void *arg, const char *p, size_t n, struct err *e)
{
	return print(arg, p, n, NULL, e);
}

static int
take_document(struct answer *a, const json_t *o, const char *p, size_t n,
    struct err *e)
{
	struct from *f = a->d->f;
	const char *id = get_str(o, "document_id", NULL), *near;

	if (docs_held_each(&a->d->chunks, id, print_chunk, a, e) < 0)
		return -1;
	docs_held_forget(&a->d->chunks);
	near = docs_met(a->d, id, get_str(o, "minhash", NULL));
	if (near != NULL) {
		from_note(f, "document that says nearly what another one says");
		from_say(f, true, "%s says nearly what %s says", id, near);
	}
	f->counts.total++;
	f->counts.valid++;
	return print(a, p, n, near, e);
}

/* It begins (with its path), or ends: then we are in what it lies in. */
static int
take_member(struct answer *a, const json_t *o, struct err *e)
{
	json_t *at = json_object_get(o, "at");
	const char *path = get_str(o, "path", NULL);
	size_t n = json_array_size(at), want = a->member.n + (path != NULL);

	if (n == 0 || n != want)
		return wrong(e);
	docs_held_forget(&a->d->chunks);
	json_decref(a->at);
	a->at = json_copy(at);
	if (path != NULL)
		strv_add(&a->member, path);
	else {
		json_array_remove(a->at, n - 1);
		free(a->member.v[--a->member.n]);
	}
	return 0;
}

/* Named for people, counted by what it is. */
static void
take_unread(struct answer *a, const json_t *o)
{
	struct from *f = a->d->f;
	const char *path = get_str(o, "path", NULL);
	const char *why = get_str(o, "reason", NULL);
	const char *kind = get_str(o, "kind", NULL);
	bool left = json_is_true(json_object_get(o, "left_out"));

	if (path == NULL || why == NULL)
		return;
	from_say(f, left, "%s: %s", path, why);
	if (kind == NULL)
		kind = why;
	if (left)
		from_drop(f, kind);
	else {
		a->d->part = true;
		from_skip(f, kind);
	}
}

static int
take(struct answer *a, const char *p, size_t n, struct err *e)
{
	const char *type, *hash;
	json_t *o;
	int r = 0;

	if ((o = json_read(p, n, e)) == NULL)
		return wrong(e);
	type = get_str(o, "type", NULL);
	if (str_eq(type, "chunk") && is_ours(a, o) && p[n - 1] == '}')
		r = docs_held_add(&a->d->chunks, get_str(o, "document_id",
		    NULL), p, n, e);
	else if (str_eq(type, "document") && is_ours(a, o) &&
	    p[n - 1] == '}')
		r = take_document(a, o, p, n, e);
	else if (str_eq(type, "member"))
		r = take_member(a, o, e);
	else if (str_eq(type, "unread"))
		take_unread(a, o);
	else if (str_eq(type, "done")) {
		a->done = true;
		hash = get_str(o, "hash", NULL);
		if (hash != NULL && strlen(hash) == HASH_HEX)
			memcpy(a->hash, hash, HASH_HEX + 1);
	} else
		r = wrong(e);
	json_decref(o);
	return r;
}

static int
read_answer(struct answer *a, int wait_ms, struct err *e)
{
	char *p;
	size_t n;

	while (!a->done) {
		if (child_line(a->d->child, wait_ms, LINE_MAX_BYTES, &p, &n,
		    e) < 0)
			return -1;
		if (take(a, p, n, e) < 0)
			return -1;
	}
	return 0;
}

static void
end_child(struct from_docs *d)
{
	child_free(d->child);
	d->child = NULL;
}

/* It died of this file, or hung; of a member of an archive: what comes after
 * that can be asked for.  Tells whether it is to be. */
static bool
lost(struct answer *a, const struct err *bad)
{
	struct from_docs *d = a->d;
	bool again = a->member.n > 0 && ++a->deaths < DEATHS_MAX;

	from_say(d->f, false, "%s: unreadable: %s", a->member.n > 0 ?
	    a->member.v[a->member.n - 1] : a->name, bad->msg);
	if (a->member.n > 0 && !again)
		from_say(d->f, false, "%s: what comes after that is not read: "
		    "it has ended '%s' %d times", a->name, PROGRAM,
		    a->deaths);
	from_skip(d->f, "unreadable");
	d->part = true;
	docs_held_forget(&d->chunks);
	end_child(d);
	return again;
}

/* 1 it is told, 0 not: the child is gone, -1. */
static int
ask_once(struct answer *a, const struct docs_file *file, int wait_ms,
    struct err *bad, struct err *e)
{
	struct from_docs *d = a->d;
	struct buf line = BUF_INIT;
	int r;

	if (d->child == NULL &&
	    start(d, file->path == NULL ? file->fd : -1, e) < 0)
		return -1;
	put_question(&line, file, a->at);
	strv_release(&a->member);
	r = child_send(d->child, line.p, line.len, SEND_MS, bad);
	if (r == 0)
		r = read_answer(a, wait_ms, bad);
	buf_release(&line);
	if (r == 0)
		return 1;
	if (bad->code != ERR_SYS && bad->code != ERR_BUSY)
		return 0;
	*e = *bad;
	return -1;
}

int
docs_ask(struct from_docs *d, const struct docs_file *file,
    char hash[HASH_HEX + 1], struct err *e)
{
	struct answer a = { .d = d, .hash = hash, .name = file->name,
	    .member = STRV_INIT };
	struct err bad = { 0 };
	int64_t wait = (d->o->cpu_s * 2 + 60) * 1000 + d->o->filters.time_ms;
	int r;

	*hash = '\0';
	docs_held_forget(&d->chunks);
	if (file->path == NULL) {
		/* one of its own, that has the descriptor */
		end_child(d);
		wait = INT32_MAX;
	}
	do
		r = ask_once(&a, file, wait < INT32_MAX ? (int)wait :
		    INT32_MAX, &bad, e);
	while (r == 0 && lost(&a, &bad) && file->path != NULL);
	if (file->path == NULL)
		end_child(d);
	strv_release(&a.member);
	json_decref(a.at);
	return r < 0 ? -1 : 0;
}
