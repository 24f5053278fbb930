/*
 * originals: puts what documents were read from, as artifacts
 * (artifact/original.h).  A program that mem-ingest runs, not a tool of its
 * own.
 *
 *	originals [--store dir] [--tenant name] [--user name] row
 *
 * Of documents behind that row of the knowledge bases.  Prints one line:
 * {"kept": n, "failed": n, "why": [text of the first few]}.
 */
#include "artifact/artifacts.h"
#include "artifact/original.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

static const struct opt opts[] = {
	OPT_WHERE,
	OPT_COMMON,
	OPT_END
};

static const struct opt_tool tool = {
	.name = "originals",
	.args = "row",
	.about = "puts what documents were read from, for memkit",
	.opts = opts,
};

static int
run(struct artifacts *ar, const char *row, struct err *e)
{
	struct originals_sums sums;
	struct buf b = BUF_INIT;
	json_t *why = json_array(), *o;
	size_t i;
	int r = originals_keep(ar, strtoll(row, NULL, 10), &sums, e);

	for (i = 0; i < sums.why.n; i++)
		json_array_append_new(why, json_string(sums.why.v[i]));
	o = json_pack("{s:I, s:I, s:o}", "kept", (json_int_t)sums.kept,
	    "failed", (json_int_t)sums.failed, "why", why);
	json_write(&b, o);
	json_decref(o);
	if (r == 0)
		r = file_write(STDOUT_FILENO, b.p, b.len, "standard output",
		    e);
	buf_release(&b);
	originals_sums_release(&sums);
	return r;
}

int
main(int argc, char **argv)
{
	struct store *st = NULL;
	struct store_where where;
	struct artifacts ar;
	struct err e = { 0 };
	int r = -1;

	cmd_start(&tool, &argc, &argv, NULL);
	if (argc != 1)
		return cmd_exit(cmd_misuse(&e, "which row?"), &e);
	cmd_asked(&where);
	if (store_open(&st, &where, STORE_WRITE, &e) == 0 &&
	    artifacts_open(&ar, st, &e) == 0) {
		r = run(&ar, argv[0], &e);
		artifacts_close(&ar);
	}
	store_close(st);
	return cmd_exit(r, &e);
}
