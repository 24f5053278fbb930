#include "artifact/original.h"

#include "artifact/artifact_merge.h"
#include "artifact/artifact_put.h"
#include "artifact/original_forget.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/map.h"
#include "docs/media.h"
#include "memory/document.h"
#include "memory/record_row.h"
#include "store/db.h"
#include "store/node.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOGETHER 256
#define WHY_MAX 5
#define FORGOTTEN "something that its source holds was forgotten"

struct one {
	char *kb, *id;		/* own */
	int64_t seq;		/* row that waits */
	char *source;		/* own; or NULL */
	json_t *o;		/* own; the document */
	char artifact[ULID_LEN + 1];
	bool failed;
};

struct keeping {
	struct store *st;
	struct artifacts *ar;
	struct originals_sums *sums;
	struct one v[TOGETHER];
	size_t n;
	struct map known;	/* source: artifact id, own; of an archive many
				   documents are read */
};

void
originals_sums_release(struct originals_sums *s)
{
	strv_release(&s->why);
}

/* --- which ------------------------------------------------------------- */

static int
take(void *arg, const struct record *rec, struct err *e)
{
	struct keeping *k = arg;
	struct one *x = &k->v[k->n++];
	const char *source = get_str(rec->json, "source", NULL);

	(void)e;
	if (!str_eq(rec->status, DOCUMENT_PENDING)) {
		k->n--;		/* another version came meanwhile */
		return 0;
	}
	memset(x, 0, sizeof *x);
	x->seq = rec->seq;
	x->kb = xstrdup(rec->kb);
	x->id = xstrdup(rec->record_id);
	x->source = source != NULL ? xstrdup(source) : NULL;
	x->o = json_deep_copy(rec->json);
	return 0;
}

/* The next few that are pending, of those that this user brought in here: what
 * another node calls a file is none of ours.  *after moves on; *more: there
 * were some. */
static int
find(struct keeping *k, int64_t *after, bool *more, struct err *e)
{
	struct strv kbs = STRV_INIT, ids = STRV_INIT;
	struct db_query *q;
	int64_t node, user;
	size_t i;
	int r;

	if (node_number(k->st, &node, e) < 0 ||
	    store_user(k->st, k->st->user, false, &user, e) < 0 ||
	    (q = db_sql(k->st->db, e, "SELECT k.name, r.id, r.seq "
	    "FROM record r JOIN kb k ON k.id = r.kb WHERE r.seq > :after AND "
	    "r.node = :node AND r.user = :user AND "
	    "r.type = '" RECORD_TYPE_DOCUMENT "' AND r.status = '"
	    DOCUMENT_PENDING "' AND NOT EXISTS (SELECT 1 FROM record n WHERE "
	    "n.kb = r.kb AND n.id = r.id AND n.version > r.version) "
	    "ORDER BY r.seq LIMIT :most")) == NULL)
		return -1;
	db_int(q, ":after", *after);
	db_int(q, ":node", node);
	db_int(q, ":user", user);
	db_int(q, ":most", TOGETHER);
	while ((r = db_row(q, e)) == 1) {
		strv_add(&kbs, db_get_text(q, 0));
		strv_add(&ids, db_get_text(q, 1));
		*after = db_get_int(q, 2);
	}
	db_end(q);
	*more = ids.n > 0;
	for (i = 0; r >= 0 && i < ids.n; i++)
		r = record_find(k->st, kbs.v[i], ids.v[i], 0, take, k, e);
	strv_release(&kbs);
	strv_release(&ids);
	return r < 0 ? -1 : 0;
}

/* --- the bytes --------------------------------------------------------- */

static void
failed(struct keeping *k, struct one *x, const char *why)
{
	struct buf b = BUF_INIT;

	x->failed = true;
	if (k->sums->why.n < WHY_MAX) {
		buf_addf(&b, "%s: %s", x->id, why);
		strv_add(&k->sums->why, b.p);
	}
	buf_release(&b);
}

/* given is which of them. */
static int
told(void *arg, const char *given, const struct artifact *a,
    const struct err *why, struct err *e)
{
	struct keeping *k = arg;
	struct one *x = &k->v[strtoul(given, NULL, 10)];
	union map_value *v;
	int made;

	(void)e;
	if (why != NULL) {
		failed(k, x, why->msg);
		return 0;
	}
	ulid_from_bytes(x->artifact, a->id);
	v = map_put(&k->known, x->source, &made);
	if (made)
		v->p = xstrdup(x->artifact);
	return 0;
}

/* What was read of the file, if the document is all of it: a member of an
 * archive is not. */
static bool
was_read(const struct one *x, const char *path, uint8_t sum[HASH_LEN])
{
	const char *hash = get_str(x->o, "hash", NULL);
	const char *name = get_str(x->o, "path", NULL);
	char *is = NULL;
	size_t n, len;
	bool r = false;

	if (hash != NULL && name != NULL && strlen(hash) == HASH_HEX &&
	    hex_decode(sum, hash, HASH_LEN)) {
		is = original_called(path);
		n = strlen(is);
		len = strlen(name);
		r = n > len && is[n - len - 1] == '/' &&
		    strcmp(is + n - len, name) == 0;
	}
	free(is);
	return r;
}

/* What the file itself is, where the document was read out of it. */
static const char *
type_of(const struct one *x, const char *path)
{
	const char *slash = strrchr(path, '/'), *type;
	char *head;
	ssize_t n, len = 0;
	int fd;

	if (original_archive(x->source, x->id) == 0)
		return get_str(x->o, "media_type", NULL);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		return media_type("", "", 0);
	head = xmalloc(MEDIA_HEAD);
	while (len < (ssize_t)MEDIA_HEAD && ((n = read(fd, head + len,
	    MEDIA_HEAD - (size_t)len)) > 0 || (n < 0 && errno == EINTR)))
		len += n > 0 ? n : 0;
	type = media_type(slash + 1, head, (size_t)len);
	free(head);
	close(fd);
	return type;
}

static int
put(struct keeping *k, struct artifact_put *p, size_t i, struct err *e)
{
	struct one *x = &k->v[i];
	struct artifact_input in = { .content_type = NULL };
	struct buf path = BUF_INIT;
	struct stat sb;
	uint8_t sum[HASH_LEN];
	char given[24];
	int r = 0;

	snprintf(given, sizeof given, "%zu", i);
	in.metadata = json_pack("{s:s, s:s}", "kb", x->kb, "document_id",
	    x->id);
	if (x->source == NULL)
		failed(k, x, "it has no source");
	else if (!k->ar->conf.managed) {
		in.uri = x->source;
		r = artifact_put_add(p, &in, given, e);
	} else if (!original_path(&path, x->source))
		failed(k, x, "its source is no file");
	else if ((r = original_forgotten(k->st, x->kb, x->source, x->id, e)) !=
	    0)
		failed(k, x, FORGOTTEN);
	else if (stat(path.p, &sb) == 0 && !S_ISREG(sb.st_mode))
		failed(k, x, "its source is no regular file");
	else {
		in.path = path.p;
		in.content_type = type_of(x, path.p);
		in.is = was_read(x, path.p, sum) ? sum : NULL;
		r = artifact_put_add(p, &in, given, e);
	}
	json_decref((json_t *)in.metadata);
	buf_release(&path);
	return r < 0 ? -1 : 0;
}

/* Of one source the first is put, and the others have the same. */
static int
put_all(struct keeping *k, struct err *e)
{
	const union map_value *v;
	struct artifact_put *p;
	struct map first = { 0 };
	size_t i;
	int made, r;

	if (artifact_put_new(&p, k->ar, true, told, k, e) < 0)
		return -1;
	for (i = 0, r = 0; i < k->n && r == 0; i++) {
		if (k->v[i].source != NULL &&
		    map_get(&k->known, k->v[i].source) != NULL)
			continue;
		made = 1;
		if (k->v[i].source != NULL)
			map_put(&first, k->v[i].source, &made);
		if (made)
			r = put(k, p, i, e);
	}
	if (r == 0)
		r = artifact_put_end(p, e);
	artifact_put_free(p);
	map_release(&first);
	for (i = 0; i < k->n; i++)
		if (k->v[i].artifact[0] == '\0' && k->v[i].source != NULL) {
			v = map_get(&k->known, k->v[i].source);
			if (v != NULL)
				memcpy(k->v[i].artifact, v->p, ULID_LEN + 1);
			else
				k->v[i].failed = true;
		}
	return r;
}

/* --- the rows ---------------------------------------------------------- */

/* Is the row that waited still what counts?  1, 0. */
static int
still_waits(struct keeping *k, const struct one *x, struct err *e)
{
	struct db_query *q;
	int64_t one;

	if ((q = db_sql(k->st->db, e, "SELECT 1 FROM record r WHERE "
	    "r.seq = :seq AND NOT EXISTS (SELECT 1 FROM record n WHERE "
	    "n.kb = r.kb AND n.id = r.id AND n.version > r.version)")) == NULL)
		return -1;
	db_int(q, ":seq", x->seq);
	return db_first(q, &one, e);
}

/* Forgotten while its bytes were put: they go. */
static int
settle_forgotten(struct keeping *k, struct one *x, struct err *e)
{
	struct artifact a;
	uint8_t id[ULID_BYTES];
	int r;

	if (!k->ar->conf.managed || x->artifact[0] == '\0' ||
	    (r = original_forgotten(k->st, x->kb, x->source, x->id, e)) == 0)
		return 0;
	if (r < 0)
		return -1;
	failed(k, x, FORGOTTEN);
	ulid_parse(x->artifact, id);
	x->artifact[0] = '\0';
	if ((r = artifact_row_id(k->st, id, &a, e)) != 1)
		return r;
	r = db_scrub(k->st->db, e) < 0 ? -1 : a.state == ARTIFACT_DELETED ? 0 :
	    artifact_forget_row(k->st, a.seq, false, e);
	artifact_release(&a);
	return r;
}

static int
settle(struct keeping *k, struct one *x, struct err *e)
{
	int64_t version, seq;
	int r;

	if (settle_forgotten(k, x, e) < 0 || (r = still_waits(k, x, e)) < 0)
		return -1;
	if (r == 0)
		return 0;
	if (x->artifact[0] != '\0')
		json_object_set_new(x->o, "artifact_id",
		    json_string(x->artifact));
	json_object_set_new(x->o, "raw_status", json_string(x->failed ?
	    DOCUMENT_FAILED : DOCUMENT_AVAILABLE));
	k->sums->kept += !x->failed;
	k->sums->failed += x->failed;
	return record_add(k->st, x->o, x->kb, &version, &seq, e) < 0 ? -1 : 0;
}

static int
settle_all(struct keeping *k, struct err *e)
{
	size_t i;
	int r = 0;

	if (tx_begin(k->st->db, e) < 0)
		return -1;
	for (i = 0; i < k->n && r == 0; i++)
		r = settle(k, &k->v[i], e);
	return tx_end(k->st->db, r, e);
}

static void
clear(struct keeping *k)
{
	while (k->n > 0) {
		k->n--;
		free(k->v[k->n].kb);
		free(k->v[k->n].id);
		free(k->v[k->n].source);
		json_decref(k->v[k->n].o);
	}
}

static int
keep(struct keeping *k, int64_t after, struct err *e)
{
	bool more;
	int r;

	for (;;) {
		if ((r = find(k, &after, &more, e)) < 0 || !more)
			return r;
		if ((r = put_all(k, e)) == 0)
			r = settle_all(k, e);
		clear(k);
		if (r < 0)
			return -1;
	}
}

int
originals_keep(struct artifacts *ar, int64_t after,
    struct originals_sums *sums, struct err *e)
{
	struct keeping *k = xcalloc(1, sizeof *k);
	size_t i;
	int r;

	memset(sums, 0, sizeof *sums);
	k->st = ar->st;
	k->ar = ar;
	k->sums = sums;
	r = keep(k, after, e);
	clear(k);
	for (i = 0; i < k->known.n; i++)
		free(k->known.e[i].v.p);
	map_release(&k->known);
	free(k);
	return r;
}
