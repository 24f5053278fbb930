/*
 * Manifests: what is written is read, what is damaged is refused; a folder
 * whose segments go while it is being opened.
 */
#include "index/manifest.h"

#include "base/buf.h"
#include "base/crc.h"
#include "index/language.h"
#include "index/segment_make.h"
#include "tap.h"
#include "temp-dir.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static struct err e;

static void
fill(struct manifest *m)
{
	static const uint32_t dead[] = { 0, 1, 2, 63, 64, 65, 127, 190, 192,
	    193, 198 };
	struct manifest_segment *s;
	size_t i;

	manifest_init(m);
	m->events = INT64_MAX;
	m->records = 7;
	m->contents = INT64_MAX - 1;
	m->facts = INT64_MAX - 2;
	m->artifacts = INT64_MAX - 3;
	m->tombstones = 3;
	m->has_model = true;
	m->model.dim = 256;
	m->model.pieces = 30522;
	strcpy(m->model.name, "a %1\nmodel");
	memset(m->model.hash, 0x9a, sizeof m->model.hash);
	manifest_add(m, 12, 1000)->vectors = MANIFEST_ALL;
	s = manifest_add(m, 5, 199);
	s->vectors = MANIFEST_SOME;
	for (i = 0; i < sizeof dead / sizeof *dead; i++)
		manifest_kill(s, dead[i]);
	s = manifest_add(m, 7, 64);
	for (i = 0; i < 64; i++)
		manifest_kill(s, (uint32_t)i);
	s = manifest_add(m, 8, 1);
	manifest_kill(s, 0);
	manifest_add(m, 9, 0);
}

/* Not on the disk: that takes long. */
static void
write_bytes(const char *p, size_t n)
{
	FILE *f = fopen("manifest", "wb");

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		exit(2);
}

static bool
same(const struct manifest *a, const struct manifest *b)
{
	const struct manifest_segment *x, *y;
	size_t i;

	if (a->words != b->words || strcmp(a->language, b->language) != 0 ||
	    a->next != b->next ||
	    a->events != b->events || a->records != b->records ||
	    a->contents != b->contents || a->facts != b->facts ||
	    a->artifacts != b->artifacts ||
	    a->tombstones != b->tombstones || a->n != b->n ||
	    a->has_model != b->has_model || (a->has_model &&
	    !vector_model_same(&a->model, &b->model)))
		return false;
	for (i = 0; i < a->n; i++) {
		x = &a->segment[i];
		y = &b->segment[i];
		if (x->number != y->number || x->docs != y->docs ||
		    x->vectors != y->vectors || x->ndead != y->ndead || (x->ndead > 0 &&
		    memcmp(x->dead, y->dead, (x->docs / 64 + 1) * 8) != 0))
			return false;
	}
	return true;
}

/* Write this text with its right checksum. */
static void
put(const char *text)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, text);
	buf_addf(&b, "crc32c %08" PRIx32 "\n", crc32c(0, b.p, b.len));
	write_bytes(b.p, b.len);
	buf_release(&b);
}

static int
read_code(void)
{
	struct manifest m;
	int r = manifest_read(&m, ".", NULL, &e);

	if (r == 1)
		manifest_release(&m);
	return r < 0 ? (int)e.code : r;
}

static void
test_write(void)
{
	struct manifest m, got;
	struct buf b = BUF_INIT;
	size_t i;

	is_int(read_code(), 0, "there is none");
	fill(&m);
	is_int(manifest_kill(&m.segment[1], 64), 0, "dead already");
	is_int(m.segment[1].ndead, 11, "number of the dead");
	is_int((int64_t)m.next, 13, "the next segment");
	ok(manifest_write(&m, ".", NULL, &e) == 0 &&
	    manifest_read(&got, ".", NULL, &e) == 1 && same(&m, &got),
	    "what is written is read");
	manifest_release(&got);
	ok(buf_read_file(&b, "manifest", 1 << 20, &e) == 0 && strstr(b.p,
	    "segment 5 199 vectors some dead 11 0-2 63-65 127 190 192-193 "
	    "198\n") && strstr(b.p, "segment 12 1000 vectors all dead 0\n") &&
	    strstr(b.p, "\ntombstones 3\ncontents 9223372036854775806\n"
	    "facts 9223372036854775805\nartifacts 9223372036854775804\n") &&
	    strstr(b.p, "\nvectors 256 30522 9a9a") &&
	    strstr(b.p, "9a9a a%20%251%0Amodel\n") &&
	    strstr(b.p, "segment 7 64 dead 64 0-63\n"), "the dead in ranges");
	strcpy(m.language, "abcdefghijklmnopqrstuvw");
	ok(manifest_write(&m, ".", NULL, &e) == 0 &&
	    manifest_read(&got, ".", NULL, &e) == 1 && same(&m, &got) &&
	    !manifest_serves(&got, &language_english), "a language");
	manifest_release(&got);
	strcpy(m.language, "english");
	ok(manifest_serves(&m, &language_english), "English, as it is");
	manifest_drop(&m, 0);
	manifest_drop(&m, 3);
	ok(m.n == 3 && m.segment[0].number == 5 && m.segment[2].number == 8 &&
	    m.next == 13, "segments dropped");
	while (m.n < MANIFEST_SEGMENTS)
		manifest_add(&m, 100 + m.n, 1);
	ok(manifest_write(&m, ".", NULL, &e) == 0 &&
	    manifest_read(&got, ".", NULL, &e) == 1 && same(&m, &got),
	    "as many as there may be");
	manifest_release(&got);
	manifest_release(&m);
	manifest_init(&m);
	ok(manifest_write(&m, ".", NULL, &e) == 0 &&
	    manifest_read(&got, ".", NULL, &e) == 1 && same(&m, &got), "empty");
	manifest_release(&got);
	manifest_release(&m);
	fill(&m);
	if (manifest_write(&m, ".", NULL, &e) < 0)
		exit(2);
	buf_reset(&b);
	if (buf_read_file(&b, "manifest", 1 << 20, &e) < 0)
		exit(2);
	manifest_release(&m);
	for (i = 0; i < b.len; i++) {
		b.p[i] ^= 1 << i % 7;
		write_bytes(b.p, b.len);
		/* of the checksum, small letters may become capitals */
		if (read_code() != ERR_INDEX && b.len - i > 9)
			break;
		b.p[i] ^= 1 << i % 7;
	}
	is_int((int64_t)i, (int64_t)b.len, "a bit of each byte changed");
	for (i = 0; i < b.len; i++) {
		write_bytes(b.p, i);
		if (read_code() != ERR_INDEX)
			break;
	}
	is_int((int64_t)i, (int64_t)b.len, "cut off anywhere");
	buf_release(&b);
}

#define ROWS "\nwords 1\nnext 9\nevents 1\nrecords 2\ntombstones 3\n"

static void
test_wrong(void)
{
	static const char *const bad[] = { "", "\n", "memkit-index\n",
	    "memkit-index 1\n", "memkit-index x" ROWS,
	    "memkit-index 1\nwords 1\nnext 1\nevents 1\nrecords 1\n",
	    "memkit-index 1\nwords 1\nnext -1\nevents 1\nrecords 1\n"
		"tombstones 1\n",
	    "memkit-index 1\nwords 1\nnext 1\nevents 9223372036854775808\n"
		"records 1\ntombstones 1\n",
	    "memkit-index 1" ROWS "contents \n",
	    "memkit-index 1" ROWS "contents 5",
	    "memkit-index 1" ROWS "contents -5\n",
	    "memkit-index 1" ROWS "contents 9223372036854775808\n",
	    "memkit-index 1" ROWS "contents 5\ncontents 6\n",
	    "memkit-index 1" ROWS "facts \n",
	    "memkit-index 1" ROWS "facts -5\n",
	    "memkit-index 1" ROWS "facts 5\ncontents 6\n",
	    "memkit-index 1" ROWS "artifacts -5\n",
	    "memkit-index 1" ROWS "artifacts 5\nfacts 6\n",
	    "memkit-index 1" ROWS "language german\ncontents 5\n",
	    "memkit-index 1" ROWS "language english\n",	/* goes unsaid */
	    "memkit-index 1" ROWS "language \n",
	    "memkit-index 1" ROWS "language German\n",
	    "memkit-index 1" ROWS "language german",
	    "memkit-index 1" ROWS "language german\nlanguage dutch\n",
	    "memkit-index 1" ROWS "language abcdefghijklmnopqrstuvwx\n",
	    "memkit-index 1" ROWS "segment 1 10 dead 1\n",
	    "memkit-index 1" ROWS "segment 1 10 dead 11 0-10\n",
	    "memkit-index 1" ROWS "segment 1 10 dead 1 10\n",
	    "memkit-index 1" ROWS "segment 1 10 dead 2 1-\n",
	    "memkit-index 1" ROWS "segment 1 10 dead 1 5-4\n",
	    "memkit-index 1" ROWS "segment 1 10 dead 2 1,2\n",
	    "memkit-index 1" ROWS "segment 1 10 dead 0",
	    "memkit-index 1" ROWS "segment 1 10 dead 0\nrest\n",
	    "memkit-index 1" ROWS "segment 1 4294967296 dead 0\n",
	    "memkit-index 1" ROWS "segment -1 4 dead 0\n",
	    "memkit-index 1" ROWS "segment 99999999999999999999 4 dead 0\n" };
	struct buf b = BUF_INIT;
	int i;

	for (i = 0; i < (int)(sizeof bad / sizeof *bad); i++) {
		put(bad[i]);
		is_int(read_code(), ERR_INDEX, "wrong text %d", i);
	}
	put("memkit-index 2\nwhatever\n");
	is_int(read_code(), ERR_VERSION, "a newer version");
	put("memkit-index 1\nwords 77\nnext 9\nevents 1\nrecords 2\n"
	    "tombstones 3\n");
	is_int(read_code(), 1, "other words are for the caller to judge");
	buf_adds(&b, "memkit-index 1" ROWS);
	for (i = 0; i <= MANIFEST_SEGMENTS; i++)
		buf_addf(&b, "segment %d 1 dead 0\n", i + 1);
	put(b.p);
	is_int(read_code(), ERR_INDEX, "too many segments");
	buf_release(&b);
}

/* --- opening ----------------------------------------------------------- */

static void
make_segment(uint64_t number, int docs)
{
	struct segment_maker *m = segment_maker_new(0);
	char key[16], *path = manifest_path(".", number);
	int64_t none = 0;
	int i;

	for (i = 0; i < docs; i++) {
		segment_doc(m, key, (size_t)sprintf(key, "%d", i), &none, &e);
		segment_doc_end(m);
	}
	if (segment_maker_write(m, path, NULL, &e) < 0)
		exit(2);
	segment_maker_free(m);
	free(path);
}

static void
put_one(uint64_t number, uint32_t docs)
{
	struct manifest m;

	manifest_init(&m);
	manifest_add(&m, number, docs);
	if (manifest_write(&m, ".", NULL, &e) < 0)
		exit(2);
	manifest_release(&m);
}

/* Of other words, and what it names is not there. */
static void
put_words(unsigned words)
{
	struct manifest m;

	manifest_init(&m);
	m.words = words;
	manifest_add(&m, 44, 5);
	if (manifest_write(&m, ".", NULL, &e) < 0)
		exit(2);
	manifest_release(&m);
}

/* One segment takes the place of another, again and again. */
static void
writer(void)
{
	uint64_t n;
	char *path;

	for (n = 2; ; n++) {
		make_segment(n, (int)(n % 5));
		put_one(n, (uint32_t)(n % 5));
		path = manifest_path(".", n - 1);
		unlink(path);
		free(path);
	}
}

static void
test_open(void)
{
	struct index x;
	const struct timespec t = { 0, 1000000 };
	int i, r = 0;
	pid_t pid;

	unlink("manifest");
	is_int(index_open(&x, ".", NULL, &e), 0, "no index");
	is_int(index_open(&x, "nowhere", NULL, &e), 0, "no folder");
	make_segment(1, 4);
	put_one(1, 4);
	ok(index_open(&x, ".", NULL, &e) == 1 && x.m.n == 1 &&
	    segment_docs(x.s[0]) == 4, "open");
	index_close(&x);
	put_one(1, 5);
	ok(index_open(&x, ".", NULL, &e) == -1 && e.code == ERR_INDEX &&
	    strstr(e.msg, "1.seg"), "it has other documents");
	put_one(44, 5);
	ok(index_open(&x, ".", NULL, &e) == -1 && e.code == ERR_INDEX &&
	    strstr(e.msg, "44.seg"), "a segment is not there");
	put_words(MANIFEST_WORDS - 1);
	ok(index_open(&x, ".", NULL, &e) == -1 && e.code == ERR_VERSION,
	    "other words");
	put_one(1, 4);
	if ((pid = fork()) == 0)
		writer();
	for (i = 0; i < 400 && pid > 0; i++) {
		if ((r = index_open(&x, ".", NULL, &e)) != 1)
			break;
		index_close(&x);
		nanosleep(&t, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_str(r == 1 ? "" : e.msg, "",
	    "four hundred times while it is being changed");
}

int
main(void)
{
	temp_begin();
	test_write();
	test_wrong();
	test_open();
	return temp_end() | done();
}
