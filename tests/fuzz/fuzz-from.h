/*
 * What all targets of foreign formats do: read the bytes as a file of the
 * format, twice.  Every record is one that the store takes, the counts add
 * up, and the second reading says the same as the first.
 */
#ifndef TESTS_FUZZ_FROM_H
#define TESTS_FUZZ_FROM_H

#include "fuzz.h"

#include "base/json.h"
#include "memory/event.h"
#include "memory/from_format.h"
#include "store/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
check_record(json_t *rec)
{
	const char *type = get_str(rec, "type", NULL), *id;
	struct buf room = BUF_INIT;
	struct event ev;
	struct err e;

	if (strcmp(type, "event") == 0)
		must(event_from_json(&ev, rec, &room, &e) == 0);
	else if (strcmp(type, "session") == 0) {
		id = get_str(rec, "session_id", NULL);
		must(id != NULL && name_check("id", id, &e) == 0);
	} else {
		must(strcmp(type, "record") == 0);
		must(get_str(rec, "record_id", NULL) != NULL);
		must(get_str(rec, "record_type", NULL) != NULL);
		must(get_str(rec, "kb", NULL) != NULL);
	}
	buf_release(&room);
}

static int
emit(void *all, const json_t *rec, struct err *e)
{
	(void)e;
	check_record((json_t *)rec);
	json_write(all, rec);
	buf_addc(all, '\n');
	return 0;
}

static void
read_all(const struct from_opts *o, enum from_shape shape, int fd,
    struct buf *all)
{
	struct from_sink sink = { emit, NULL, NULL, all };
	struct from *f = from_new(o, &sink);
	const struct from_counts *c = from_counts(f);
	struct stat st;
	struct err e;

	must(lseek(fd, 0, SEEK_SET) == 0 && fstat(fd, &st) == 0);
	st.st_mtim.tv_sec = 1790000000;
	st.st_mtim.tv_nsec = 0;
	f->now_ms = INT64_C(1790000000000);
	must(from_read_fd(f, fd, "/x/2026-11-18.json", &st, shape, &e) == 0);
	must(c->total == c->valid + c->skipped + c->dropped);
	from_free(f);
}

static int
fuzz_from(const struct from_opts *o, enum from_shape shape,
    const uint8_t *data, size_t len)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	static FILE *file;
	int fd;

	if (file == NULL) {
		json_setup();
		must((file = tmpfile()) != NULL);
	}
	fd = fileno(file);
	must(ftruncate(fd, 0) == 0 &&
	    pwrite(fd, data, len, 0) == (ssize_t)len);
	read_all(o, shape, fd, &one);
	read_all(o, shape, fd, &two);
	must(one.len == two.len && memcmp(one.p, two.p, one.len) == 0);
	buf_release(&one);
	buf_release(&two);
	return 0;
}

/* All of a format, thoughts and branches too. */
#define FROM_ALL(format_, map_) { .format = (format_), .thinking = true, \
	.branches = true, .since_ms = DATE_MIN, .until_ms = DATE_MAX + 1, \
	.map = (map_) }

#endif
