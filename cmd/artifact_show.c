/*
 * mem-artifact get, head, content, verify, delete, list: of those that are
 * named, or of all.
 */
#include "cmd/artifact.h"

#include "artifact/artifact_drop.h"
#include "artifact/artifact_read.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/given.h"
#include "store/access.h"

#include <inttypes.h>
#include <string.h>

#define O artifact_o

/* --- those that are named ---------------------------------------------- */

static int
one(struct artifact_run *run, const char *id, struct err *e)
{
	struct artifact a;
	struct err why;
	int r = artifact_find(run->st, id, &a, &why);

	if (r < 0)
		access_missed(run->st);
	if (r == 0) {
		r = run->changes ? artifact_may_change(run->st, &a, &why) : 0;
		if (r == 0)
			r = run->each(run, &a, &why);
		json_decref(run->uri);
		run->uri = json_incref(json_object_get(a.body, "uri"));
		artifact_release(&a);
	}
	if (r >= 0) {
		run->done++;
		return 0;
	}
	if (!run->many) {
		*e = why;
		return -1;
	}
	run->failed++;
	return artifact_tell_error(run, id, &why, e);
}

static const char *
id_of(const json_t *rec)
{
	const char *id = get_str(rec, "artifact_id", NULL);

	if (id == NULL && strcmp(get_str(rec, "source", NULL) != NULL ?
	    get_str(rec, "source", NULL) : "", "artifact") == 0)
		id = get_str(rec, "id", NULL);
	return id != NULL ? id : get_str(json_object_get(rec, "record"),
	    "artifact_id", NULL);
}

static int
one_given(void *arg, const char *id, struct err *e)
{
	return one(arg, id, e);
}

/* Each of them; how it ended. */
static int
all_named(struct artifact_run *run, int argc, char **argv,
    int (*each)(struct artifact_run *, struct artifact *, struct err *),
    struct err *e)
{
	int i, r = 0;

	if (argc == 0)
		return cmd_misuse(e, "which artifact? ('-': ids or records "
		    "from standard input)");
	run->each = each;
	run->many = argc > 1 || strcmp(argv[0], "-") == 0;
	for (i = 0; r == 0 && i < argc; i++)
		r = strcmp(argv[i], "-") == 0 ? given_each("artifact", id_of,
		    one_given, run, &run->failed, e) : one(run, argv[i], e);
	if (r < 0)
		return -1;
	return run->failed == 0 ? EXIT_YES : run->done > 0 ? EXIT_PART :
	    EXIT_FAILED;
}

static int
get_one(struct artifact_run *run, struct artifact *a, struct err *e)
{
	return artifact_print(run, a, e);
}

int
artifact_verb_get(struct artifact_run *run, int argc, char **argv,
    struct err *e)
{
	run->out.full = true;
	return all_named(run, argc, argv, get_one, e);
}

/* --- head -------------------------------------------------------------- */

static const char *const wheres[] = { "absent", "there", "pending",
    "failed" };

static int
head_one(struct artifact_run *run, struct artifact *a, struct err *e)
{
	struct blob_provider *b;
	struct blob blob;
	json_t *rec, *at;
	int r = 0;

	if (a->provider == ARTIFACT_POINTER || a->state == ARTIFACT_DELETED)
		return artifact_print(run, a, e);
	blob = artifacts_blob(a);
	if (artifacts_provider(&run->ar, a->provider, &b, e) < 0 ||
	    b->kind->head(b->p, &blob, 1, e) < 0)
		r = -1;
	if (r == 0 && (r = blob.r) < 0)
		*e = blob.err;
	if (r == 0 && (rec = artifact_json(run->st, a, e)) != NULL) {
		at = json_pack("{s:s}", "state", wheres[blob.where]);
		if (blob.where == BLOB_THERE)
			json_object_set_new(at, "size_bytes",
			    json_integer((json_int_t)blob.size));
		json_object_set_new(rec, "at_provider", at);
		r = out_record(&run->out, rec, e);
		json_decref(rec);
	}
	json_decref(blob.said);
	return r;
}

int
artifact_verb_head(struct artifact_run *run, int argc, char **argv,
    struct err *e)
{
	run->out.full = true;
	return all_named(run, argc, argv, head_one, e);
}

/* --- content ----------------------------------------------------------- */

static int
to_stdout(void *arg, const void *p, size_t n, struct err *e)
{
	*(bool *)arg = true;
	return out_raw(p, n, e);
}

/* "a-b", "a-", "-n", as RFC 9110 has them (section 14.1.2), of so many bytes:
 * 1, 0 there are none in it. */
static int
read_range(const char *s, int64_t size, uint64_t *from, uint64_t *len,
    struct err *e)
{
	const char *dash = strchr(s, '-');
	struct buf first = BUF_INIT;
	int64_t a = -1, b = -1;
	bool good;

	good = dash != NULL && (dash != s || dash[1] != '\0');
	if (good) {
		buf_add(&first, s, (size_t)(dash - s));
		good = (dash == s || str_int(first.p, 0, INT64_MAX - 1, &a)) &&
		    (dash[1] == '\0' || str_int(dash + 1, 0, INT64_MAX - 1,
		    &b)) && (a < 0 || b < 0 || a <= b);
		buf_release(&first);
	}
	if (!good)
		return cmd_misuse(e, "--range takes a-b, a- or -n, not "
		    "'%.40s'", s);
	if (a < 0) {
		a = b < size ? size - b : 0;
		b = size - 1;
	} else if (b < 0 || b >= size) {
		b = size - 1;
	}
	*from = (uint64_t)a;
	*len = b >= a ? (uint64_t)(b - a + 1) : 0;
	return *len > 0;
}

static int
content_one(struct artifact_run *run, struct artifact *a, struct err *e)
{
	uint64_t from = 0, len = 0;
	bool begun = false;
	struct err ignored;
	int r;

	if (artifacts_readable(a, e) < 0)
		return -1;
	if (O.range != NULL && (r = read_range(O.range, a->size, &from, &len,
	    e)) != 1)
		return r < 0 ? -1 : err_set(e, ERR_INPUT, "the range begins "
		    "beyond its end: it has %" PRId64 " bytes", a->size);
	do
		r = artifact_read(&run->ar, a, from, len, to_stdout, &begun,
		    e);
	/* it was sealed anew meanwhile, and lies elsewhere */
	while (r < 0 && e->code == ERR_ABSENT && !begun &&
	    artifact_moved(&run->ar, a, &ignored) == 1 &&
	    artifacts_readable(a, e) == 0);
	return r;
}

int
artifact_verb_content(struct artifact_run *run, int argc, char **argv,
    struct err *e)
{
	if (argc != 1)
		return cmd_misuse(e, "content takes one artifact");
	run->many = false;
	run->each = content_one;
	return one(run, argv[0], e) < 0 ? -1 : EXIT_YES;
}

/* --- verify ------------------------------------------------------------ */

static int
verify_one(struct artifact_run *run, struct artifact *a, struct err *e)
{
	struct err why = { 0 };
	json_t *rec;
	int r = artifact_verify(&run->ar, a, &why, e), w;

	if (r < 0 || (rec = artifact_json(run->st, a, e)) == NULL)
		return -1;
	json_object_set_new(rec, "verified", json_boolean(r == 1));
	if (r == 0)
		json_object_set_new(rec, "reason", out_text(why.msg));
	w = cmd.quiet && r == 1 ? 0 : out_record(&run->out, rec, e);
	json_decref(rec);
	run->wrong += r == 0;
	return w;
}

int
artifact_verb_verify(struct artifact_run *run, int argc, char **argv,
    struct err *e)
{
	int r;

	/* what it finds it writes down */
	run->changes = true;
	r = all_named(run, argc, argv, verify_one, e);
	return r == EXIT_YES && run->wrong > 0 ? EXIT_NO : r;
}

/* --- delete ------------------------------------------------------------ */

static int
delete_one(struct artifact_run *run, struct artifact *a, struct err *e)
{
	if (O.dry_run ? artifact_may_drop(&run->ar, a, e) < 0 :
	    artifact_drop(&run->ar, a, e) < 0)
		return -1;
	return cmd.quiet ? 0 : artifact_print(run, a, e);
}

int
artifact_verb_delete(struct artifact_run *run, int argc, char **argv,
    struct err *e)
{
	run->changes = true;
	return all_named(run, argc, argv, delete_one, e);
}

/* --- list -------------------------------------------------------------- */

static int
list_one(void *arg, const struct artifact *a, struct err *e)
{
	struct artifact_run *run = arg;

	run->done++;
	return artifact_print(run, a, e);
}

int
artifact_verb_list(struct artifact_run *run, int argc, char **argv,
    struct err *e)
{
	struct artifact_query q = { .since_ms = O.since, .until_ms = O.until,
	    .session = cmd.session, .provider = O.provider,
	    .status = O.status, .all = O.all, .reverse = O.reverse,
	    .limit = O.limit };

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "list takes no operand");
	if (artifact_each(run->st, &q, list_one, run, e) < 0)
		return -1;
	return run->done > 0 ? EXIT_YES : EXIT_NO;
}
