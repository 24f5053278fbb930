/*
 * mem-artifact put: files, standard input, a URI, or many by a list.
 */
#include "cmd/artifact.h"

#include "artifact/artifact_put.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "cmd/cmd.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define O artifact_o
#define LINE_MAX_BYTES ((size_t)1 << 20)

static int
told(void *arg, const char *given, const struct artifact *a,
    const struct err *why, struct err *e)
{
	struct artifact_run *run = arg;

	if (why != NULL) {
		run->failed++;
		/* who put one alone is told by the exit */
		if (run->many)
			return artifact_tell_error(run, given, why, e);
		*e = *why;
		return -1;
	}
	run->done++;
	return cmd.quiet ? 0 : artifact_print(run, a, e);
}

/* "key=value", as often as it was given; a piece without '=' belongs to the
 * one before, whose value had a comma. */
static int
read_meta(json_t *o, struct err *e)
{
	struct buf value = BUF_INIT;
	char *key = NULL, *eq;
	size_t i;

	for (i = 0; i < O.meta.n; i++) {
		eq = strchr(O.meta.v[i], '=');
		if (eq == NULL && key == NULL)
			break;
		if (eq == NULL) {
			buf_addf(&value, ",%s", O.meta.v[i]);
		} else {
			*eq = '\0';
			key = O.meta.v[i];
			buf_reset(&value);
			buf_adds(&value, eq + 1);
		}
		if (json_object_set_new(o, key, json_string(value.p)) < 0)
			break;
	}
	buf_release(&value);
	return i == O.meta.n ? 0 : artifact_fail(e, ARTIFACT_METADATA,
	    "--meta takes key=value, in UTF-8");
}

static int
read_metadata(json_t **out, struct err *e)
{
	struct err why;

	*out = NULL;
	if (O.metadata != NULL) {
		*out = json_read(O.metadata, strlen(O.metadata), &why);
		if (!json_is_object(*out))
			return artifact_fail(e, ARTIFACT_METADATA,
			    "--metadata is no JSON object");
	} else if (O.meta.n > 0) {
		*out = json_object();
	}
	return O.meta.n > 0 ? read_meta(*out, e) : 0;
}

/* --- many -------------------------------------------------------------- */

struct batch {
	struct artifact_run *run;
	struct artifact_put *put;
	const struct artifact_input *common;
	struct jsonl lines;
};

/* One that is no name and no record. */
static int
bad_line(struct batch *b, const char *why, struct err *e)
{
	char given[32];
	struct err told;

	b->run->failed++;
	snprintf(given, sizeof given, "line %" PRId64, b->lines.line_no);
	err_set(&told, ERR_INPUT, "%s", why);
	return artifact_tell_error(b->run, given, &told, e);
}

static const char *
over(const json_t *o, const char *key, const char *dflt)
{
	const char *v = get_str(o, key, NULL);

	return v != NULL ? v : dflt;
}

static int
put_file(struct batch *b, const struct artifact_input *in, struct err *e)
{
	return strcmp(in->path, "-") == 0 ? bad_line(b, "standard input has "
	    "the names; a file of this name is './-'", e) :
	    artifact_put_add(b->put, in, in->path, e);
}

/* A record: {"file": ..., "uri": ..., and what is said of it}. */
static int
put_record(struct batch *b, const char *line, size_t len, struct err *e)
{
	struct artifact_input in = *b->common;
	struct err why;
	json_t *o = json_read(line, len, &why);
	int r;

	if (!json_is_object(o)) {
		json_decref(o);
		return bad_line(b, "it is no JSON object", e);
	}
	in.path = over(o, "file", NULL);
	in.uri = in.path == NULL ? over(o, "uri", NULL) : NULL;
	in.name = over(o, "filename", in.name);
	in.content_type = over(o, "content_type", in.content_type);
	in.session = over(o, "session_id", in.session);
	if (json_object_get(o, "metadata") != NULL)
		in.metadata = json_object_get(o, "metadata");
	if (in.path != NULL)
		r = put_file(b, &in, e);
	else if (in.uri != NULL)
		r = artifact_put_add(b->put, &in, in.uri, e);
	else
		r = bad_line(b, "it has neither 'file' nor 'uri'", e);
	json_decref(o);
	return r;
}

static int
put_line(struct batch *b, char *line, size_t len, struct err *e)
{
	struct artifact_input in = *b->common;

	if (len == 0)
		return 0;
	cmd_progress("%" PRId64 " artifacts", b->lines.line_no);
	if (!O.nul && *line == '{')
		return put_record(b, line, len, e);
	if (strlen(line) < len)
		return bad_line(b, "a name has a NUL in it (--nul?)", e);
	in.path = line;
	return put_file(b, &in, e);
}

static int
put_batch(struct batch *b, struct err *e)
{
	struct jsonl *lines = &b->lines;
	enum jsonl_got got;
	size_t n;
	char *p;
	int r = 0;

	jsonl_init(lines, 0, "standard input");
	lines->max = LINE_MAX_BYTES;
	lines->end = O.nul ? '\0' : '\n';
	while (r == 0 && (got = jsonl_next(lines, -1, &p, &n, NULL, e)) !=
	    JSONL_EOF) {
		if (got == JSONL_FAIL)
			r = -1;
		else if (got == JSONL_LONG)
			r = bad_line(b, "it is longer than 1 MiB", e);
		else
			r = put_line(b, p, n, e);
	}
	jsonl_release(lines);
	return r;
}

/* --- the verb ---------------------------------------------------------- */

static int
check(int argc, struct err *e)
{
	if (O.batch && (argc > 0 || O.uri != NULL))
		return cmd_misuse(e, "--batch takes its names from standard "
		    "input");
	if (O.uri != NULL && argc > 0)
		return cmd_misuse(e, "either --uri or files");
	if (!O.batch && O.uri == NULL && argc == 0)
		return cmd_misuse(e, "which file? ('-': standard input)");
	if (O.name != NULL && (O.batch || argc > 1))
		return cmd_misuse(e, "--name is for one file");
	return 0;
}

static int
put_operands(struct artifact_put *put, const struct artifact_input *common,
    int argc, char **argv, struct err *e)
{
	struct artifact_input in = *common;
	int i, r = 0;

	if (O.uri != NULL)
		return artifact_put_add(put, &in, O.uri, e);
	in.uri = NULL;
	for (i = 0; r == 0 && i < argc; i++) {
		in.path = argv[i];
		r = artifact_put_add(put, &in, argv[i], e);
	}
	return r;
}

int
artifact_verb_put(struct artifact_run *run, int argc, char **argv,
    struct err *e)
{
	struct artifact_input common = { .uri = O.uri, .name = O.name,
	    .content_type = O.type, .disclose_hash = O.disclose,
	    .is_public = O.is_public, .session = cmd.session != NULL ?
	    cmd.session : run->st->session };
	struct batch b = { .run = run, .common = &common };
	json_t *meta;
	int r;

	if (check(argc, e) < 0)
		return -1;
	run->many = O.batch || argc > 1;
	if ((r = read_metadata(&meta, e)) == 0) {
		common.metadata = meta;
		r = artifact_put_new(&b.put, &run->ar, O.redact, told, run,
		    e);
	}
	if (r == 0)
		r = O.batch ? put_batch(&b, e) : put_operands(b.put, &common,
		    argc, argv, e);
	if (r == 0)
		r = artifact_put_end(b.put, e);
	artifact_put_free(b.put);
	json_decref(meta);
	if (r < 0)
		return -1;
	if (O.batch)
		cmd_note("%" PRId64 " stored, %" PRId64 " rejected",
		    run->done, run->failed);
	return run->failed == 0 ? EXIT_YES : run->done > 0 ? EXIT_PART :
	    EXIT_FAILED;
}
