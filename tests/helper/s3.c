/*
 * The client of S3 from the command line, for tests: credentials from the
 * environment or a file, never from here.
 *
 *	s3 [OPTION...] VERB [WORD...]
 *
 *	put KEY FILE [NAME=VALUE...]	get KEY FILE		head KEY
 *	list [PREFIX]			delete KEY...		delete-all KEY...
 *	upload KEY FILE			abort KEY ID		uploads PREFIX
 *	tags KEY			tag KEY [NAME=VALUE...]	url KEY
 *	make-bucket			there
 *	push FOLDER PREFIX		every file of a folder, several at once
 *	fill N BYTES PREFIX		as many objects of random bytes
 *
 * Results are lines on standard output; an error is one on standard error,
 * with its code: 1 usage, 2 input, 3 absent, 4 exists, 5 busy, ... (err.h).
 */
#include "base/alloc.h"
#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "net/s3.h"
#include "net/s3_upload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct s3_how how;
static struct strv regions = STRV_INIT, meta = STRV_INIT, tags = STRV_INIT;
static const char *class, *resume;
static bool once, keep, sure, verbose;
static int64_t from, len, part, page;
static const char *delimiter, *after;

static int
wrong(const char *what)
{
	fprintf(stderr, "s3: %s\n", what);
	exit(64);
}

static void
again(void *arg, const char *why, int wait_ms)
{
	(void)arg;
	if (verbose)
		fprintf(stderr, "again in %d ms: %s\n", wait_ms, why);
}

/* --- files ------------------------------------------------------------- */

static int
open_in(const char *path, struct s3_file *f, uint64_t *size, struct err *e)
{
	struct stat st;

	memset(f, 0, sizeof *f);
	f->name = path;
	if ((f->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 ||
	    fstat(f->fd, &st) < 0)
		return err_sys(e, "cannot open '%s'", path);
	*size = (uint64_t)st.st_size;
	return 0;
}

static int
into_file(void *arg, const void *p, size_t n, uint64_t at, struct err *e)
{
	int fd = *(int *)arg;
	ssize_t done;

	for (; n > 0; n -= (size_t)done, at += (uint64_t)done) {
		done = pwrite(fd, p, n, (off_t)at);
		if (done < 0)
			return err_sys(e, "cannot write");
		p = (const char *)p + done;
	}
	return 0;
}

static void
add_pair(struct strv *v, const char *pair)
{
	const char *eq = strchr(pair, '=');

	if (eq == NULL)
		wrong("NAME=VALUE is needed");
	strv_add_n(v, pair, (size_t)(eq - pair));
	strv_add(v, eq + 1);
}

static const char *const made[] = { "not made", "made", "there", "unsure" };

/* --- verbs ------------------------------------------------------------- */

static int
put(struct s3 *s, char **w, struct err *e)
{
	struct s3_put p = { .key = w[0], .meta = &meta, .tags = &tags,
	    .class = class, .once = once };
	struct s3_file f;
	uint64_t size;
	char **m;
	int r;

	for (m = w + 2; *m != NULL; m++)
		add_pair(&meta, *m);
	if (open_in(w[1], &f, &size, e) < 0)
		return -1;
	p.body = s3_from_file(&f, size);
	s3_put(s, &p);
	if ((r = s3_wait(s, &p.req, e)) == 0)
		printf("%s %s\n", p.etag, p.sum);
	printf("%s\n", made[p.made]);
	close(f.fd);
	return r;
}

static void
show(const struct s3_object *o)
{
	size_t i;

	printf("size %" PRIu64 "\netag %s\nsha256 %s\nclass %s\nsse %s\n",
	    o->size, o->etag, o->sha256, o->class, o->sse);
	for (i = 0; i + 1 < o->meta.n; i += 2)
		printf("meta %s=%s\n", o->meta.v[i], o->meta.v[i + 1]);
}

static int
get(struct s3 *s, char **w, struct err *e)
{
	struct s3_get g = { .key = w[0], .from = (uint64_t)from,
	    .len = (uint64_t)len, .sure = sure, .take = into_file };
	int fd = open(w[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), r;

	if (fd < 0)
		return err_sys(e, "cannot make '%s'", w[1]);
	g.arg = &fd;
	s3_get(s, &g);
	r = s3_wait(s, &g.req, e);
	if (r == 0)
		show(&g.object);
	s3_object_release(&g.object);
	close(fd);
	return r;
}

static int
head(struct s3 *s, char **w, struct err *e)
{
	struct s3_head h = { .key = w[0] };
	int r;

	s3_head(s, &h);
	if ((r = s3_wait(s, &h.req, e)) == 0)
		show(&h.object);
	s3_object_release(&h.object);
	return r;
}

static int
found(void *arg, const struct s3_entry *f, struct err *e)
{
	(void)arg;
	(void)e;
	if (f->upload_id != NULL)
		printf("%s ", f->upload_id);
	else if (f->folder)
		printf("folder ");
	else
		printf("%" PRIu64 " ", f->size);
	printf("%.*s%s%s\n", (int)f->nkey, f->key, f->why != NULL ? " # " : "",
	    f->why != NULL ? f->why : "");
	return 0;
}

static int
list(struct s3 *s, char **w, struct err *e)
{
	struct s3_list l = { .prefix = w[0], .found = found,
	    .after = after, .delimiter = delimiter, .page = (int)page };

	s3_list(s, &l);
	return s3_wait(s, &l.req, e);
}

static int
delete(struct s3 *s, char **w, struct err *e)
{
	struct s3_delete d = { .key = NULL };
	int r = 0;

	for (; *w != NULL && r == 0; w++) {
		d.key = *w;
		s3_delete(s, &d);
		r = s3_wait(s, &d.req, e);
	}
	return r;
}

static int
delete_all(struct s3 *s, char **w, struct err *e)
{
	struct strv keys = STRV_INIT;
	struct s3_delete_all d = { .keys = &keys };
	int r;

	for (; *w != NULL; w++)
		strv_add(&keys, *w);
	s3_delete_all(s, &d);
	r = s3_wait(s, &d.req, e);
	strv_release(&keys);
	return r;
}

static void
begun(void *arg, const char *id)
{
	(void)arg;
	printf("id %s\n", id);
	fflush(stdout);
}

static void
sent(void *arg, uint64_t bytes)
{
	(void)arg;
	printf("sent %" PRIu64 "\n", bytes);
	fflush(stdout);
}

static int
upload(struct s3 *s, char **w, struct err *e)
{
	struct s3_upload u = { .key = w[0], .part = (uint64_t)part,
	    .resume = resume, .begun = begun, .sent = sent, .keep = keep,
	    .class = class, .tags = &tags };
	struct s3_file f;
	uint64_t size;
	int r;

	if (open_in(w[1], &f, &size, e) < 0)
		return -1;
	u.body = s3_from_file(&f, size);
	if ((r = s3_upload(s, &u, e)) == 0)
		printf("%s %s\nparts %d\nkept %d\n", u.etag, u.sum, u.parts,
		    u.kept);
	close(f.fd);
	return r;
}

static int
abort_upload(struct s3 *s, char **w, struct err *e)
{
	return s3_upload_abort(s, w[0], w[1], e);
}

static int
uploads(struct s3 *s, char **w, struct err *e)
{
	return s3_uploads(s, w[0], found, NULL, e);
}

static int
show_tags(struct s3 *s, char **w, struct err *e)
{
	struct strv v = STRV_INIT;
	int r = s3_tags_get(s, w[0], &v, e);
	size_t i;

	for (i = 0; r == 0 && i + 1 < v.n; i += 2)
		printf("%s=%s\n", v.v[i], v.v[i + 1]);
	strv_release(&v);
	return r;
}

static int
tag(struct s3 *s, char **w, struct err *e)
{
	const char *key = *w;

	for (w++; *w != NULL; w++)
		add_pair(&tags, *w);
	return s3_tags_put(s, key, &tags, e);
}

static int
url(struct s3 *s, char **w, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = s3_presign(s, w[0], 600, &b, e);

	if (r == 0)
		puts(b.p);
	buf_release(&b);
	return r;
}

static int
make_bucket(struct s3 *s, char **w, struct err *e)
{
	(void)w;
	return s3_bucket_make(s, e);
}

static int
there(struct s3 *s, char **w, struct err *e)
{
	int r = s3_bucket_there(s, e);

	(void)w;
	if (r >= 0)
		puts(r ? "yes" : "no");
	return r < 0 ? -1 : 0;
}

/* --- many at once ------------------------------------------------------ */

#define SLOTS 32

struct slot {
	struct s3_put put;
	struct s3_file file;
	char *key, *room;
	bool busy;
};

static int bad;
static struct err bad_why;

static void
slot_done(struct s3_req *q)
{
	struct slot *x = q->user;

	if (q->r < 0) {
		bad++;
		bad_why = q->err;
	}
	if (x->file.fd >= 0)
		close(x->file.fd);
	free(x->key);
	x->key = NULL;
	x->busy = false;
}

static struct slot *
free_slot(struct s3 *s, struct slot *slots, struct err *e)
{
	int i;

	for (;;) {
		for (i = 0; i < SLOTS; i++)
			if (!slots[i].busy) {
				memset(&slots[i].put, 0, sizeof slots[i].put);
				slots[i].file.fd = -1;
				slots[i].put.req.user = &slots[i];
				slots[i].put.req.done = slot_done;
				slots[i].busy = true;
				return &slots[i];
			}
		if (s3_step(s, 1000, e) < 0)
			return NULL;
	}
}

static int
drain(struct s3 *s, struct err *e)
{
	int n;

	while ((n = s3_step(s, 1000, e)) > 0)
		;
	if (n == 0 && bad > 0) {
		*e = bad_why;
		return err_add(e, "%d failed", bad);
	}
	return n;
}

static int
push(struct s3 *s, char **w, struct err *e)
{
	struct slot slots[SLOTS] = { { .busy = false } }, *x;
	struct buf b = BUF_INIT;
	struct dirent *d;
	DIR *dir = opendir(w[0]);
	uint64_t size;
	int r = 0;

	if (dir == NULL)
		return err_sys(e, "cannot open '%s'", w[0]);
	while (r == 0 && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		if ((x = free_slot(s, slots, e)) == NULL) {
			r = -1;
			break;
		}
		buf_reset(&b);
		buf_addf(&b, "%s/%s", w[0], d->d_name);
		if ((r = open_in(b.p, &x->file, &size, e)) < 0)
			break;
		buf_reset(&b);
		buf_addf(&b, "%s%s", w[1], d->d_name);
		x->key = xstrdup(b.p);
		x->put.key = x->key;
		x->put.body = s3_from_file(&x->file, size);
		s3_put(s, &x->put);
	}
	closedir(dir);
	buf_release(&b);
	return r < 0 ? -1 : drain(s, e);
}

static int
fill(struct s3 *s, char **w, struct err *e)
{
	struct slot slots[SLOTS] = { { .busy = false } }, *x;
	struct buf b = BUF_INIT;
	int64_t n, bytes, i;
	int k;

	if (!str_int(w[0], 1, 10000000, &n) || !str_size(w[1], 1 << 30, &bytes))
		wrong("fill N BYTES PREFIX");
	for (i = 0; i < n; i++) {
		if ((x = free_slot(s, slots, e)) == NULL)
			return -1;
		if (x->room == NULL) {
			x->room = xmalloc((size_t)bytes + 1);
			random_bytes(x->room, (size_t)bytes, e);
		}
		memcpy(x->room, &i, (size_t)bytes < sizeof i ?
		    (size_t)bytes : sizeof i);
		buf_reset(&b);
		buf_addf(&b, "%s%06" PRId64, w[2], i);
		x->key = xstrdup(b.p);
		x->put.key = x->key;
		x->put.body = s3_from_mem(x->room, (size_t)bytes);
		s3_put(s, &x->put);
	}
	k = drain(s, e);
	for (i = 0; i < SLOTS; i++)
		free(slots[i].room);
	buf_release(&b);
	return k;
}

static const struct verb {
	const char *name;
	int least, most;
	int (*run)(struct s3 *, char **, struct err *);
} verbs[] = {
	{ "put", 2, 99, put }, { "get", 2, 2, get }, { "head", 1, 1, head },
	{ "list", 0, 1, list }, { "delete", 1, 9999, delete },
	{ "delete-all", 0, 9999, delete_all }, { "upload", 2, 2, upload },
	{ "abort", 2, 2, abort_upload }, { "uploads", 1, 1, uploads },
	{ "tags", 1, 1, show_tags }, { "tag", 1, 99, tag }, { "url", 1, 1, url },
	{ "make-bucket", 0, 0, make_bucket }, { "there", 0, 0, there },
	{ "push", 2, 2, push }, { "fill", 3, 3, fill },
	{ NULL, 0, 0, NULL }
};

/* --- options ----------------------------------------------------------- */

static const struct text_option {
	const char *name;
	const char **to;
} texts[] = {
	{ "--endpoint", &how.endpoint }, { "--bucket", &how.bucket },
	{ "--region", &how.region }, { "--preset", &how.preset },
	{ "--ca", &how.http.ca_file }, { "--cert", &how.http.cert_file },
	{ "--key", &how.http.key_file }, { "--proxy", &how.http.proxy },
	{ "--kms-key", &how.kms_key }, { "--cred-file", &how.cred.file },
	{ "--cred-command", &how.cred.command },
	{ "--profile", &how.cred.profile }, { "--class", &class },
	{ "--resume", &resume }, { "--delimiter", &delimiter },
	{ "--after", &after }, { NULL, NULL }
};

static const struct number_option {
	const char *name;
	int *to;
} numbers[] = {
	{ "--wait", &how.wait_ms }, { "--tries", &how.tries },
	{ "--at-once", &how.at_once }, { "--stall", &how.http.stall_ms },
	{ "--connect", &how.http.connect_ms }, { NULL, NULL }
};

static const struct size_option {
	const char *name;
	int64_t *to;
} sizes[] = {
	{ "--from", &from }, { "--len", &len }, { "--part", &part },
	{ "--page", &page }, { "--limit", &how.http.limit }, { NULL, NULL }
};

static bool
flag(const char *a)
{
	if (strcmp(a, "--once") == 0)
		once = true;
	else if (strcmp(a, "--keep") == 0)
		keep = true;
	else if (strcmp(a, "--sure") == 0)
		sure = true;
	else if (strcmp(a, "--insecure") == 0)
		how.insecure = true;
	else if (strcmp(a, "-v") == 0)
		verbose = true;
	else if (strcmp(a, "--host-style") == 0)
		how.style = S3_STYLE_HOST;
	else if (strcmp(a, "--path-style") == 0)
		how.style = S3_STYLE_PATH;
	else if (strcmp(a, "--sse") == 0)
		how.sse = S3_SSE_S3;
	else if (strcmp(a, "--kms") == 0)
		how.sse = S3_SSE_KMS;
	else
		return false;
	return true;
}

static bool
valued(const char *a, const char *v)
{
	int64_t n;
	int i;

	for (i = 0; texts[i].name != NULL; i++)
		if (strcmp(a, texts[i].name) == 0) {
			*texts[i].to = v;
			return true;
		}
	for (i = 0; numbers[i].name != NULL; i++)
		if (strcmp(a, numbers[i].name) == 0 &&
		    str_int(v, 0, INT32_MAX, &n)) {
			*numbers[i].to = (int)n;
			return true;
		}
	for (i = 0; sizes[i].name != NULL; i++)
		if (strcmp(a, sizes[i].name) == 0 &&
		    str_size(v, INT64_MAX, sizes[i].to))
			return true;
	if (strcmp(a, "--allow") == 0)
		strv_add(&regions, v);
	else if (strcmp(a, "--tag") == 0)
		add_pair(&tags, v);
	else
		return false;
	return true;
}

static void
usage(int64_t began)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	fprintf(stderr, "cpu %.3f s, wall %.3f s, memory %ld kB\n",
	    (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6,
	    (double)(date_monotonic() - began) / 1e3, u.ru_maxrss);
}

static int
run(int argc, char **argv, struct err *e)
{
	const struct verb *v;
	struct s3 *s = NULL;
	int i, r;

	for (i = 1; i < argc && argv[i][0] == '-'; i++)
		if (!flag(argv[i]) && (i + 1 == argc ||
		    !valued(argv[i], argv[i + 1])))
			wrong("an unknown option");
		else if (!flag(argv[i]))
			i++;
	if (i == argc)
		wrong("the verb is missing");
	for (v = verbs; v->name != NULL; v++)
		if (strcmp(argv[i], v->name) == 0)
			break;
	i++;
	if (v->name == NULL || argc - i < v->least || argc - i > v->most)
		wrong("an unknown verb, or too few words");
	how.regions = &regions;
	how.again = again;
	if ((r = s3_open(&s, &how, e)) == 0)
		r = v->run(s, argv + i, e);
	s3_free(s);
	return r;
}

int
main(int argc, char **argv)
{
	int64_t began = date_monotonic();
	struct err e = { 0 };
	int r;

	alloc_name = "s3";
	json_setup();
	r = run(argc, argv, &e);
	if (r < 0)
		fprintf(stderr, "s3: %s\n", e.msg);
	if (getenv("S3_USAGE") != NULL)
		usage(began);
	strv_release(&regions);
	strv_release(&meta);
	strv_release(&tags);
	return r < 0 ? (int)e.code : 0;
}
