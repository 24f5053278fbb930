/*
 * Files in sealed blocks: what is put is read, whatever the order and the
 * pieces; what is not what was put is refused.
 */
#include "index/blockfile.h"

#include "base/hash.h"
#include "tap.h"
#include "temp-dir.h"

#include <fcntl.h>

#define BLOCK BLOCKFILE_BLOCK
#define SMALL BLOCKFILE_SMALL
#define HEAD 72
#define TAG 16
#define MOST (40 * BLOCK)

static struct err e;
static uint64_t seed = 88172645463325252u;
static uint8_t *text;			/* MOST random bytes */
static struct blockfile_key key = { .sealed = true }, other;

static uint32_t
below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % n;
}

/* --- writing ----------------------------------------------------------- */

/*
 * size bytes of the text, but for a gap of zeros: the first 100 bytes last,
 * what is behind from three places in turn, as a file of vectors is.
 */
static int
write_file(const char *path, size_t size, size_t block,
    const struct blockfile_key *k)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), r;
	size_t head = size < 100 ? size : 100, third = (size - head) / 3;
	size_t from[3] = { head, head + third, head + 2 * third };
	size_t end[3] = { from[1], from[2], size }, n;
	struct blockfile_out o;
	int i, left;

	r = blockfile_begin(&o, fd, path, block, k, &e);
	for (left = size > head, i = 0; r == 0 && left > 0; i = (i + 1) % 3) {
		if (from[i] == end[i])
			continue;
		n = below(2) ? below(3 * BLOCK) + 1 : below(500) + 1;
		if (n > end[i] - from[i])
			n = end[i] - from[i];
		r = blockfile_put(&o, from[i], text + from[i], n, &e);
		from[i] += n;
		for (left = 0, n = 0; n < 3; n++)
			left += from[n] < end[n];
	}
	if (r == 0)
		r = blockfile_put(&o, 0, text, head, &e);
	if (r == 0)
		r = blockfile_end(&o, size, &e);
	blockfile_release(&o);
	close(fd);
	return r;
}

static bool
reads_back(const char *path, size_t size, const struct blockfile_key *k)
{
	struct blockfile *f;
	uint8_t *p = malloc(size + 1);
	size_t at, n;
	bool good;
	int i;

	if (blockfile_open(&f, path, k, &e) < 0)
		return false;
	good = blockfile_size(f) == size &&
	    blockfile_read(f, 0, p, size, &e) == 0 &&
	    memcmp(p, text, size) == 0;
	for (i = 0; i < 200 && good; i++) {
		at = below((uint32_t)size + 1);
		n = below(3) ? below(300) : below(3 * BLOCK);
		n = n < size - at ? n : size - at;
		good = blockfile_read(f, at, p, n, &e) == 0 &&
		    memcmp(p, text + at, n) == 0;
	}
	good = good && blockfile_read(f, size, p, 1, &e) < 0 &&
	    e.code == ERR_INDEX && blockfile_read(f, UINT64_MAX, p, 2, &e) < 0;
	blockfile_close(f);
	free(p);
	return good;
}

static void
test_sizes(void)
{
	static const size_t sizes[] = { 0, 1, 99, 100, SMALL, BLOCK - 1, BLOCK,
	    BLOCK + 1, 3 * BLOCK, 16 * BLOCK, 16 * BLOCK + 7, 33 * BLOCK,
	    MOST };
	size_t i, wrong = 0, large = 0;
	struct blockfile *f;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		wrong += write_file("clear", sizes[i], BLOCK, NULL) < 0 ||
		    !reads_back("clear", sizes[i], NULL);
		wrong += write_file("7.seg", sizes[i], BLOCK, &key) < 0 ||
		    !reads_back("7.seg", sizes[i], &key);
		wrong += write_file("7.seg", sizes[i], SMALL, &key) < 0 ||
		    !reads_back("7.seg", sizes[i], &key);
		if (wrong > 0)
			printf("# %zu bytes: %s\n", sizes[i], e.msg);
		if (blockfile_open(&f, "7.seg", &key, &e) == 0) {
			large += blockfile_bytes(f) != HEAD + sizes[i] +
			    (sizes[i] + SMALL - 1) / SMALL * TAG;
			blockfile_close(f);
		}
	}
	is_int(wrong, 0, "what is put is read, of all sizes");
	is_int(large, 0, "a header, and a tag for each block, are all it "
	    "takes more");
}

static void
test_gap(void)
{
	int fd = open("gap", O_RDWR | O_CREAT | O_TRUNC, 0600), i;
	struct blockfile_out o;
	struct buf b = BUF_INIT;
	bool good = true;

	ok(blockfile_begin(&o, fd, "gap", BLOCK, &key, &e) == 0 &&
	    blockfile_put(&o, 0, text, 10, &e) == 0 &&
	    blockfile_put(&o, 50, text + 50, BLOCK, &e) == 0 &&
	    blockfile_end(&o, BLOCK + 2000, &e) == 0 &&
	    blockfile_get(&b, "gap", MOST, &key, &e) == 0 &&
	    b.len == BLOCK + 2000, "a file with gaps");
	for (i = 0; good && i < (int)b.len; i++)
		good = (uint8_t)b.p[i] == (i < 10 || (i >= 50 &&
		    i < BLOCK + 50) ? text[i] : 0);
	ok(good, "they are zeros");
	blockfile_release(&o);
	buf_release(&b);
	close(fd);
}

/* A file without a name is read back as it is written: sealed, too. */
static void
test_again(void)
{
	int fd = file_scratch("./x.seg", &e);
	struct blockfile_out o;
	struct blockfile *f = NULL;
	uint8_t *p = malloc(5 * BLOCK), raw[8];

	ok(blockfile_begin(&o, fd, "./x.seg", BLOCK, &key, &e) == 0 &&
	    blockfile_put(&o, 0, text, 5 * BLOCK, &e) == 0 &&
	    blockfile_end(&o, 5 * BLOCK, &e) == 0 &&
	    blockfile_again(&f, &o, &key, &e) == 0 &&
	    blockfile_read(f, 0, p, 5 * BLOCK, &e) == 0 &&
	    memcmp(p, text, 5 * BLOCK) == 0, "read back while it is open");
	ok(pread(fd, raw, 8, 0) == 8 && memcmp(raw, "MKBLOCK\n", 8) == 0,
	    "and sealed on the disk");
	blockfile_close(f);
	blockfile_release(&o);
	free(p);
	close(fd);
}

/* --- what is there ----------------------------------------------------- */

static void
test_golden(void)
{
	/* by another implementation (Python's cryptography): the key is the
	 * bytes 0, 1, ..., the salt 64, 65, ... */
	static const char hex[] =
	    "4d4b424c4f434b0a0100000000400000404142434445464748494a4b4c4d4e4f5051"
	    "52535455565758595a5b5c5d5e5f1800000000000000b5bb082b733f697977e6478b"
	    "e62a736c96d3086ff5d1f66223a520b6367d4c8154bbf745450d1bc5ebe8386975fd"
	    "8995ee65ab79d94e7b39";
	struct blockfile_key k = { .sealed = true };
	uint8_t raw[(sizeof hex - 1) / 2];
	struct buf b = BUF_INIT;
	int i;

	for (i = 0; i < BLOCKFILE_KEY; i++)
		k.key[i] = (uint8_t)i;
	ok(hex_decode(raw, hex, sizeof raw) == 1 &&
	    file_replace("7.seg", raw, sizeof raw, &e) == 0 &&
	    blockfile_get(&b, "7.seg", 100, &k, &e) == 0,
	    "a file of another implementation opens");
	is_str(b.p, "what was said stays here", "and is what it was");
	ok(blockfile_get(&b, "7.seg", 23, &k, &e) < 0 && e.code == ERR_INPUT,
	    "no more than is asked for");
	raw[8] = 2;
	file_replace("7.seg", raw, sizeof raw, &e);
	ok(blockfile_get(&b, "7.seg", 100, &k, &e) < 0 &&
	    e.code == ERR_VERSION, "of a newer version: %s", e.msg);
	buf_release(&b);
}

static void
test_secret(void)
{
	static const char word[] = "a word that was planted";
	struct buf a = BUF_INIT, b = BUF_INIT;
	size_t i, seen = 0;

	memcpy(text + 5000, word, sizeof word);
	write_file("7.seg", 3 * BLOCK, BLOCK, &key);
	buf_read_file(&a, "7.seg", MOST, &e);
	write_file("7.seg", 3 * BLOCK, BLOCK, &key);
	buf_read_file(&b, "7.seg", MOST, &e);
	for (i = 0; i + sizeof word <= a.len; i++)
		seen += memcmp(a.p + i, word, 8) == 0;
	is_int(seen, 0, "nothing plain is in the file");
	for (i = HEAD; i < a.len && i < b.len; i++)
		seen += a.p[i] == b.p[i];
	ok(a.len == b.len && seen < a.len / 128,
	    "the same bytes again are other ones in the file");
	ok(blockfile_replace("7.seg", text, 3 * BLOCK, &key, &e) == 0 &&
	    reads_back("7.seg", 3 * BLOCK, &key), "a whole file");
	ok(blockfile_replace("7.seg", text, 0, &key, &e) == 0 &&
	    reads_back("7.seg", 0, &key), "an empty one");
	buf_release(&a);
	buf_release(&b);
}

/* --- what is refused --------------------------------------------------- */

/* Refused as damaged, when it is opened or when it is read. */
static bool
refused(const char *path, const struct blockfile_key *k)
{
	struct buf b = BUF_INIT;
	int r = blockfile_get(&b, path, MOST, k, &e);

	buf_release(&b);
	return r < 0 && e.code == ERR_INDEX;
}

static void
put_raw(const char *path, const struct buf *b, size_t len)
{
	if (file_replace(path, b->p, len, &e) < 0)
		exit(2);
}

static void
test_place(void)
{
	struct buf b = BUF_INIT;

	write_file("7.seg", 2 * BLOCK, BLOCK, &key);
	buf_read_file(&b, "7.seg", MOST, &e);
	other = key;
	other.key[31] ^= 1;
	ok(refused("7.seg", &other), "with another key: %s", e.msg);
	put_raw("8.seg", &b, b.len);
	ok(refused("8.seg", &key), "under another name: %s", e.msg);
	ok(blockfile_get(&b, "7.seg", MOST, NULL, &e) == 0 &&
	    memcmp(b.p, "MKBLOCK\n", 8) == 0, "without a key it is bytes");
	write_file("7.seg", 2 * BLOCK, BLOCK, NULL);
	ok(refused("7.seg", &key), "one in clear where it is to be sealed: %s",
	    e.msg);
	ok(blockfile_get(&b, "nosuch", 10, &key, &e) < 0 &&
	    e.code == ERR_ABSENT, "none is none");
	ok(symlink("7.seg", "link") == 0 && blockfile_get(&b, "link", MOST,
	    &key, &e) < 0, "no link is followed");
	ok(blockfile_get(&b, ".", MOST, &key, &e) < 0, "nor is a folder one");
	buf_release(&b);
}

static void
test_bytes(void)
{
	struct buf b = BUF_INIT;
	size_t i, wrong = 0, n = 0;
	char was;

	write_file("7.seg", 2 * BLOCK + 50, BLOCK, &key);
	buf_read_file(&b, "7.seg", MOST, &e);
	for (i = 0; i < b.len; i += i < HEAD + TAG ||
	    i + 100 > b.len ? 1 : 1 + below(200), n++) {
		was = b.p[i];
		b.p[i] ^= (char)(1 << below(8));
		put_raw("7.seg", &b, b.len);
		b.p[i] = was;
		/* that of a version is told from damage */
		wrong += !refused("7.seg", &key) && (i < 8 || i > 11 ||
		    e.code != ERR_VERSION);
	}
	ok(wrong == 0, "a byte changed, at %zu places: refused", n);
	put_raw("7.seg", &b, b.len);
	ok(reads_back("7.seg", 2 * BLOCK + 50, &key), "and as it was, not");
	buf_release(&b);
}

static void
test_cut(void)
{
	size_t step = BLOCK + TAG, i, wrong = 0;
	struct buf b = BUF_INIT;

	write_file("7.seg", 3 * BLOCK, BLOCK, &key);
	buf_read_file(&b, "7.seg", MOST, &e);
	for (i = 0; i <= 3; i++) {
		wrong += (put_raw("7.seg", &b, i < 3 ? HEAD + i * step :
		    HEAD - 1), !refused("7.seg", &key));
		wrong += (put_raw("7.seg", &b, HEAD + i * step - 1),
		    !refused("7.seg", &key));
	}
	buf_add(&b, text, step);
	put_raw("7.seg", &b, b.len);
	wrong += !refused("7.seg", &key);
	put_raw("7.seg", &b, b.len - step + 1);
	wrong += !refused("7.seg", &key);
	is_int(wrong, 0, "cut, or longer, at and beside the borders of blocks");
	buf_release(&b);
}

static void
swap(char *a, char *b, size_t n)
{
	char t;

	for (; n > 0; n--, a++, b++) {
		t = *a;
		*a = *b;
		*b = t;
	}
}

static void
test_swapped(void)
{
	size_t step = BLOCK + TAG;
	struct buf a = BUF_INIT, b = BUF_INIT;

	write_file("7.seg", 3 * BLOCK, BLOCK, &key);
	buf_read_file(&a, "7.seg", MOST, &e);
	write_file("7.seg", 3 * BLOCK, BLOCK, &key);
	buf_read_file(&b, "7.seg", MOST, &e);
	ok(reads_back("7.seg", 3 * BLOCK, &key), "as it was");
	swap(b.p + HEAD, b.p + HEAD + step, step);
	put_raw("7.seg", &b, b.len);
	ok(refused("7.seg", &key), "two blocks swapped: %s", e.msg);
	swap(b.p + HEAD, b.p + HEAD + step, step);
	memcpy(b.p + HEAD + step, a.p + HEAD + step, step);
	put_raw("7.seg", &b, b.len);
	ok(refused("7.seg", &key), "the block of an older file of the same "
	    "name and bytes: %s", e.msg);
	memcpy(b.p, a.p, HEAD);
	put_raw("7.seg", &b, b.len);
	ok(refused("7.seg", &key), "with its header, too");
	/* the first block alone, and a header that says so */
	write_file("7.seg", BLOCK, BLOCK, &key);
	buf_reset(&b);
	buf_read_file(&b, "7.seg", MOST, &e);
	memcpy(a.p + HEAD - TAG - 8, b.p + HEAD - TAG - 8, 8 + TAG);
	put_raw("7.seg", &a, HEAD + step);
	ok(refused("7.seg", &key), "another end is not to be had: %s", e.msg);
	buf_release(&a);
	buf_release(&b);
}

int
main(void)
{
	size_t i;

	temp_begin();
	text = malloc(MOST);
	for (i = 0; i < MOST; i++)
		text[i] = (uint8_t)below(256);
	for (i = 0; i < BLOCKFILE_KEY; i++)
		key.key[i] = (uint8_t)below(256);
	test_sizes();
	test_gap();
	test_again();
	test_golden();
	test_secret();
	test_place();
	test_bytes();
	test_cut();
	test_swapped();
	free(text);
	return done() | temp_end();
}
