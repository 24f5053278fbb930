#include "git-objects.h"
#include "tap.h"

static struct buf room = BUF_INIT;

static int
blob(const char *s)
{
	return object_new(s, strlen(s));
}

/* "M a.c", one after the other; or the error. */
static const char *
diff(int from, int to)
{
	struct gitlog_changes c = { 0 };
	struct err e = { 0 };
	size_t i;
	int r;

	r = gitlog_tree_diff(&objects_reader, from ? object_id(from) : NULL,
	    to ? object_id(to) : NULL, &c, &e);
	if (r == 0)
		r = gitlog_renames(&objects_reader, &c, &e);
	buf_reset(&room);
	if (r < 0)
		buf_adds(&room, e.msg);
	for (i = 0; r == 0 && i < c.n; i++)
		buf_addf(&room, "%s%c %s%s%s", i > 0 ? ", " : "", c.v[i].did,
		    c.v[i].path, c.v[i].was != NULL ? " < " : "",
		    c.v[i].was != NULL ? c.v[i].was : "");
	gitlog_changes_release(&c);
	return room.p;
}

/* A tree with up to four entries; mode NULL ends it. */
static int
tree(const char *const (*entry)[2], const int *object)
{
	struct buf b = BUF_INIT;
	int i, n;

	for (i = 0; entry[i][0] != NULL; i++)
		tree_add(&b, entry[i][0], entry[i][1], object[i]);
	n = object_new(b.p, b.len);
	buf_release(&b);
	return n;
}
#define F "100644"
#define D "40000"
#define TREE(objs, ...) tree((const char *const [][2]){ __VA_ARGS__, \
    { NULL, NULL } }, (const int []) objs)
#define O(...) { __VA_ARGS__ }

static void
changes(void)
{
	int a = blob("a\n"), b = blob("b\n"), sub, sub2, one, two;

	sub = TREE(O(a, b), { F, "x" }, { F, "y" });
	sub2 = TREE(O(a, a), { F, "x" }, { F, "y" });
	one = TREE(O(a, sub, sub), { F, "f" }, { D, "d" }, { D, "same" });
	two = TREE(O(b, sub2, sub), { F, "f" }, { D, "d" }, { D, "same" });
	is_str(diff(one, two), "M f, M d/y", "what differs, folders opened");
	is_str(diff(one, one), "", "the same");
	is_str(diff(0, sub), "A x, A y", "from nothing");
	is_str(diff(sub, 0), "D x, D y", "to nothing");
	two = TREE(O(a), { "100755", "f" });
	is_str(diff(TREE(O(a), { F, "f" }), two), "M f", "a mode");
	two = TREE(O(sub), { D, "f" });
	is_str(diff(TREE(O(b), { F, "f" }), two), "A f/x, R f/y < f",
	    "a file that became a folder");
	is_str(diff(TREE(O(b), { F, "m" }), TREE(O(b), { "160000", "m" })),
	    "D m", "a file that became a submodule");
	is_str(diff(TREE(O(a), { "160000", "m" }), TREE(O(b), { "160000",
	    "m" })), "", "a submodule");
	is_str(diff(TREE(O(a), { "120000", "l" }), TREE(O(b), { "120000",
	    "l" })), "M l", "a link");
	objects_release();
}

/* "a" before "a.c" before "a/": git's order. */
static void
order(void)
{
	int f = blob("f\n"), g = blob("gg\n"), sub, one, two;

	sub = TREE(O(f), { F, "x" });
	one = TREE(O(f, sub), { F, "a.c" }, { D, "a" });
	two = TREE(O(g, f, f), { F, "a" }, { F, "a.c" }, { F, "a0" });
	is_str(diff(one, two), "A a, R a0 < a/x", "folders sort as with /");
	objects_release();
}

static void
renames(void)
{
	char big[2000] = "", other[2000];
	int a, b, c, i;

	for (i = 0; i < 40; i++)
		sprintf(big + strlen(big), "line %d of it\n", i * 7919);
	memcpy(other, big, sizeof big);
	memcpy(other, "LINE", 4);
	a = blob(big);
	b = blob(other);
	c = blob("quite something else\nthat is short\n");
	is_str(diff(TREE(O(a), { F, "a" }), TREE(O(a), { F, "b" })),
	    "R b < a", "the same content");
	is_str(diff(TREE(O(a), { F, "a" }), TREE(O(b), { F, "b" })),
	    "R b < a", "nearly the same");
	is_str(diff(TREE(O(a), { F, "a" }), TREE(O(c), { F, "c" })),
	    "D a, A c", "another");
	is_str(diff(TREE(O(a), { F, "a" }), TREE(O(a, a), { F, "a" },
	    { F, "b" })), "A b", "a copy is none");
	is_str(diff(TREE(O(a, b), { F, "a" }, { F, "b" }), TREE(O(b, a),
	    { F, "x" }, { F, "y" })), "R x < b, R y < a",
	    "the same content before the nearly same");
	is_str(diff(TREE(O(TREE(O(a), { F, "n" }), TREE(O(a), { F, "m" })),
	    { D, "d" }, { D, "e" }), TREE(O(TREE(O(a), { F, "m" })),
	    { D, "g" })), "D d/n, R g/m < e/m", "who has the same name");
	/* half a line short of half */
	memset(other, 'x', strlen(big) * 51 / 100);
	b = blob(other);
	is_str(diff(TREE(O(a), { F, "a" }), TREE(O(b), { F, "b" })),
	    "D a, A b", "less than half of it");
	objects_release();
}

static void
damaged(const char *bytes, size_t len, const char *what)
{
	int bad = object_new(bytes, len), good = blob("");

	is_str(diff(good, bad), "the folder '.' of a commit is damaged; git "
	    "fsck tells more", "%s", what);
}
#define ID20 "12345678901234567890"

static void
hostile(void)
{
	struct buf b = BUF_INIT;
	int i, n;

	damaged("100644", 6, "a mode alone");
	damaged("x a\0" ID20, 24, "no mode");
	damaged("100644 a", 8, "a name without end");
	damaged("100644 \0" ID20, 28, "no name");
	damaged("100644 a\0" ID20, 28, "an id that is cut");
	damaged("12345670 a\0" ID20, 31, "a mode too long");
	objects_release();
	is_str(diff(0, 60), "the folder '.' of a commit is missing; git fsck "
	    "tells more", "a tree that is not there");
	n = TREE(O(blob("x"), 1, 1, 1), { F, ".." }, { F, "." },
	    { F, "a/b" }, { F, "fine" });
	is_str(diff(0, n), "A fine", "names that lead elsewhere");
	objects_release();
	/* a tree that holds itself, as no hash allows */
	tree_add(&b, D, "again", 1);
	n = object_new(b.p, b.len);
	diff(0, n);
	ok(strstr(room.p, "nested too deeply") != NULL, "a tree in itself");
	objects_release();
	buf_reset(&b);
	for (i = 0; i < 60; i++) {
		char name[8];

		sprintf(name, "n%02d", i);
		tree_add(&b, F, name, 1);
	}
	blob("");
	n = object_new(b.p, b.len);
	buf_reset(&b);
	diff(0, n);
	ok(strstr(room.p, "A n59") != NULL, "many");
	is_int(objects_open, 0, "all objects were closed");
	objects_release();
	buf_release(&b);
}

int
main(void)
{
	changes();
	order();
	renames();
	hostile();
	buf_release(&room);
	return done();
}
