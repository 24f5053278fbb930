/*
 * The rules of bug records, one by one.
 */
#include "tap.h"

#include "base/date.h"
#include "base/json.h"
#include "from/bug.h"
#include "from/bug_words.h"

#include <stdlib.h>
#include <unistd.h>

static struct bug_words *words;
static struct bug bug;
static enum bug_reason why;
static unsigned notes;
static json_t *rec;

static const char *
tag(const char *s)
{
	static struct buf b = BUF_INIT;

	buf_reset(&b);
	bug_tag(&b, s);
	return b.p;
}

static const char *
path(const char *s)
{
	static struct buf b = BUF_INIT;

	buf_reset(&b);
	return bug_path(&b, s) ? b.p : "none";
}

static const char *
when(const char *s)
{
	static char out[DATE_LEN + 2];
	int64_t ms;
	bool day;

	if (!bug_time(s, &ms, &day))
		return "none";
	date_format(out, ms);
	if (day)
		out[10] = '\0';
	return out;
}

static void
tags(void)
{
	static const char *const null_check[] = { "NullCheck", "null-check",
	    "Null Check", "null_check", "NULL CHECK", " nullCheck ",
	    "--null--check--" };
	size_t i;

	for (i = 0; i < sizeof null_check / sizeof *null_check; i++)
		is_str(tag(null_check[i]), "null_check", "tag '%s'",
		    null_check[i]);
	is_str(tag("HTTPServer"), "http_server", "a word in capitals");
	is_str(tag("utf8Decode"), "utf8_decode", "behind a digit");
	is_str(tag("CWE-79"), "cwe_79", "numbers");
	is_str(tag("\xe7\xa9\xba\xe6\x8c\x87\xe9\x92\x88"),
	    "\xe7\xa9\xba\xe6\x8c\x87\xe9\x92\x88", "other scripts stay");
	is_str(tag("++"), "", "nothing in it");
}

static void
paths(void)
{
	is_str(path("src/a.c"), "src/a.c", "a relative path");
	is_str(path("/home/x/proj/src/a.c"), "src/a.c", "a home");
	is_str(path("/Users/x/proj/src/a.c"), "src/a.c", "one of macOS");
	is_str(path("C:\\src\\a.c"), "src/a.c", "a drive");
	is_str(path("c:/Users/x/proj/src/a.c"), "src/a.c",
	    "a home on a drive");
	is_str(path("/home/runner/work/app/app/src/a.c"), "src/a.c",
	    "where GitHub builds");
	is_str(path("/builds/group/app/a.c"), "a.c", "where GitLab does");
	is_str(path("/home/x/a.c"), "home/x/a.c", "a home without a project");
	is_str(path("/srv/a.c"), "srv/a.c", "any other place");
	is_str(path("file:///home/x/proj/a%20b.c"), "a b.c", "a URI");
	is_str(path("file:///C:/src/a.c"), "src/a.c", "with a drive");
	is_str(path("file://host/srv/a.c"), "srv/a.c", "with a host");
	is_str(path("src\\net\\a.c"), "src/net/a.c", "backslashes alone");
	is_str(path("src/a\\b.c"), "src/a\\b.c", "one in a name");
	is_str(path("./src//net/./a.c"), "src/net/a.c", "dots and slashes");
	is_str(path("src/x/../a.c"), "src/a.c", "back within");
	is_str(path("src/a.c:12"), "src/a.c", "with its line");
	is_str(path("src/a.c:12:7"), "src/a.c", "and column");
	is_str(path("src/a:b"), "src/a:b", "a colon in a name");
	is_str(path("../a.c"), "none", "out of the project");
	is_str(path("src/../../a.c"), "none", "later, too");
	is_str(path("/home/x/proj/../../etc/passwd"), "none",
	    "out of what was taken off");
	is_str(path("a\nb"), "none", "a control");
	is_str(path("file:///a%0ab"), "none", "an escaped one");
	is_str(path("a\xff"), "none", "no UTF-8");
	is_str(path("file:///%ff"), "none", "escaped");
	is_str(path(""), "none", "nothing");
	is_str(path("/"), "none", "the root");
	is_str(path("."), "none", "the project itself");
}

static void
times(void)
{
	static const char *const day[] = { "2024-11-30", "2024/11/30",
	    "30/11/2024", "30.11.2024", "30/Nov/24", "30-Nov-2024",
	    "30 November 2024", "Nov 30, 2024", "2024\xe5\xb9\xb4" "11"
	    "\xe6\x9c\x88" "30\xe6\x97\xa5", "2024.11.30" };
	static const char *const hour[] = { "2024-11-30T17:20:00Z",
	    "2024-11-30 17:20:00", "2024/11/30 17:20", "30/11/2024 17:20:00",
	    "30/Nov/24 5:20 PM", "30/Nov/24 17:20", "30/Nov/2024 5:20PM",
	    "2024-11-30 18:20:00 +0100", "2024-11-30T17:20:00.000+0000",
	    "Nov 30, 2024, 5:20 pm", "1732987200", "1732987200000" };
	static const char *const bad[] = { "", "soon", "31/02/2024",
	    "12/31/2024", "2024", "20241130", "45626", "2024-13-01",
	    "30/Nov/24 25:00", "30/Nov/24 13:20 PM", "30/Nov/24 noon",
	    "30/Foo/24", "30/11/24", "2024-11-30 17:20 whenever", "1/1" };
	size_t i;

	for (i = 0; i < sizeof day / sizeof *day; i++)
		is_str(when(day[i]), "2024-11-30", "'%s'", day[i]);
	for (i = 0; i < sizeof hour / sizeof *hour; i++)
		is_str(when(hour[i]), "2024-11-30T17:20:00.000Z", "'%s'",
		    hour[i]);
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		is_str(when(bad[i]), "none", "'%s' is no time", bad[i]);
	is_str(when("1/2/2024"), "2024-02-01", "the day is first");
	is_str(when("30/Nov/24 12:05 AM"), "2024-11-30T00:05:00.000Z",
	    "twelve at night");
	is_str(when("30/Nov/24 12:05 PM"), "2024-11-30T12:05:00.000Z",
	    "and at noon");
	is_str(when("01/Feb/99"), "1999-02-01", "a year of two digits");
}

static void
record(void)
{
	struct buf text = BUF_INIT;
	struct err e;

	json_decref(rec);
	rec = NULL;
	if (bug_record(&bug, words, &text, &why, &notes))
		rec = json_read(text.p, text.len, &e);
	buf_release(&text);
}

/* A bug that has what is needed; then one field is set. */
static void
make(enum bug_field f, const char *s)
{
	bug_reset(&bug);
	bug_put(&bug, BUG_ID, "B-1");
	bug_put(&bug, BUG_TITLE, "title");
	bug_put(&bug, BUG_SEVERITY, "low");
	if (f < BUG_TEXTS)
		buf_reset(&bug.text[f]);
	bug_put(&bug, f, s);
	record();
}

static const char *
own(const char *key)
{
	return get_str(rec, key, NULL);
}

static const char *
field(const char *key)
{
	return get_str(json_object_get(rec, "fields"), key, NULL);
}

static const char *
severity(const char *s)
{
	make(BUG_SEVERITY, s);
	return rec != NULL ? field("severity") : bug_reasons[why];
}

static const char *
status(const char *s)
{
	make(BUG_STATUS, s);
	return own("status");
}

static void
needed(void)
{
	char id[BUG_ID_MAX * 3 + 2];
	int i;

	make(BUG_ID, " \t");
	is_str(bug_reasons[why], "missing_bug_id", "a blank id");
	make(BUG_TITLE, "");
	is_str(bug_reasons[why], "missing_title", "no title");
	is_str(severity("no idea"), "invalid_severity", "no severity");
	is_str(severity(""), "invalid_severity", "an empty one");
	make(BUG_ID, "a\nb");
	is_str(bug_reasons[why], "invalid_bug_id", "a control in an id");
	for (i = 0; i < BUG_ID_MAX; i++)
		memcpy(id + 3 * i, "\xe4\xb8\xad", 3);
	id[3 * BUG_ID_MAX] = '\0';
	make(BUG_ID, id);
	is_str(own("record_id"), id, "128 characters are an id");
	strcpy(id + 3 * BUG_ID_MAX, "x");
	make(BUG_ID, id);
	is_str(bug_reasons[why], "invalid_bug_id", "129 are none");
}

static void
mapped(void)
{
	static const char *const s[] = { "Blocker", "critical", "FATAL",
	    "critical", "p0", "critical", "\xe7\xb4\xa7\xe6\x80\xa5",
	    "critical", "High", "major", "P1", "major", "medium", "minor",
	    "Normal", "minor", "p2", "minor", "low", "trivial", "Suggestion",
	    "trivial", "P3", "trivial", "\xe5\xbb\xba\xe8\xae\xae",
	    "trivial", NULL };
	int i;

	for (i = 0; s[i] != NULL; i += 2)
		is_str(severity(s[i]), s[i + 1], "severity '%s'", s[i]);
	is_str(status(""), "open", "without a status it is open");
	is_str(status("In Progress"), "open", "work is open");
	is_str(status("Done"), "resolved", "done is resolved");
	is_str(status("VERIFIED"), "closed", "verified is closed");
	is_str(status("Won't Fix"), "rejected", "what stays is rejected");
	is_int(notes, 0, "nothing odd so far");
	is_str(status("moonlit"), "open", "an unknown one is open");
	is_int(notes, 1u << BUG_BAD_STATUS, "and noted");
	make(BUG_RESOLUTION, "Not A Problem");
	is_str(own("status"), "rejected", "a resolution rejects");
	is_str(field("resolution"), "Not A Problem", "and is kept");
	make(BUG_RESOLUTION, "Fixed");
	is_str(own("status"), "resolved", "or resolves");
	make(BUG_FIX, "duplicate");
	is_str(own("status"), "rejected", "also where a fix should stand");
	is_str(field("resolution"), "duplicate", "it is no fix then");
	ok(field("fix_description") == NULL, "so there is none");
	make(BUG_PRIORITY, "p2");
	is_str(field("priority"), "P2", "a priority");
	make(BUG_PRIORITY, "Urgent");
	is_str(field("priority"), "P0", "by its name");
	make(BUG_PRIORITY, "whenever");
	ok(field("priority") == NULL && notes == 1u << BUG_BAD_PRIORITY,
	    "one that is none");
}

static void
lengths(void)
{
	struct buf b = BUF_INIT;
	json_t *list;
	int i;

	for (i = 0; i < BUG_DESCRIPTION_MAX; i++)
		buf_adds(&b, "\xe4\xb8\xad");
	make(BUG_DESCRIPTION, b.p);
	ok(notes == 0 && strcmp(own("text"), b.p) == 0,
	    "10,000 characters stay");
	buf_adds(&b, "x");
	make(BUG_DESCRIPTION, b.p);
	ok(notes == 1u << BUG_CUT &&
	    strlen(own("text")) == 3 * BUG_DESCRIPTION_MAX,
	    "more are cut, and noted");
	buf_cut(&b, 600 * 3);
	make(BUG_TITLE, b.p);
	is_int((int64_t)strlen(own("title")), 3 * BUG_TITLE_MAX,
	    "a title is 512 characters");
	make(BUG_TITLE, "two\r\n  lines\tof it");
	is_str(own("title"), "two lines of it", "in one line");
	make(BUG_FILES, "");
	for (i = 0; i < 60; i++) {
		buf_reset(&b);
		buf_addf(&b, "src/%d.c", i);
		bug_put(&bug, BUG_FILES, b.p);
		bug_put(&bug, BUG_TAGS, b.p);
	}
	bug_put(&bug, BUG_FILES, "./src/1.c");
	record();
	list = json_object_get(json_object_get(rec, "fields"),
	    "affected_files");
	is_int((int64_t)json_array_size(list), BUG_FILES_MAX, "50 files");
	is_int((int64_t)json_array_size(json_object_get(rec, "tags")),
	    BUG_TAGS_MAX, "20 tags");
	is_int(notes, 1u << BUG_CUT, "noted");
	buf_release(&b);
}

static void
lists(void)
{
	bug_reset(&bug);
	bug_put_list(&bug, BUG_TAGS, "a,b; c|d ;;");
	is_int((int64_t)bug.list[BUG_TAGS - BUG_TEXTS].n, 2,
	    "split at semicolons");
	is_str(bug.list[BUG_TAGS - BUG_TEXTS].v[0], "a,b", "and not commas");
	bug_put_list(&bug, BUG_LABELS, "a,b|c");
	is_int((int64_t)bug.list[BUG_LABELS - BUG_TEXTS].n, 2, "else at bars");
	bug_put_list(&bug, BUG_FILES, "a, b,c");
	is_int((int64_t)bug.list[BUG_FILES - BUG_TEXTS].n, 3,
	    "else at commas");
	make(BUG_LABELS, "Good First Issue");
	bug_put(&bug, BUG_TAGS, "NullCheck");
	bug_put(&bug, BUG_TAGS, "null check");
	record();
	is_int((int64_t)json_array_size(json_object_get(rec, "tags")), 2,
	    "the same tag is there once, labels behind");
	is_str(json_string_value(json_array_get(json_object_get(
	    json_object_get(rec, "fields"), "labels"), 0)),
	    "Good First Issue", "labels stay as they are");
}

static void
dates(void)
{
	int64_t ms = 0;

	make(BUG_CREATED, "30/Sep/21 17:20");
	ok(get_int(rec, "timestamp", &ms) == 1 && ms == 1633022400000,
	    "created_at is the record's time");
	make(BUG_CREATED, "lately");
	ok(rec != NULL && get_int(rec, "timestamp", &ms) == 0 &&
	    notes == 1u << BUG_BAD_CREATED, "what is none is noted");
	make(BUG_RESOLVED, "2021/9/30");
	is_str(field("resolved_at"), "2021-09-30", "a day");
	make(BUG_RESOLVED, "2021-09-30 01:02:03");
	is_str(field("resolved_at"), "2021-09-30T01:02:03.000Z", "a time");
}

/* A file of the user's. */
static void
aliases(void)
{
	char name[] = "/tmp/memkit-unit.XXXXXX";
	static const char text[] = "[severity]\n\tcritical = Weltuntergang, "
	    "low\n[column]\n\tbug-id = Vorgang\n";
	static const char bad[] = "[severity]\n\tfurious = x\n";
	struct bug_words *more = NULL;
	struct err e = { 0 };
	int fd = mkstemp(name), rank = 0;

	if (fd < 0 || write(fd, text, sizeof text - 1) < 0)
		exit(2);
	is_int(bug_words_new(&more, name, &e), 0, "further words");
	is_str(bug_words_find(more, "severity", "weltUNTERGANG", NULL),
	    "critical", "are found");
	is_str(bug_words_find(more, "severity", "low", NULL), "critical",
	    "have the last word");
	is_str(bug_words_find(more, "severity", "fatal", NULL), "critical",
	    "and the others stay");
	is_str(bug_words_find(more, "column", "Vorgang", &rank), "bug_id",
	    "columns, too");
	ok(rank < 0, "before the others");
	bug_words_free(more);
	if (ftruncate(fd, 0) < 0 || pwrite(fd, bad, sizeof bad - 1, 0) < 0)
		exit(2);
	ok(bug_words_new(&more, name, &e) < 0 && e.code == ERR_INPUT &&
	    strstr(e.msg, "severity.furious") != NULL,
	    "a mistake is told by its name");
	unlink(name);
	ok(bug_words_new(&more, name, &e) < 0, "and so is a file not there");
	close(fd);
}

static void
names(void)
{
	is_int(bug_field("bug_id"), BUG_ID, "a field by its name");
	is_int(bug_field("Affected-Files"), BUG_FILES, "in other letters");
	is_int(bug_field("bug"), BUG_FIELDS, "what is none");
	ok(bug_words_find(words, "column", "Issue key", NULL) &&
	    bug_words_find(words, "column", "ISSUE_KEY", NULL) &&
	    bug_words_find(words, "column", "issue-key", NULL),
	    "blanks and hyphens are underscores");
	ok(bug_words_find(words, "column", "", NULL) == NULL,
	    "nothing is no word");
}

int
main(void)
{
	struct err e;

	json_setup();
	bug_init(&bug);
	if (bug_words_new(&words, NULL, &e) < 0) {
		puts(e.msg);
		return 2;
	}
	tags();
	paths();
	times();
	needed();
	mapped();
	lengths();
	lists();
	dates();
	aliases();
	names();
	json_decref(rec);
	bug_release(&bug);
	bug_words_free(words);
	return done();
}
