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
#include "from/bug_import.h"
#include "store/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool fuzz_bugs;		/* it is a format of bug records */

static bool
is_one_of(const char *s, const char *words)
{
	const char *at = s != NULL ? strstr(words, s) : NULL;

	return at != NULL && at[strlen(s)] == ' ';
}

/* What the rules promise of every record, whatever it was made of. */
static void
check_bug(const json_t *rec)
{
	const json_t *fields = json_object_get(rec, "fields"), *files;
	const char *id = get_str(rec, "record_id", NULL), *p;
	const char *title = get_str(rec, "title", NULL);
	struct err e;
	size_t i;

	must(name_check("id", id, &e) == 0);
	must(bug_chars(id, strlen(id), BUG_ID_MAX) == strlen(id));
	must(title != NULL && *title != '\0' && strpbrk(title, "\r\n") == NULL);
	must(bug_chars(title, strlen(title), BUG_TITLE_MAX) == strlen(title));
	must(is_one_of(get_str(fields, "severity", NULL),
	    "critical major minor trivial "));
	must(is_one_of(get_str(rec, "status", NULL),
	    "open resolved closed rejected "));
	files = json_object_get(fields, "affected_files");
	must(json_array_size(files) <= BUG_FILES_MAX);
	for (i = 0; i < json_array_size(files); i++) {
		p = json_string_value(json_array_get(files, i));
		must(*p != '/' && strcmp(p, "..") != 0 &&
		    strncmp(p, "../", 3) != 0 && strstr(p, "/../") == NULL &&
		    !str_ends(p, "/.."));
	}
}

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
		if (fuzz_bugs)
			check_bug(rec);
		else
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
	must(from_bugs_tell(f, &e) == 0);
	must(c->total == c->valid + c->skipped + c->dropped);
	from_free(f);
}

static int
fuzz_from(const struct from_opts *o, enum from_shape shape,
    const uint8_t *data, size_t len)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	static struct bug_words *words;
	struct from_opts opts = *o;
	static FILE *file;
	struct err e;
	int fd;

	fuzz_bugs = o->format->bugs != NULL;
	if (file == NULL) {
		json_setup();
		must((file = tmpfile()) != NULL);
		must(bug_words_new(&words, NULL, &e) == 0);
	}
	opts.words = words;
	fd = fileno(file);
	must(ftruncate(fd, 0) == 0 &&
	    pwrite(fd, data, len, 0) == (ssize_t)len);
	read_all(&opts, shape, fd, &one);
	read_all(&opts, shape, fd, &two);
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
