/*
 * Exports of anybody's bytes.  The first byte says whether the rest is the
 * file, or the lines of one that is whole: then what was imported, exported
 * and imported again is nothing new.
 */
#include "fuzz-store.h"

#include "base/zip.h"
#include "store/bundle.h"
#include "sync/export.h"
#include "sync/import.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fd;

static void
begin_file(void)
{
	must(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
}

static int
import(bool dry, struct imported *sums)
{
	const struct import_config c = { .dry_run = dry };
	struct err e;
	int r;

	must(lseek(fd, 0, SEEK_SET) == 0);
	r = import_read(st, &c, fd, "input", sums, &e);
	must(!tx_active(st->db));
	return r;
}

static void
wrap(const void *p, size_t n)
{
	struct bundle *b = bundle_new(EXPORT_KIND, 0);
	struct zip *zip = zip_new(NULL, 0);
	struct buf path = BUF_INIT, packed = BUF_INIT;
	int64_t bytes;
	struct err e;

	zip_pack(zip, &packed, p, n, 1);
	export_part(&path, 1);
	bundle_about(b, "records_format", json_integer(EXPORT_FORMAT));
	bundle_add_bytes(b, path.p, packed.p, packed.len);
	begin_file();
	must(bundle_write(b, fd, "input", &bytes, &e) == 0);
	bundle_free(b);
	zip_free(zip);
	buf_release(&path);
	buf_release(&packed);
}

static void
there_and_back(void)
{
	const struct export_config c = { .user = NULL };
	struct imported sums;
	json_t *told = NULL;
	struct err e;

	begin_file();
	must(export_write(st, &c, fd, "output", &told, &e) == 0);
	json_decref(told);
	must(import(false, &sums) == 0);
	must(sums.sums.stored == 0 && sums.rejected == 0 &&
	    sums.sums.duplicate == sums.sums.records);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct imported dry, sums;
	struct err e;
	FILE *f;

	if (st == NULL) {
		start();
		must((f = tmpfile()) != NULL);
		fd = fileno(f);
	}
	if (len == 0)
		return 0;
	if (data[0] & 1) {
		begin_file();
		must(write(fd, data + 1, len - 1) == (ssize_t)len - 1);
	} else
		wrap(data + 1, len - 1);
	if (import(true, &dry) == 0) {
		must(import(false, &sums) == 0);
		must(sums.sums.stored == dry.sums.stored);
		must(sums.sums.records == sums.sums.stored +
		    sums.sums.duplicate + sums.sums.conflicts +
		    sums.sums.forgotten + sums.rejected);
		there_and_back();
	}
	/* each input by itself */
	must(db_script(st->db, "DELETE FROM tombstone; DELETE FROM event; "
	    "DELETE FROM variable; DELETE FROM session; DELETE FROM record; "
	    "DELETE FROM file; DELETE FROM decision; "
	    "DELETE FROM change; DELETE FROM audit", &e) == 0);
	return 0;
}
