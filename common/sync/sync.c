#include "sync/sync.h"

#include "base/alloc.h"
#include "base/conf.h"
#include "base/file.h"
#include "store/audit_note.h"
#include "store/name.h"
#include "store/sealed.h"
#include "store/store.h"
#include "sync/remote_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT "main"

/* --- which one --------------------------------------------------------- */

/* A setting may stand there twice. */
static void
add_once(struct strv *names, const char *name, size_t n)
{
	strv_add_n(names, name, n);
	if (names->n > 1 && str_eq(names->v[names->n - 1],
	    names->v[names->n - 2]))
		free(names->v[--names->n]);
}

static int
note_name(void *arg, const char *key, const char *value)
{
	struct strv *names = arg;
	const char *end;

	(void)value;
	if (str_starts(key, "remote.") && str_ends(key, ".url")) {
		end = key + strlen(key) - strlen(".url");
		key += strlen("remote.");
		if (end > key)
			add_once(names, key, (size_t)(end - key));
	}
	return 0;
}

/* Is it of this tenant, or of all? */
static bool
is_for(const struct store *st, const char *name)
{
	struct buf key = BUF_INIT;
	struct strv of = STRV_INIT;
	bool r;

	buf_addf(&key, "remote.%s.tenant", name);
	conf_get_all(st->conf, key.p, &of);
	r = of.n == 0 || strv_has(&of, st->tenant);
	strv_release(&of);
	buf_release(&key);
	return r;
}

void
sync_remotes(const struct store *st, struct strv *names)
{
	struct strv all = STRV_INIT;
	size_t i;

	conf_each(st->conf, note_name, &all);
	for (i = 0; i < all.n; i++)
		if (is_for(st, all.v[i]))
			strv_add(names, all.v[i]);
	strv_release(&all);
	strv_sort(names);
}

int
sync_remote_name(const struct store *st, const char *given, char **name,
    struct err *e)
{
	struct strv names = STRV_INIT;
	int r = 0;

	*name = NULL;
	sync_remotes(st, &names);
	if (given == NULL && names.n > 0)
		given = strv_has(&names, DEFAULT) ? DEFAULT : names.n == 1 ?
		    names.v[0] : NULL;
	if (names.n == 0)
		r = err_set(e, ERR_USAGE, "no remote is set up; "
		    "mem-admin config set remote." DEFAULT ".url URL "
		    "(memkit.conf(5))");
	else if (given == NULL)
		r = err_set(e, ERR_USAGE, "there are several remotes, and "
		    "none of them is called '" DEFAULT "'; name one with "
		    "--remote");
	else if (!strv_has(&names, given))
		r = err_set(e, ERR_USAGE, "no remote is called '%s'; "
		    "mem-admin config set remote.%s.url URL", given, given);
	else
		*name = xstrdup(given);
	strv_release(&names);
	return r;
}

/* --- open, close ------------------------------------------------------- */

static int
take_lock(struct sync *s, struct err *e)
{
	struct buf path = BUF_INIT;
	char *dir = store_path(s->st, "sync");
	int r;

	file_join(&path, dir, "");
	name_encode(&path, s->name);
	buf_adds(&path, ".lock");
	if ((r = file_mkdirs(dir, 0700, e)) == 0 &&
	    (r = lock_take(&s->lock, path.p, 0, e)) < 0)
		err_add(e, "another process works with the remote '%s'",
		    s->name);
	buf_release(&path);
	free(dir);
	return r;
}

static struct sync *
sync_new(struct store *st, const char *tenant, const struct sync_watch *watch)
{
	struct sync *s = xcalloc(1, sizeof *s);

	s->st = st;
	s->tenant = xstrdup(tenant);
	s->lock = (struct lock)LOCK_INIT;
	buf_init(&s->prefix);
	if (watch != NULL)
		s->watch = *watch;
	remote_key_add(&s->prefix, tenant);
	buf_adds(&s->prefix, "/.memkit/");
	return s;
}

static int
get_bool(struct sync *s, const char *what, bool *out, struct err *e)
{
	struct buf key = BUF_INIT;
	int r;

	buf_addf(&key, "remote.%s.%s", s->name, what);
	r = conf_get_bool(s->st->conf, key.p, out, e);
	buf_release(&key);
	return r;
}

static int
read_settings(struct sync *s, struct err *e)
{
	bool seal = false;

	if (get_bool(s, "seal", &seal, e) < 0 ||
	    get_bool(s, "pack", &s->pack, e) < 0)
		return -1;
	if (!seal && sealed_known(s->st))
		return err_set(e, ERR_DENIED, "tenant '%s' is sealed, and what "
		    "goes to the remote '%s' is not; mem-admin config set "
		    "remote.%s.seal true", s->st->tenant, s->name, s->name);
	if (sealing_open(&s->sealing, s->st, seal, e) < 0)
		return err_add(e, "remote.%s.seal is set", s->name);
	sealing_of(s->sealing, s->tenant);
	remote_only(s->remote, s->tenant);
	return 0;
}

int
sync_open(struct sync **out, struct store *st, const char *name,
    const struct sync_watch *watch, struct err *e)
{
	return sync_open_as(out, st, name, NULL, watch, e);
}

/* What is known of another tenant's objects is kept apart. */
static char *
mark_of(const struct sync *s)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, s->name);
	if (!str_eq(s->tenant, s->st->tenant))
		buf_addf(&b, "@%s", s->tenant);
	return buf_steal(&b);
}

int
sync_open_as(struct sync **out, struct store *st, const char *name,
    const char *tenant, const struct sync_watch *watch, struct err *e)
{
	struct sync *s = sync_new(st, tenant != NULL ? tenant : st->tenant,
	    watch);

	if (sync_remote_name(st, name, &s->name, e) == 0)
		s->mark = mark_of(s);
	if (s->mark == NULL ||
	    remote_open(&s->remote, st, s->name, s->watch.stop, e) < 0 ||
	    read_settings(s, e) < 0 ||
	    take_lock(s, e) < 0 ||
	    journal_open(&s->journal, st, s->mark, true, e) < 0) {
		sync_close(s);
		return -1;
	}
	journal_of(s->journal, st);
	*out = s;
	return 0;
}

int
sync_attach(struct sync **out, struct sync *to, struct store *st,
    struct err *e)
{
	struct sync *s = sync_new(st, to->tenant, &to->watch);

	s->name = xstrdup(to->name);
	s->mark = xstrdup(to->mark);
	s->remote = to->remote;
	s->sealing = to->sealing;
	s->pack = to->pack;
	s->attached = true;
	if (journal_open(&s->journal, st, s->mark, true, e) < 0) {
		sync_close(s);
		return -1;
	}
	journal_of(s->journal, st);
	*out = s;
	return 0;
}

void
sync_close(struct sync *s)
{
	if (s == NULL)
		return;
	journal_close(s->journal);
	lock_drop(&s->lock);
	if (!s->attached) {
		remote_close(s->remote);
		sealing_free(s->sealing);
	}
	buf_release(&s->prefix);
	free(s->name);
	free(s->tenant);
	free(s->mark);
	free(s);
}

int
sync_stopped(const struct sync *s, struct err *e)
{
	if (s->watch.stop == NULL || !*s->watch.stop)
		return 0;
	err_set(e, ERR_BUSY, "interrupted; what was done stays done, and the "
	    "next run goes on from there");
	return 1;
}

void
sync_note_file(const struct sync *s, const char *action, const char *key,
    int64_t size, const uint8_t sha256[HASH_LEN])
{
	char hex[17], detail[400];

	if (sha256 != NULL)
		hex_encode(hex, sha256, 8);
	snprintf(detail, sizeof detail, "%.200s, in a pack, %" PRId64
	    " bytes%s%s", s->name, size, sha256 != NULL ? ", sha256 " : "",
	    sha256 != NULL ? hex : "");
	audit_note(s->st, action, key, detail);
}

void
sync_tell(const struct sync *s, const char *what, int64_t done, int64_t all)
{
	if (s->watch.progress != NULL)
		s->watch.progress(s->watch.arg, what, done, all);
}

void
sync_consumer(const struct sync *s, struct buf *b)
{
	buf_addf(b, "sync:%s", s->name);
}

/* --- objects ----------------------------------------------------------- */

void
sync_key(const struct sync *s, struct buf *b, const char *kind,
    const char *name)
{
	buf_reset(b);
	buf_addf(b, "%s%s/%.2s/%s", s->prefix.p, kind, name, name);
}

int
sync_get(struct sync *s, const char *key, const uint8_t *sha256, size_t most,
    struct buf *b, struct err *e)
{
	struct remote_room room = { b, most };
	struct remote_get get = { .key = key, .sha256 = sha256,
	    .take = remote_into_buf, .arg = &room };

	buf_reset(b);
	remote_get(s->remote, &get);
	if (remote_wait(s->remote, &get.op, e) < 0)
		return -1;
	s->received += (int64_t)b->len;
	return 0;
}

int
sync_list(struct sync *s, const char *what, int (*found)(void *,
    const struct remote_entry *, struct err *), void *arg, size_t *front,
    struct err *e)
{
	struct buf prefix = BUF_INIT;
	struct remote_list op = { .found = found, .arg = arg };
	int r;

	buf_addf(&prefix, "%s%s", s->prefix.p, what);
	*front = prefix.len;
	op.prefix = prefix.p;
	remote_list(s->remote, &op);
	r = remote_wait(s->remote, &op.op, e);
	buf_release(&prefix);
	return r;
}

struct sealing *
sync_opening(const struct sync *s)
{
	return s->sealed ? s->sealing : NULL;
}

const uint8_t *
sync_sum(const struct sync *s, const uint8_t name[HASH_LEN])
{
	return s->sealed ? NULL : name;
}
