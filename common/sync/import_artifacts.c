#include "sync/import_artifacts.h"

#include "artifact/artifact_merge.h"
#include "artifact/artifacts.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "blob/artifact_lock.h"
#include "store/bundle.h"
#include "store/store.h"
#include "sync/artifact_place.h"
#include "sync/export_artifacts.h"

#include <inttypes.h>
#include <string.h>

void
import_artifacts_init(struct import_artifacts *m, bool dry_run)
{
	memset(m, 0, sizeof *m);
	m->dry_run = dry_run;
}

void
import_artifacts_release(struct import_artifacts *m)
{
	map_release(&m->by_name);
	map_release(&m->wanted);
}

/* --- looking through --------------------------------------------------- */

static void
member_path(const char *dir, int64_t number, struct buf *b)
{
	file_join(b, dir, "blob-");
	buf_addf(b, "%" PRId64, number);
}

static int
keep(const char *dir, int64_t number, struct bundle_reader *in,
    struct err *e)
{
	struct buf path = BUF_INIT;
	int r;

	member_path(dir, number, &path);
	r = bundle_read_new(in, path.p, e);
	buf_release(&path);
	return r;
}

int
import_artifacts_take(struct import_artifacts *m, const char *dir,
    struct bundle_reader *in, const struct bundle_file *f, struct err *e)
{
	const char *name = f->path + strlen(EXPORT_BLOBS);
	char hex[HASH_HEX + 1];
	int64_t number = (int64_t)m->by_name.n;

	hex_encode(hex, f->hash, HASH_LEN);
	if (!str_eq(name, hex))
		return err_set(e, ERR_CORRUPT, "'%s' is not of the name that "
		    "its bytes have", f->path);
	map_put(&m->by_name, hex, NULL)->i = number;
	return m->dry_run ? bundle_read(in, -1, f->path, e) :
	    keep(dir, number, in, e);
}

int
import_artifacts_rows(struct import_artifacts *m, const char *p, size_t n,
    struct err *e)
{
	static const char begin[] = "{\"type\":\"artifact_row\"";
	const char *end = p + n, *nl, *sum;
	struct err ignored;	/* one that is wrong is refused later */
	json_t *o;

	(void)e;
	for (; m->by_name.n > 0 && p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if ((size_t)(nl - p) < sizeof begin ||
		    memcmp(p, begin, sizeof begin - 1) != 0)
			continue;
		o = json_read(p, (size_t)(nl - p), &ignored);
		if ((sum = get_str(o, "object_sha256", NULL)) != NULL)
			map_put(&m->wanted, sum, NULL);
		json_decref(o);
	}
	return 0;
}

int
import_artifacts_check(const struct import_artifacts *m, const char *name,
    struct err *e)
{
	size_t i;

	for (i = 0; i < m->by_name.n; i++)
		if (map_get(&m->wanted, m->by_name.e[i].key) == NULL)
			return err_set(e, ERR_CORRUPT, "'%s' holds '"
			    EXPORT_BLOBS "%s', of which none of its records "
			    "tells", name, m->by_name.e[i].key);
	return 0;
}

/* --- into place -------------------------------------------------------- */

struct placing {
	struct import_artifacts *m;
	struct artifacts ar;
	bool known;
	const char *dir;
	struct imported_artifacts *sums;
};

static int
place_row(struct placing *x, struct artifact *a, int64_t number,
    struct err *e)
{
	struct artifact_coming c = { .came = true };
	struct buf path = BUF_INIT;
	int r = artifact_by_twin(&x->ar, a, e);

	if (r != 0) {
		x->sums->placed += r == 1;
		return r < 0 ? -1 : 0;
	}
	member_path(x->dir, number, &path);
	c.path = buf_steal(&path);
	c.a = *a;
	memset(a, 0, sizeof *a);
	r = artifact_place(&x->ar, &c, 1, e);
	x->sums->placed += r == 0 && c.placed;
	artifact_coming_release(&c);
	return r;
}

static int
place_one(void *arg, int64_t seq, struct err *e)
{
	struct placing *x = arg;
	char hex[HASH_HEX + 1];
	union map_value *at;
	struct artifact a;
	int r = artifact_lock_try(&x->ar.lock, x->ar.st, seq, 1, e);

	if (r != 1)
		return r;
	if ((r = artifact_row(x->ar.st, seq, &a, e)) == 1) {
		hex_encode(hex, a.sum, HASH_LEN);
		at = map_get(&x->m->by_name, hex);
		r = 0;
		if (at != NULL && artifact_is_away(&a)) {
			if (x->known)
				r = place_row(x, &a, at->i, e);
			else
				x->sums->left++;
		}
		artifact_release(&a);
	}
	artifact_lock_drop(&x->ar.lock, seq, 1);
	return r < 0 ? -1 : 0;
}

int
import_artifacts_place(struct import_artifacts *m, struct store *st,
    const char *dir, struct imported_artifacts *sums, struct err *e)
{
	struct placing x = { .m = m, .dir = dir, .sums = sums };
	int r;

	if (m->by_name.n == 0)
		return 0;
	if ((r = artifacts_open_local(&x.ar, st, e)) < 0)
		return -1;
	x.known = r == 1;
	r = artifact_each_away(st, place_one, &x, e);
	artifacts_close(&x.ar);
	return r;
}
