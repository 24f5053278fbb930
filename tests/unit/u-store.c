/*
 * Stores: where they are, how they are made and opened, names to numbers.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/date.h"
#include "base/ulid.h"
#include "store/payload.h"
#include "store/schema.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct err e;

static void
where_is(const char *dir, const char *user, const char *want,
    const char *want_user, const char *what)
{
	struct store_where asked = { .dir = dir, .user = user }, w;

	if (!ok(store_locate(&asked, &w, &e) == 0, "%s", what)) {
		printf("# %s\n", e.msg);
		return;
	}
	is_str(w.dir, want, "its folder");
	is_str(w.tenant, getenv("MEM_TENANT") ? getenv("MEM_TENANT") :
	    "default", "its tenant");
	if (want_user != NULL)
		is_str(w.user, want_user, "its user");
	store_where_free(&w);
}

static void
locating(void)
{
	struct store_where none = { 0 }, w;

	setenv("HOME", "/h", 1);
	where_is(NULL, "u", "/h/.local/share/memkit", "u", "at home");
	setenv("XDG_DATA_HOME", "/x/", 1);
	where_is(NULL, "u", "/x/memkit", "u", "where data go");
	setenv("MEM_STORE", "/m", 1);
	setenv("MEM_USER", "env", 1);
	setenv("MEM_TENANT", "t", 1);
	where_is(NULL, NULL, "/m", "env", "as the environment says");
	where_is("/d", "u", "/d", "u", "as the call says");
	setenv("MEM_STORE", "", 1);
	unsetenv("MEM_USER");
	unsetenv("MEM_TENANT");
	where_is(NULL, NULL, "/x/memkit", NULL, "empty is not set");
	unsetenv("XDG_DATA_HOME");
	unsetenv("HOME");
	unsetenv("MEM_STORE");
	is_int(store_locate(&none, &w, &e), -1, "nowhere");
	is_int(e.code, ERR_USAGE, "%s", e.msg);
	none.dir = "/d";
	none.user = "a\nb";
	is_int(store_locate(&none, &w, &e), -1, "a user with two lines");
	is_int(e.code, ERR_USAGE, "%s", e.msg);
}

static int
opens(const char *dir, enum store_mode mode, enum err_code code)
{
	struct store_where w = { .dir = dir, .user = "u" };
	struct store *st = NULL;
	int r;

	e.code = ERR_NONE;
	r = store_open(&st, &w, mode, &e);
	store_close(st);
	if (r == 0 ? code == ERR_NONE : e.code == code)
		return 1;
	printf("# code %d: %s\n", (int)e.code, r < 0 ? e.msg : "opened");
	return 0;
}

static void
put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		exit(2);
	fputs(text, f);
	fclose(f);
}

static void
making(void)
{
	uint8_t id[ULID_BYTES];
	struct store *st;
	struct stat sb;
	char first[27], again[27];

	ok(opens("none", STORE_READ, ERR_ABSENT), "nothing to read");
	ok(!file_exists("none"), "and nothing is made by that");
	ok(opens("a/b/c", STORE_WRITE, ERR_NONE), "a first write makes one");
	ok(stat("a/b/c", &sb) == 0 && (sb.st_mode & 0777) == 0700,
	    "for its owner");
	ok(stat("a/b/c/tenants/default/memory.db", &sb) == 0 &&
	    (sb.st_mode & 0077) == 0, "its database too");
	st = temp_open("a/b/c", "u", STORE_READ);
	ok(ulid_parse(st->id, id), "it has an id");
	memcpy(first, st->id, sizeof first);
	store_close(st);
	is_int(store_id("a/b/c", again, &e), 0, "that can be asked for");
	is_str(again, first, "and stays");
	is_int(store_id("a", again, &e), -1, "not of another folder");
	ok(opens("a", STORE_WRITE, ERR_EXISTS), "which does not become one");
	put_file("file", "x");
	ok(opens("file", STORE_WRITE, ERR_EXISTS), "nor does a file");
	ok(opens("file/x", STORE_WRITE, ERR_EXISTS) ||
	    opens("file/x", STORE_WRITE, ERR_SYS), "nor what is below one");
	ok(mkdir("empty", 0755) == 0 && opens("empty", STORE_WRITE, ERR_NONE),
	    "an empty folder does");
	put_file("empty/memkit", "memkit 3 01HNAVQZC00000000000000000\n");
	ok(opens("empty", STORE_READ, ERR_VERSION), "a newer format");
	ok(opens("empty", STORE_WRITE, ERR_VERSION), "to write, too");
	put_file("empty/memkit", "nonsense\n");
	ok(opens("empty", STORE_READ, ERR_CORRUPT), "a marker that is none");
	store_close(NULL);
}

/* Ten processes make one store. */
static void
together(void)
{
	char id[10][27], buf[27 * 10];
	int p[2], i, n = 0, status, bad = 0;
	struct store *st;
	ssize_t got;

	fflush(stdout);
	if (pipe(p) < 0)
		exit(2);
	for (i = 0; i < 10; i++)
		if (fork() == 0) {
			st = temp_open("race", "u", STORE_WRITE);
			got = write(p[1], st->id, 27);
			store_close(st);
			_exit(got != 27);
		}
	close(p[1]);
	while (wait(&status) > 0)
		bad += status != 0;
	is_int(bad, 0, "ten first writers at once");
	while ((got = read(p[0], buf, sizeof buf)) > 0)
		for (i = 0; i < got / 27; i++)
			memcpy(id[n++], buf + 27 * i, 27);
	close(p[0]);
	for (i = 1; i < n; i++)
		bad += strcmp(id[i], id[0]) != 0;
	ok(n == 10 && bad == 0, "make one store");
}

static void
names(void)
{
	struct strv v = STRV_INIT;
	struct store *st = temp_open("names", "u", STORE_WRITE);
	int64_t a, b;

	is_int(st->user_id, 0, "a user without rows");
	is_int(store_user(st, "u", false, &a, &e), 0, "asked for");
	is_int(a, 0, "is not made");
	store_user(st, "u", true, &a, &e);
	store_user(st, "U", true, &b, &e);
	ok(a > 0 && b > 0 && a != b, "users of other letters are others");
	store_user(st, "u", true, &b, &e);
	is_int(b, a, "the same one is the same");
	store_agent(st, "x", true, &a, &e);
	store_agent(st, "x", false, &b, &e);
	ok(a > 0 && a == b, "agents, too");
	store_close(st);
	is_int(store_tenants("names", &v, &e), 0, "tenants");
	ok(v.n == 1 && strcmp(v.v[0], "default") == 0, "are listed");
	strv_release(&v);
	is_int(store_tenants("nowhere", &v, &e), 0, "of no store");
	ok(v.n == 0, "there are none");
	strv_release(&v);
}

static void
settings(void)
{
	put_file("names/config", "[core]\n\ttimezone = Asia/Tokyo\n");
	{
		struct store *st = temp_open("names", "u", STORE_READ);
		struct date d;

		date_split(0, &d);
		is_int(d.hour, 9, "the zone of the store is in force");
		store_close(st);
	}
	put_file("names/config", "[core]\n\ttimezone = Not/There\n");
	ok(opens("names", STORE_READ, ERR_USAGE), "%s", e.msg);
	put_file("names/config", "[core\n");
	ok(opens("names", STORE_READ, ERR_INPUT), "%s", e.msg);
	unlink("names/config");
}

static void
payloads(void)
{
	struct store *st = temp_open("names", "u", STORE_WRITE);
	struct buf packed = BUF_INIT, out = BUF_INIT;
	int64_t dict = 0;

	is_int(store_pack(st, &packed, "some text", 9, &dict, &e), 0, "pack");
	is_int(dict, 1, "with the dictionary that is there");
	is_int(store_unpack(st, &out, packed.p, packed.len, dict, 100, &e), 0,
	    "unpack");
	is_str(out.p, "some text", "the same");
	is_int(store_unpack(st, &out, packed.p, packed.len, dict, 8, &e), -1,
	    "larger than it may be");
	is_int(e.code, ERR_CORRUPT, "%s", e.msg);
	is_int(store_unpack(st, &out, packed.p, packed.len, 99, 100, &e), -1,
	    "a dictionary that is not there");
	is_int(e.code, ERR_CORRUPT, "%s", e.msg);
	is_int(store_unpack(st, &out, packed.p, packed.len - 1, dict, 100, &e),
	    -1, "cut off");
	is_str(out.p, "some text", "nothing was added");
	buf_release(&packed);
	buf_release(&out);
	store_close(st);
}

static void
schemas(void)
{
	struct store *st = temp_open("names", "u", STORE_WRITE);

	is_int(schema_check(st->db, "x", &e), 1, "up to date");
	is_int(schema_migrate(st->db, "x", &e), 0, "nothing to do");
	db_script(st->db, "PRAGMA user_version = 1000", &e);
	is_int(schema_check(st->db, "x", &e), -1, "newer");
	is_int(e.code, ERR_VERSION, "%s", e.msg);
	is_int(schema_migrate(st->db, "x", &e), -1, "not brought down");
	db_script(st->db, "PRAGMA user_version = 1; "
	    "PRAGMA application_id = 5", &e);
	is_int(schema_check(st->db, "x", &e), -1, "of another program");
	is_int(e.code, ERR_CORRUPT, "%s", e.msg);
	store_close(st);
}

int
main(void)
{
	temp_begin();
	locating();
	making();
	together();
	names();
	settings();
	payloads();
	schemas();
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
