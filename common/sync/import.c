/*
 * What comes in is a stranger's until its last byte was read: the parts lie in
 * a scratch folder until then, under names of our own, and are unpacked once
 * to be looked through and once to be taken in; so do the bytes of files.
 */
#include "sync/import.h"

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/zip.h"
#include "ingest/ingest.h"
#include "store/audit.h"
#include "store/bundle.h"
#include "store/db.h"
#include "store/disk.h"
#include "store/scratch.h"
#include "store/sealed.h"
#include "store/store.h"
#include "sync/export.h"
#include "sync/export_artifacts.h"
#include "sync/import_files.h"
#include "sync/segment_count.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct run {
	struct store *st;
	const struct import_config *c;
	const char *name;
	struct scratch scratch;
	struct zip *zip;
	struct imported *sums;
	struct ingest *in;
	struct import_files files;
	struct import_artifacts artifacts;
	struct buf packed, part;	/* of the part at hand */
	int64_t parts, records, line;
};

/* --- looking through --------------------------------------------------- */

static int
check_about(const struct run *run, const struct bundle_list *l,
    struct err *e)
{
	int64_t format = 0;

	if (!str_eq(get_str(l->about, "kind", NULL), EXPORT_KIND))
		return err_set(e, ERR_INPUT, "'%s' is a bundle, but not an "
		    "export (mem-admin restore takes a backup)", run->name);
	if (get_int(l->about, "records_format", &format) != 1 || format < 1)
		return err_set(e, ERR_CORRUPT, "'%s' does not say what form "
		    "its records have", run->name);
	if (format > EXPORT_FORMAT)
		return err_set(e, ERR_VERSION, "the records in '%s' are of "
		    "format %" PRId64 ", this is %d; upgrade memkit",
		    run->name, format, EXPORT_FORMAT);
	return 0;
}

static int
check_room(const struct run *run, const struct bundle_list *l, struct err *e)
{
	struct disk disk;

	if (disk_look(run->scratch.path, &disk, e) < 0)
		return -1;
	if (l->bytes <= disk.free)
		return 0;
	return err_set(e, ERR_SYS, "'%s' needs %" PRId64 " MiB in '%s'; %"
	    PRId64 " MiB are free", run->name, (l->bytes >> 20) + 1,
	    run->st->dir, disk.free >> 20);
}

static void
part_path(const struct run *run, int64_t number, struct buf *b)
{
	buf_addf(b, "%s/%" PRId64, run->scratch.path, number);
}

/* The parts follow each other, and beside them are bytes of files alone. */
static int
take_part(struct run *run, struct bundle_reader *in,
    const struct bundle_file *f, struct err *e)
{
	struct buf path = BUF_INIT;
	int r;

	if (str_starts(f->path, "files/"))
		return import_files_take(&run->files, run->scratch.path, in,
		    f, e);
	if (str_starts(f->path, EXPORT_BLOBS))
		return import_artifacts_take(&run->artifacts,
		    run->scratch.path, in, f, e);
	export_part(&path, run->parts + 1);
	if (!str_eq(path.p, f->path))
		r = err_set(e, ERR_VERSION, "'%s' holds '%s', which this "
		    "memkit does not know; upgrade memkit", run->name,
		    f->path);
	else if (f->size > (int64_t)EXPORT_MAX)
		r = err_set(e, ERR_CORRUPT, "'%s' in '%s' is of %" PRId64
		    " bytes; no part of an export is", f->path, run->name,
		    f->size);
	else {
		buf_reset(&path);
		part_path(run, ++run->parts, &path);
		r = bundle_read_new(in, path.p, e);
	}
	buf_release(&path);
	return r;
}

static int
take_parts(struct run *run, struct bundle_reader *in, struct err *e)
{
	const struct bundle_list *l = bundle_contents(in);
	const struct bundle_file *f;
	int r;

	if (check_about(run, l, e) < 0 || check_room(run, l, e) < 0)
		return -1;
	run->sums->size_bytes = l->bytes;
	while ((r = bundle_next(in, &f, e)) == 1)
		if (take_part(run, in, f, e) < 0)
			return -1;
	return r;
}

static int
unpack(struct run *run, int64_t number, struct err *e)
{
	struct buf path = BUF_INIT;
	int r;

	part_path(run, number, &path);
	buf_reset(&run->packed);
	buf_reset(&run->part);
	if ((r = buf_read_file(&run->packed, path.p, EXPORT_MAX, e)) == 0 &&
	    (r = zip_unpack(run->zip, &run->part, run->packed.p,
	    run->packed.len, EXPORT_MAX, e)) < 0)
		err_add(e, "part %" PRId64 " of '%s': ", number, run->name);
	buf_release(&path);
	return r;
}

static int
check_part(struct run *run, int64_t number, struct err *e)
{
	struct segment_counts n;

	if (unpack(run, number, e) < 0)
		return -1;
	if (segment_count(&n, run->part.p, run->part.len) < 0)
		return err_set(e, ERR_CORRUPT, "part %" PRId64 " of '%s' has a "
		    "line that is no record", number, run->name);
	if (n.n[SEGMENT_TYPES - 1] > 0)
		return err_set(e, ERR_VERSION, "part %" PRId64 " of '%s' has "
		    "records of a type that this memkit does not know; "
		    "upgrade memkit", number, run->name);
	run->records += n.records;
	if (import_files_rows(&run->files, run->part.p, run->part.len, e) ==
	    0 && import_artifacts_rows(&run->artifacts, run->part.p,
	    run->part.len, e) == 0)
		return 0;
	return err_add(e, "part %" PRId64 " of '%s': ", number, run->name);
}

static int
look_through(struct run *run, int fd, struct err *e)
{
	struct bundle_reader *in = NULL;
	int64_t i;
	int r;

	if ((r = bundle_open(&in, fd, run->name, e)) == 0)
		r = take_parts(run, in, e);
	bundle_close(in);
	for (i = 1; r == 0 && i <= run->parts; i++)
		r = check_part(run, i, e);
	return r < 0 || import_files_check(&run->files, run->name, e) < 0 ?
	    -1 : import_artifacts_check(&run->artifacts, run->name, e);
}

/* --- taking in --------------------------------------------------------- */

static int
told(void *arg, const struct ingest_result *res, struct err *e)
{
	struct run *run = arg;
	bool tell = res->clash;

	if (res->status == INGEST_REJECTED) {
		tell = true;
		if (str_eq(res->reason, "conflict"))
			run->sums->sums.conflicts++;
		else if (str_eq(res->reason, "forgotten")) {
			run->sums->sums.forgotten++;
			tell = false;
		} else
			run->sums->rejected++;
	}
	return tell && run->c->told != NULL ? run->c->told(run->c->arg, res,
	    e) : 0;
}

static int
feed_part(struct run *run, int64_t number, struct err *e)
{
	const char *p, *end, *nl;

	if (unpack(run, number, e) < 0)
		return -1;
	end = run->part.p + run->part.len;
	for (p = run->part.p; p < end; p = nl + 1) {
		/* segment_count saw whole lines */
		nl = memchr(p, '\n', (size_t)(end - p));
		if (ingest_line(run->in, ++run->line, p, (size_t)(nl - p), e) <
		    0)
			return -1;
		if (run->line % 1000 == 0 && run->c->progress != NULL)
			run->c->progress(run->line, run->records);
	}
	return 0;
}

static int
feed(struct run *run, struct err *e)
{
	const struct ingest_config c = { .within = run->c->dry_run,
	    .batch = INGEST_BATCH, .rows = true, .told = told, .arg = run };
	const struct ingest_sums *sums;
	struct applied *to = &run->sums->sums;
	int64_t i;
	int r = 0;

	if (ingest_new(&run->in, run->st, &c, e) < 0)
		return -1;
	for (i = 1; r == 0 && i <= run->parts; i++)
		r = feed_part(run, i, e);
	if (r == 0 && (r = ingest_end(run->in, e)) == 0) {
		sums = ingest_sums(run->in);
		to->records = sums->in;
		to->stored = sums->stored;
		to->duplicate = sums->duplicate;
		to->clashes = sums->clashes;
	}
	ingest_free(run->in);
	return r;
}

/* As if; a rollback is what we want. */
static int
feed_dry(struct run *run, struct err *e)
{
	struct err ignored;
	int r;

	if (tx_begin(run->st->db, e) < 0)
		return -1;
	if ((r = feed(run, e)) == 0)
		r = import_files_count(&run->files, run->st, &run->sums->files,
		    e);
	run->sums->artifacts.placed = (int64_t)run->artifacts.by_name.n;
	tx_end(run->st->db, -1, &ignored);
	/* our user may have been new in it */
	run->st->user_id = 0;
	store_user(run->st, run->st->user, false, &run->st->user_id, &ignored);
	return r;
}

static int
note(struct run *run, struct err *e)
{
	size_t n = strlen(run->name);
	char detail[64];

	snprintf(detail, sizeof detail, "%" PRId64 " records", run->records);
	return audit_add(run->st, "import", utf8_check(run->name, n) == n ?
	    run->name : NULL, detail, e);
}

/* Rows are before their bytes; again takes those that are missing yet. */
static int
take_in(struct run *run, struct err *e)
{
	if (import_files_scan(&run->files, run->st, e) < 0 ||
	    note(run, e) < 0 || feed(run, e) < 0)
		return -1;
	if (import_files_place(&run->files, run->st, run->scratch.path,
	    &run->sums->files, run->c->file, run->c->arg, e) < 0)
		return -1;
	return import_artifacts_place(&run->artifacts, run->st,
	    run->scratch.path, &run->sums->artifacts, e);
}

int
import_read(struct store *st, const struct import_config *c, int fd,
    const char *name, struct imported *sums, struct err *e)
{
	struct run run = { .st = st, .c = c, .name = name,
	    .scratch = SCRATCH_INIT, .zip = zip_new(NULL, 0), .sums = sums,
	    .packed = BUF_INIT, .part = BUF_INIT };
	int r;

	memset(sums, 0, sizeof *sums);
	import_files_init(&run.files, st->user, c->dry_run);
	import_artifacts_init(&run.artifacts, c->dry_run);
	if ((r = c->dry_run ? 0 : store_is_sealed(st, e)) == 1)
		r = import_files_seal(&run.files, e);
	if (r == 0 && (r = scratch_open(&run.scratch, st->dir, "import", e)) ==
	    0 && (r = look_through(&run, fd, e)) == 0)
		r = c->dry_run ? feed_dry(&run, e) : take_in(&run, e);
	import_files_release(&run.files);
	import_artifacts_release(&run.artifacts);
	scratch_close(&run.scratch);
	zip_free(run.zip);
	buf_release(&run.packed);
	buf_release(&run.part);
	return r;
}
