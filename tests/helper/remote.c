/*
 * A remote from the command line, for tests: that of the store's
 * configuration (MEM_STORE).
 *
 *	remote NAME VERB [WORD...]
 *
 *	put KEY FILE [META=VALUE...]	new KEY FILE	(once)
 *	large KEY FILE [ID]		prints the id, which goes on with it
 *	get KEY FILE [SHA256]		part KEY FILE FROM LEN
 *	verify KEY [SHA256]		head KEY
 *	list [PREFIX [AFTER]]		delete KEY...
 *	sweep PREFIX AGE_MS		open
 *	push FOLDER PREFIX		every file of a folder, many at once
 *	race WHO N PREFIX		N keys once, each with WHO in it
 *	show PREFIX			keys with what is in them
 *
 * An error is a line on standard error, and its code (err.h) the status.
 */
#include "base/alloc.h"
#include "base/json.h"
#include "store/store.h"
#include "sync/remote.h"
#include "unnoted.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOTS 64

static const char *const made[] = { "not made", "made", "there", "unsure" };

static int
open_body(const char *path, struct remote_body *b, struct err *e)
{
	struct stat st;

	memset(b, 0, sizeof *b);
	b->name = path;
	b->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (b->fd < 0 || fstat(b->fd, &st) < 0)
		return err_sys(e, "cannot open '%s'", path);
	b->len = (uint64_t)st.st_size;
	return 0;
}

static const uint8_t *
sum_of(const char *hex, uint8_t sum[HASH_LEN])
{
	if (hex == NULL)
		return NULL;
	if (strlen(hex) != HASH_HEX || !hex_decode(sum, hex, HASH_LEN))
		exit(64);
	return sum;
}

/* --- verbs ------------------------------------------------------------- */

static int
put_file(struct remote *r, char **w, bool once, struct err *e)
{
	struct strv meta = STRV_INIT;
	struct remote_put p = { .key = w[0], .once = once, .meta = &meta };
	const char *eq;
	char **m;
	int ret;

	for (m = w + 2; *m != NULL && (eq = strchr(*m, '=')) != NULL; m++) {
		strv_add_n(&meta, *m, (size_t)(eq - *m));
		strv_add(&meta, eq + 1);
	}
	if (open_body(w[1], &p.body, e) < 0)
		return -1;
	remote_put(r, &p);
	ret = remote_wait(r, &p.op, e);
	puts(made[p.made]);
	close(p.body.fd);
	strv_release(&meta);
	return ret;
}

static int
put(struct remote *r, char **w, struct err *e)
{
	return put_file(r, w, false, e);
}

static int
new(struct remote *r, char **w, struct err *e)
{
	return put_file(r, w, true, e);
}

static void
begun(struct remote_put *p, const char *id)
{
	(void)p;
	printf("id %s\n", id);
	fflush(stdout);
}

static int
large(struct remote *r, char **w, struct err *e)
{
	struct remote_put p = { .key = w[0], .resume = w[2], .begun = begun };
	int ret;

	if (open_body(w[1], &p.body, e) < 0)
		return -1;
	remote_put(r, &p);
	ret = remote_wait(r, &p.op, e);
	puts(made[p.made]);
	close(p.body.fd);
	return ret;
}

static int
get_to(struct remote *r, struct remote_get *g, const char *path,
    struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), ret;

	if (fd < 0)
		return err_sys(e, "cannot make '%s'", path);
	g->take = remote_into_fd;
	g->arg = &fd;
	remote_get(r, g);
	if ((ret = remote_wait(r, &g->op, e)) == 0)
		printf("size %" PRIu64 "\n", g->size);
	close(fd);
	return ret;
}

static int
get(struct remote *r, char **w, struct err *e)
{
	uint8_t sum[HASH_LEN];
	struct remote_get g = { .key = w[0] };

	g.sha256 = sum_of(w[2], sum);
	return get_to(r, &g, w[1], e);
}

static int
part(struct remote *r, char **w, struct err *e)
{
	struct remote_get g = { .key = w[0] };

	g.from = strtoull(w[2], NULL, 10);
	g.len = strtoull(w[3], NULL, 10);
	return get_to(r, &g, w[1], e);
}

static int
verify(struct remote *r, char **w, struct err *e)
{
	uint8_t sum[HASH_LEN];
	struct remote_get g = { .key = w[0] };

	g.sha256 = sum_of(w[1], sum);
	remote_get(r, &g);
	return remote_wait(r, &g.op, e);
}

static int
head(struct remote *r, char **w, struct err *e)
{
	struct remote_head h = { .key = w[0] };
	size_t i;
	int ret;

	remote_head(r, &h);
	if ((ret = remote_wait(r, &h.op, e)) == 0)
		printf("size %" PRIu64 "\nmodified %" PRId64 "\nsha256 %s\n"
		    "class %s\n", h.size, h.modified_ms, h.sha256, h.class);
	for (i = 0; i + 1 < h.meta.n; i += 2)
		printf("meta %s=%s\n", h.meta.v[i], h.meta.v[i + 1]);
	strv_release(&h.meta);
	return ret;
}

static int
found(void *arg, const struct remote_entry *x, struct err *e)
{
	(void)arg;
	(void)e;
	printf("%" PRIu64 " %s%s%s\n", x->size, x->key, x->why != NULL ?
	    " # " : "", x->why != NULL ? x->why : "");
	return 0;
}

static int
list(struct remote *r, char **w, struct err *e)
{
	struct remote_list l = { .prefix = w[0] != NULL ? w[0] : "",
	    .after = w[0] != NULL ? w[1] : NULL, .found = found };

	remote_list(r, &l);
	return remote_wait(r, &l.op, e);
}

static int
delete(struct remote *r, char **w, struct err *e)
{
	struct strv keys = STRV_INIT;
	struct remote_delete d = { .keys = &keys };
	int ret;

	for (; *w != NULL; w++)
		strv_add(&keys, *w);
	remote_delete(r, &d);
	ret = remote_wait(r, &d.op, e);
	strv_release(&keys);
	return ret;
}

static int
sweep(struct remote *r, char **w, struct err *e)
{
	uint64_t n;
	int ret = remote_sweep(r, w[0], strtoll(w[1], NULL, 10), &n, e);

	if (ret == 0)
		printf("%" PRIu64 "\n", n);
	return ret;
}

static int
open_only(struct remote *r, char **w, struct err *e)
{
	(void)w;
	(void)e;
	puts(remote_can(r)->kind);
	return 0;
}

/* --- many -------------------------------------------------------------- */

struct slot {
	struct remote_put put;
	char *key, *text;
	bool told;
};

static struct err bad_why;
static int bad;

static void
slot_done(struct remote_op *op)
{
	struct slot *x = op->user;

	if (op->r < 0 && !x->told) {
		bad++;
		bad_why = op->err;
	}
	if (x->told)
		printf("%s %s\n", made[x->put.made], x->key);
	if (x->put.body.mem == NULL)
		close(x->put.body.fd);
	free(x->key);
	free(x->text);
	memset(x, 0, sizeof *x);
}

static struct slot *
free_slot(struct remote *r, struct slot *slots, struct err *e)
{
	int i, most = 2 * remote_can(r)->at_once;

	for (;;) {
		for (i = 0; i < most && i < SLOTS; i++)
			if (slots[i].key == NULL) {
				slots[i].put.op.done = slot_done;
				slots[i].put.op.user = &slots[i];
				return &slots[i];
			}
		if (remote_step(r, 1000, e) < 0)
			return NULL;
	}
}

static int
drain(struct remote *r, struct err *e)
{
	int n;

	while ((n = remote_step(r, 1000, e)) > 0)
		;
	if (n == 0 && bad > 0) {
		*e = bad_why;
		return err_add(e, "%d failed", bad);
	}
	return n;
}

static char *
join(const char *a, const char *b)
{
	struct buf s = BUF_INIT;

	buf_adds(&s, a);
	buf_adds(&s, b);
	return buf_steal(&s);
}

static int
push(struct remote *r, char **w, struct err *e)
{
	static struct slot slots[SLOTS];
	DIR *d = opendir(w[0]);
	struct dirent *de;
	struct slot *x;
	char *folder = join(w[0], "/"), *path;
	int ret = d == NULL ? err_sys(e, "cannot open '%s'", w[0]) : 0;

	while (ret == 0 && (de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		if ((x = free_slot(r, slots, e)) == NULL) {
			ret = -1;
			break;
		}
		path = join(folder, de->d_name);
		x->key = join(w[1], de->d_name);
		x->put.key = x->key;
		if ((ret = open_body(path, &x->put.body, e)) == 0)
			remote_put(r, &x->put);
		free(path);
	}
	if (d != NULL)
		closedir(d);
	free(folder);
	return ret < 0 ? -1 : drain(r, e);
}

static int
race(struct remote *r, char **w, struct err *e)
{
	static struct slot slots[SLOTS];
	struct buf b = BUF_INIT;
	int i, n = atoi(w[1]);
	struct slot *x;

	for (i = 0; i < n; i++) {
		if ((x = free_slot(r, slots, e)) == NULL)
			return -1;
		buf_reset(&b);
		buf_addf(&b, "%s%06d", w[2], i);
		x->key = xstrdup(b.p);
		x->text = xstrdup(w[0]);
		x->told = true;
		x->put.key = x->key;
		x->put.body.mem = x->text;
		x->put.body.len = strlen(x->text);
		x->put.once = true;
		remote_put(r, &x->put);
	}
	buf_release(&b);
	return drain(r, e);
}

static int
note(void *arg, const struct remote_entry *x, struct err *e)
{
	(void)e;
	strv_add(arg, x->key);
	return 0;
}

static int
show(struct remote *r, char **w, struct err *e)
{
	struct strv keys = STRV_INIT;
	struct remote_list l = { .prefix = w[0], .found = note, .arg = &keys };
	struct buf b = BUF_INIT;
	struct remote_room room = { &b, 1000 };
	size_t i;
	int ret;

	remote_list(r, &l);
	ret = remote_wait(r, &l.op, e);
	for (i = 0; ret == 0 && i < keys.n; i++) {
		struct remote_get g = { .key = keys.v[i],
		    .take = remote_into_buf, .arg = &room };

		buf_reset(&b);
		remote_get(r, &g);
		if ((ret = remote_wait(r, &g.op, e)) == 0)
			printf("%s %s\n", keys.v[i], b.p);
	}
	strv_release(&keys);
	buf_release(&b);
	return ret;
}

static const struct verb {
	const char *name;
	int least, most;
	int (*run)(struct remote *, char **, struct err *);
} verbs[] = {
	{ "put", 2, 9, put }, { "new", 2, 9, new }, { "large", 2, 3, large },
	{ "get", 2, 3, get },
	{ "part", 4, 4, part }, { "verify", 1, 2, verify },
	{ "head", 1, 1, head }, { "list", 0, 2, list },
	{ "delete", 0, 99999, delete }, { "sweep", 2, 2, sweep },
	{ "push", 2, 2, push }, { "race", 3, 3, race },
	{ "show", 1, 1, show },
	{ "open", 0, 0, open_only }, { NULL, 0, 0, NULL }
};

static int
run(int argc, char **argv, struct err *e)
{
	struct store_where where = { .dir = NULL };
	const struct verb *v;
	struct store *st = NULL;
	struct remote *r = NULL;
	int ret;

	for (v = verbs; v->name != NULL; v++)
		if (strcmp(argv[2], v->name) == 0)
			break;
	if (v->name == NULL || argc - 3 < v->least || argc - 3 > v->most)
		exit(64);
	if ((ret = store_open(&st, &where, STORE_READ, e)) == 0 &&
	    (ret = remote_open(&r, st, argv[1], NULL, e)) == 0) {
		remote_only(r, NULL);
		ret = v->run(r, argv + 3, e);
	}
	remote_close(r);
	close_unnoted(st);
	return ret;
}

int
main(int argc, char **argv)
{
	struct err e = { 0 };
	int ret;

	alloc_name = "remote";
	json_setup();
	if (argc < 3)
		return 64;
	ret = run(argc, argv, &e);
	if (ret < 0)
		fprintf(stderr, "remote: %s\n", e.msg);
	return ret < 0 ? (int)e.code : 0;
}
