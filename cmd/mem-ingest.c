/*
 * mem-ingest: records in, one summary record out.
 */
#include "artifact/original.h"
#include "base/buf.h"
#include "base/child.h"
#include "base/coprocess.h"
#include "base/file.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/term.h"
#include "cmd/cmd.h"
#include "cmd/out.h"
#include "ingest/ingest.h"
#include "store/sealed.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELD_MAX 65536		/* bytes in memory, before a file */
#define ORIGINALS "originals"		/* the program */
#define TOLD_MAX 20		/* refusals told on stderr without -v */

static struct {
	bool ack, tee, each, strict;
	bool redact, originals;
	const char *rejects, *kb;
	int64_t max_line;
} o = { .redact = true, .originals = true, .max_line = JSONL_MAX };

static const struct opt opts[] = {
	OPT_GROUP("What comes out"),
	OPT_FLAG(0, "ack", &o.ack,
	    "print a line for each record, once it is on the disk"),
	OPT_FLAG(0, "tee", &o.tee,
	    "pass on the records that were stored, as they were stored"),
	OPT_STR(0, "rejects", &o.rejects, "file",
	    "keep the refused lines in <file>, with their reasons",
	    OPT_C_FILE),
	OPT_GROUP("How it goes in"),
	OPT_FLAG(0, "each", &o.each,
	    "commit every record by itself (slow, and quickest to be safe)"),
	OPT_FLAG(0, "strict", &o.strict,
	    "all or nothing: one refused line, and nothing is stored"),
	OPT_STR(0, "kb", &o.kb, "name",
	    "the knowledge base of records that name none", OPT_C_KB),
	OPT_FLAG(0, "originals", &o.originals,
	    "keep what documents were read from as artifacts, where the "
	    "settings allow it (default)"),
	OPT_FLAG(0, "redact", &o.redact,
	    "replace secrets before they are stored (default)"),
	OPT_SIZE(0, "max-line", &o.max_line, "bytes",
	    "refuse longer lines (default 32M)"),
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_tool tool = {
	.name = "mem-ingest",
	.args = "[file ...]",
	.about = "store records, read as JSON Lines",
	.opts = opts,
	.comp = OPT_C_FILE,
};

struct run {
	struct store *st;
	struct ingest *in;
	struct out out;
	struct buf line;	/* of the file of refused lines */
	struct buf held;	/* --strict: lines that wait for the end, */
	FILE *spool;		/* and those before them */
	const char *input;	/* being read */
	int rejects;		/* descriptor, or -1 */
	int64_t told;		/* refusals on stderr */
	bool nothing;		/* not one byte came through a pipe */
	struct original_want want;
};

static int
keep_reject(struct run *run, const struct ingest_result *res, struct err *e)
{
	struct buf *name = &run->line;
	json_t *rec;

	/* The name of a file need not be text. */
	buf_reset(name);
	term_puts(name, run->input, strlen(run->input), false);
	rec = json_pack("{s:s, s:s, s:I, s:s, s:s, s:O*, s:s*}",
	    "type", "reject", "input", name->p,
	    "line", (json_int_t)res->line, "reason", res->reason,
	    "detail", res->detail, "record", res->record, "text", res->raw);
	buf_reset(&run->line);
	json_write(&run->line, rec);
	buf_addc(&run->line, '\n');
	json_decref(rec);
	return file_write(run->rejects, run->line.p, run->line.len, o.rejects,
	    e);
}

static int
tell_reject(struct run *run, const struct ingest_result *res, struct err *e)
{
	if (run->told++ < TOLD_MAX || cmd.verbose)
		cmd_note("%s line %" PRId64 ": %s", run->input, res->line,
		    res->detail);
	else if (run->told == TOLD_MAX + 1)
		cmd_note("further refusals are only counted; -v tells all, "
		    "--rejects FILE keeps them");
	return run->rejects >= 0 ? keep_reject(run, res, e) : 0;
}

/* With --strict nothing of what is stored is told before all of it is. */
static int
print(struct run *run, const json_t *rec, struct err *e)
{
	if (!o.strict)
		return out_record(&run->out, rec, e);
	json_write(&run->held, rec);
	buf_addc(&run->held, cmd.zero ? '\0' : '\n');
	/* of a sealed tenant nothing lies in a file in clear */
	if (run->held.len < HELD_MAX || sealed_known(run->st))
		return 0;
	if (run->spool == NULL && (run->spool = tmpfile()) == NULL)
		return err_sys(e, "cannot make a temporary file");
	if (fwrite(run->held.p, 1, run->held.len, run->spool) != run->held.len)
		return err_sys(e, "cannot write a temporary file");
	buf_reset(&run->held);
	return 0;
}

static int
print_held(struct run *run, struct err *e)
{
	char chunk[16384];
	size_t n;

	if (run->spool != NULL)
		rewind(run->spool);
	while (run->spool != NULL &&
	    (n = fread(chunk, 1, sizeof chunk, run->spool)) > 0)
		if (out_raw(chunk, n, e) < 0)
			return -1;
	if (run->spool != NULL && ferror(run->spool))
		return err_sys(e, "cannot read a temporary file");
	return out_raw(run->held.p, run->held.len, e);
}

/* Called by the batch once it is on the disk. */
static int
told(void *arg, const struct ingest_result *res, struct err *e)
{
	struct run *run = arg;
	json_t *ack;
	int r = 0;

	if (res->line > 0 && res->status == INGEST_REJECTED)
		r = tell_reject(run, res, e);
	if (r == 0 && o.tee && (res->line == 0 ||
	    res->status == INGEST_STORED))
		r = print(run, res->record, e);
	if (r == 0 && o.ack && res->line > 0) {
		ack = json_pack("{s:s, s:I, s:s, s:s*, s:s*}", "type", "ack",
		    "line", (json_int_t)res->line,
		    "status", ingest_statuses[res->status], "id", res->id,
		    "reason", res->reason);
		r = print(run, ack, e);
		json_decref(ack);
	}
	return r;
}

static int
commit(struct run *run, struct err *e)
{
	if (ingest_commit(run->in, e) < 0)
		return -1;
	return out_flush(&run->out, e);
}

static bool
is_pipe(int fd)
{
	struct stat sb;

	return fstat(fd, &sb) == 0 &&
	    (S_ISFIFO(sb.st_mode) || S_ISSOCK(sb.st_mode));
}

static int
read_input(struct run *run, int fd, const char *name, struct err *e)
{
	enum jsonl_got got;
	struct jsonl lines;
	int wait_ms, r = 0;
	size_t n;
	char *p;

	jsonl_init(&lines, fd, name);
	lines.max = (size_t)o.max_line;
	run->input = name;
	while (r == 0) {
		wait_ms = ingest_wait_ms(run->in);
		/* What is settled is told before more is waited for: who
		 * feeds us may wait, too. */
		if (wait_ms < 0 && (r = out_flush(&run->out, e)) < 0)
			break;
		got = jsonl_next(&lines, wait_ms, &p, &n, NULL, e);
		if (got == JSONL_LINE)
			r = ingest_line(run->in, lines.line_no, p, n, e);
		else if (got == JSONL_LONG)
			r = ingest_long(run->in, lines.line_no, lines.max, e);
		else if (got == JSONL_WAIT)
			r = commit(run, e);
		else {
			r = got == JSONL_EOF ? 1 : -1;
			break;
		}
		if (lines.line_no % 1000 == 0)
			cmd_progress("%" PRId64 " lines", lines.line_no);
	}
	/* Before the next input: results bear this one's name. */
	if (r == 1)
		r = commit(run, e) < 0 ? -1 : 1;
	/* Whatever failed to our left said so to others only. */
	if (fd == 0 && lines.line_no == 0 && is_pipe(fd))
		run->nothing = true;
	jsonl_release(&lines);
	return r == 1 ? 0 : -1;
}

static int
read_file(struct run *run, const char *path, struct err *e)
{
	struct stat sb;
	int fd, r;

	if (strcmp(path, "-") == 0)
		return read_input(run, 0, "standard input", e);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return err_sys(e, "cannot open '%s'", path);
	if (fstat(fd, &sb) == 0 && S_ISDIR(sb.st_mode))
		r = err_set(e, ERR_INPUT, "'%s' is a folder; name the files "
		    "in it, or let mem-from read it", path);
	else
		r = read_input(run, fd, path, e);
	close(fd);
	return r;
}

static int
status(const struct ingest_sums *s, bool nothing)
{
	if (s->torn)
		cmd_warn("the input ended without its 'end' record: what fed "
		    "it was killed or failed; %s", s->undone ?
		    "nothing was stored" : "what came before is stored");
	if (s->undone)
		cmd_warn("nothing was stored: %" PRId64 " of %" PRId64
		    " lines were refused, %" PRId64 " skipped (--strict)",
		    s->rejected, s->in, s->skipped);
	if (s->torn || s->undone)
		return EXIT_FAILED;
	if (s->in > 0 && s->foreign == s->in)
		cmd_note("no line is a record of memkit; mem-from reads "
		    "the formats of others");
	if (nothing && s->in == 0) {
		cmd_note("nothing came through the pipe: what feeds it "
		    "failed, or had nothing");
		return EXIT_NO;
	}
	return s->rejected > 0 || s->skipped > 0 ? EXIT_PART : EXIT_YES;
}

static int
print_summary(struct run *run, struct err *e)
{
	json_t *summary = ingest_summary(run->in);
	int r = out_record(&run->out, summary, e);

	json_decref(summary);
	return r;
}

/* What the program says of them; 0, or EXIT_PART. */
static int
originals_told(const char *line, size_t n, struct err *e)
{
	json_t *said = json_read(line, n, e), *why;
	int64_t kept = 0, failed = 0;
	size_t i;

	if (said == NULL)
		return err_add(e, ORIGINALS ": ");
	get_int(said, "kept", &kept);
	get_int(said, "failed", &failed);
	json_array_foreach(json_object_get(said, "why"), i, why)
		cmd_note("original not kept: %s", json_string_value(why));
	if (failed > 0)
		cmd_warn("%" PRId64 " originals could not be kept; %" PRId64
		    " are", failed, kept);
	json_decref(said);
	return failed > 0 ? EXIT_PART : 0;
}

/* What puts artifacts is large, and a program of its own: every other start
 * of this tool would pay for it. */
static int
originals_run(const struct run *run, struct buf *said, struct err *e)
{
	const char *const given[][2] = { { "--store", run->st->dir },
	    { "--tenant", cmd.tenant }, { "--user", cmd.user } };
	struct buf path = BUF_INIT;
	char after[24], *argv[9];
	struct child *c;
	const char *p;
	size_t i, n, k = 0;
	int r;

	coprocess_path(ORIGINALS, &path);
	argv[k++] = path.p;
	/* posix_spawn changes none of them */
	for (i = 0; i < sizeof given / sizeof *given; i++)
		if (given[i][1] != NULL) {
			argv[k++] = (char *)(uintptr_t)given[i][0];
			argv[k++] = (char *)(uintptr_t)given[i][1];
		}
	snprintf(after, sizeof after, "%" PRId64,
	    ingest_sums(run->in)->first_document - 1);
	argv[k++] = after;
	argv[k] = NULL;
	if ((r = child_start(&c, ORIGINALS, argv, e)) == 0) {
		child_quiet(c);
		while ((r = child_read(c, &p, &n, e)) == 1)
			buf_add(said, p, n);
		child_free(c);
	}
	buf_release(&path);
	return r;
}

/* Of the documents that came; 0, or EXIT_PART. */
static int
keep_originals(struct run *run, struct err *e)
{
	struct buf said = BUF_INIT;
	int r;

	if (!o.originals || ingest_sums(run->in)->documents == 0 ||
	    ingest_sums(run->in)->undone)
		return 0;
	if ((r = originals_run(run, &said, e)) == 0)
		r = originals_told(said.p, said.len, e);
	if (r < 0)
		err_add(e, "the documents are stored, their originals wait "
		    "(mem-artifact reconcile): ");
	buf_release(&said);
	return r;
}

static int
run_all(struct run *run, int argc, char **argv, struct err *e)
{
	struct err ignored;
	int i, r = 0;

	if (argc == 0)
		r = read_input(run, 0, "standard input", e);
	for (i = 0; r == 0 && i < argc; i++)
		r = read_file(run, argv[i], e);
	if (r < 0 || ingest_end(run->in, e) < 0) {
		/* the credential is over: what was stored stays */
		if (e->code == ERR_DENIED)
			print_summary(run, &ignored);
		return -1;
	}
	if (!ingest_sums(run->in)->undone && print_held(run, e) < 0)
		return -1;
	if (print_summary(run, e) < 0 || (r = keep_originals(run, e)) < 0)
		return -1;
	return r != 0 ? r : status(ingest_sums(run->in), run->nothing);
}

static int
begin(struct run *run, struct ingest_config *conf, struct err *e)
{
	if (o.originals) {
		original_want_read(&run->want, run->st);
		conf->originals = &run->want;
	}
	return ingest_new(&run->in, run->st, conf, e);
}

/* Is it also read from?  It would be empty before that. */
static bool
is_input(const struct stat *file, int argc, char **argv)
{
	struct stat sb;
	int i;

	for (i = 0; i < argc || (i == 0 && argc == 0); i++) {
		if ((argc == 0 || strcmp(argv[i], "-") == 0 ? fstat(0, &sb) :
		    stat(argv[i], &sb)) == 0 && sb.st_dev == file->st_dev &&
		    sb.st_ino == file->st_ino)
			return true;
	}
	return false;
}

static int
open_rejects(struct run *run, int argc, char **argv, struct err *e)
{
	struct stat sb;

	if (o.rejects == NULL)
		return 0;
	run->rejects = open(o.rejects, O_WRONLY | O_CREAT | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (run->rejects < 0 || fstat(run->rejects, &sb) < 0)
		return err_sys(e, "cannot open '%s'", o.rejects);
	if (!S_ISREG(sb.st_mode))
		return 0;
	if (is_input(&sb, argc, argv))
		return cmd_misuse(e, "'%s' is read, and cannot be the file of "
		    "refused lines too", o.rejects);
	/* It may be there already, and be for everybody to read. */
	if (fchmod(run->rejects, 0600) < 0 || ftruncate(run->rejects, 0) < 0)
		return err_sys(e, "cannot empty '%s'", o.rejects);
	return 0;
}

int
main(int argc, char **argv)
{
	struct run run = { .rejects = -1, .line = BUF_INIT,
	    .held = BUF_INIT };
	struct ingest_config conf = { .batch = INGEST_BATCH, .told = told,
	    .arg = &run };
	struct store_where where;
	struct err e = { 0 };
	int r = -1;

	cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&run.out);
	if (o.max_line <= 0)
		return cmd_exit(cmd_misuse(&e, "option '--max-line' wants at "
		    "least one byte"), &e);
	cmd_asked(&where);
	conf.redact = o.redact;
	conf.strict = o.strict;
	conf.whole = o.tee;
	conf.kb = o.kb;
	if (o.each)
		conf.batch = 1;
	if (open_rejects(&run, argc, argv, &e) == 0 &&
	    store_open(&run.st, &where, STORE_WRITE, &e) == 0 &&
	    begin(&run, &conf, &e) == 0)
		r = run_all(&run, argc, argv, &e);
	ingest_free(run.in);
	original_want_release(&run.want);
	store_close(run.st);
	out_release(&run.out);
	buf_release(&run.line);
	buf_release(&run.held);
	if (run.spool != NULL)
		fclose(run.spool);
	if (run.rejects >= 0 && close(run.rejects) != 0 && r >= 0)
		r = err_sys(&e, "cannot write '%s'", o.rejects);
	return cmd_exit(r, &e);
}
