#include "store/bundle.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

static char dir[] = "/tmp/memkit-u-bundle.XXXXXX";

static int
temp_fd(void)
{
	char path[] = "/tmp/memkit-u-bundle-f.XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	return fd;
}

static void
fill(int fd, const void *p, size_t n)
{
	struct err e;

	(void)!ftruncate(fd, 0);
	lseek(fd, 0, SEEK_SET);
	if (file_write(fd, p, n, "temp", &e) < 0)
		exit(2);
	lseek(fd, 0, SEEK_SET);
}

/* All of a file. */
static void
drain(int fd, struct buf *b)
{
	struct err e;

	lseek(fd, 0, SEEK_SET);
	buf_reset(b);
	if (buf_read_fd(b, fd, "temp", (size_t)1 << 24, &e) < 0)
		exit(2);
}

static struct bundle *
make(const char *big)
{
	struct bundle *b = bundle_new("test", 1790000000123);
	struct err e;

	bundle_about(b, "colour", json_string("red"));
	bundle_add_bytes(b, "first", "one\n", 4);
	bundle_add_bytes(b, "a/b/empty", "", 0);
	if (bundle_add_file(b, "a/big", big, &e) < 0) {
		printf("# %s\n", e.msg);
		exit(2);
	}
	return b;
}

/* Read it all: 0, or -1 and why. */
static int
read_all(int fd, struct buf *got, struct err *e)
{
	const struct bundle_file *f;
	struct bundle_reader *r = NULL;
	int rc, out = temp_fd();
	struct buf b = BUF_INIT;

	lseek(fd, 0, SEEK_SET);
	buf_reset(got);
	if ((rc = bundle_open(&r, fd, "it", e)) == 0) {
		while ((rc = bundle_next(r, &f, e)) == 1) {
			(void)!ftruncate(out, 0);
			lseek(out, 0, SEEK_SET);
			if (bundle_read(r, out, "out", e) < 0) {
				rc = -1;
				break;
			}
			drain(out, &b);
			buf_addf(got, "%s %zu %.4s;", f->path, b.len, b.p);
		}
	}
	bundle_close(r);
	buf_release(&b);
	close(out);
	return rc;
}

static void
round_trip(const char *big)
{
	struct buf one = BUF_INIT, two = BUF_INIT, got = BUF_INIT;
	struct bundle *b = make(big);
	struct bundle_reader *r;
	int64_t bytes = 0;
	int fd = temp_fd();
	struct err e;

	is_int(bundle_write(b, fd, "it", &bytes, &e), 0, "it is written");
	drain(fd, &one);
	is_int((int64_t)one.len, bytes, "as long as it says");
	ok(one.len % 512 == 0, "in whole blocks");
	is_int(read_all(fd, &got, &e), 0, "and read again");
	is_str(got.p, "first 4 one\n;a/b/empty 0 ;a/big 20001 xxxx;",
	    "with all that was in it");
	lseek(fd, 0, SEEK_SET);
	is_int(bundle_open(&r, fd, "it", &e), 0, "opened again");
	is_str(get_str(bundle_contents(r)->about, "colour", NULL), "red",
	    "what was told is there");
	is_str(get_str(bundle_contents(r)->about, "kind", NULL), "test",
	    "so is its kind");
	is_int((int64_t)bundle_contents(r)->n, 3, "and three files");
	is_int(bundle_contents(r)->bytes, 20005, "of so many bytes");
	bundle_close(r);
	bundle_free(b);

	b = make(big);
	(void)!ftruncate(fd, 0);
	lseek(fd, 0, SEEK_SET);
	bundle_write(b, fd, "it", &bytes, &e);
	drain(fd, &two);
	ok(one.len == two.len && memcmp(one.p, two.p, one.len) == 0,
	    "the same content gives the same bytes");
	bundle_free(b);
	close(fd);
	buf_release(&one);
	buf_release(&two);
	buf_release(&got);
}

/* Every place is covered by one of the checks: headers, contents, padding,
 * the seal, the zeros at the end. */
static void
damage(const char *big)
{
	struct buf whole = BUF_INIT, got = BUF_INIT;
	int fd = temp_fd(), bad = 0, rc;
	struct bundle *b = make(big);
	int64_t bytes;
	struct err e;
	size_t i;
	char was;

	bundle_write(b, fd, "it", &bytes, &e);
	bundle_free(b);
	drain(fd, &whole);
	for (i = 0; i < whole.len; i += i < 5000 || i > whole.len - 3000 ?
	    23 : 1999) {
		was = whole.p[i];
		whole.p[i] = (char)(was ^ 0x10);
		fill(fd, whole.p, whole.len);
		rc = read_all(fd, &got, &e);
		if (rc != -1 && bad++ == 0)
			printf("# altered byte %zu of %zu was not seen\n", i,
			    whole.len);
		whole.p[i] = was;
	}
	is_int(bad, 0, "a byte altered anywhere is found");
	bad = 0;
	for (i = 0; i < whole.len; i += i < 5000 || i > whole.len - 3000 ?
	    41 : 1999) {
		fill(fd, whole.p, i);
		rc = read_all(fd, &got, &e);
		if (rc != -1 && bad++ == 0)
			printf("# cut after %zu of %zu was not seen\n", i,
			    whole.len);
	}
	is_int(bad, 0, "cut off anywhere is found");
	for (i = whole.len - 1100; i < whole.len; i += 9) {
		fill(fd, whole.p, i);
		if (read_all(fd, &got, &e) != -1)
			bad++;
	}
	is_int(bad, 0, "cut off at its very end is found");
	buf_add(&whole, "more", 4);
	fill(fd, whole.p, whole.len);
	is_int(read_all(fd, &got, &e), -1, "something after the end is found");
	fill(fd, "", 0);
	is_int(read_all(fd, &got, &e), -1, "nothing is not a bundle");
	is_str(e.msg, "'it' is empty", "and says so");
	fill(fd, "\x28\xb5\x2f\xfd rest", 9);
	is_int(read_all(fd, &got, &e), -1, "a compressed one is refused");
	ok(strstr(e.msg, "zstd -dc") != NULL, "and says by what to unpack it");
	close(fd);
	buf_release(&whole);
	buf_release(&got);
}

/* --- bundles that we would not make ------------------------------------ */

static void
entry(struct archive *a, const char *path, unsigned type, const char *link,
    const char *text)
{
	struct archive_entry *en = archive_entry_new();

	archive_entry_set_pathname(en, path);
	archive_entry_set_filetype(en, type);
	archive_entry_set_perm(en, 0600);
	archive_entry_set_size(en, (int64_t)strlen(text));
	if (link != NULL && type == AE_IFLNK)
		archive_entry_set_symlink(en, link);
	else if (link != NULL)
		archive_entry_set_hardlink(en, link);
	archive_write_header(a, en);
	archive_write_data(a, text, strlen(text));
	archive_entry_free(en);
}

static int
hostile(const char *manifest, const char *path, unsigned type,
    const char *link, const char *text, struct err *e)
{
	struct archive *a = archive_write_new();
	struct buf got = BUF_INIT;
	int fd = temp_fd(), rc;

	archive_write_set_format_pax_restricted(a);
	archive_write_open_fd(a, fd);
	entry(a, "manifest.json", AE_IFREG, NULL, manifest);
	entry(a, path, type, link, text);
	archive_write_free(a);
	rc = read_all(fd, &got, e);
	close(fd);
	buf_release(&got);
	return rc;
}

#define HEX "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
#define LIST(path, size) "{\"format\":\"memkit-bundle-1\",\"files\":[{" \
	"\"path\":\"" path "\",\"size_bytes\":" size ",\"sha256\":\"" HEX \
	"\"}]}"

static void
strangers(void)
{
	static const char *const paths[] = { "/etc/x", "../x", "a/../x",
	    "a/./x", "a//x", "a/", ".", "", "a b", "a\\\\b", "\\u0001",
	    "manifest.json", "sha256", NULL };
	struct buf m = BUF_INIT;
	struct err e;
	int i;

	for (i = 0; paths[i] != NULL; i++) {
		buf_reset(&m);
		buf_addf(&m, "{\"format\":\"memkit-bundle-1\",\"files\":[{"
		    "\"path\":\"%s\",\"size_bytes\":3,\"sha256\":\"%s\"}]}",
		    paths[i], HEX);
		is_int(hostile(m.p, "x", AE_IFREG, NULL, "foo", &e), -1,
		    "a path '%s' is refused", paths[i]);
		ok(strstr(e.msg, "not allowed") != NULL, "because of it");
	}
	is_int(hostile(LIST("x", "3"), "y", AE_IFREG, NULL, "foo", &e), -1,
	    "another file than the manifest says");
	is_int(hostile(LIST("x", "3"), "x", AE_IFLNK, "/etc/passwd", "", &e),
	    -1, "a symbolic link");
	ok(strstr(e.msg, "not a plain file") != NULL, "  %s", e.msg);
	is_int(hostile(LIST("x", "3"), "x", AE_IFREG, "manifest.json", "", &e),
	    -1, "a hard link");
	is_int(hostile(LIST("x", "3"), "x", AE_IFCHR, NULL, "", &e), -1,
	    "a device");
	is_int(hostile(LIST("x", "3"), "x", AE_IFREG, NULL, "bar", &e), -1,
	    "another content");
	ok(strstr(e.msg, "not what its manifest says") != NULL, "  %s", e.msg);
	is_int(hostile(LIST("x", "4"), "x", AE_IFREG, NULL, "foo", &e), -1,
	    "another size");
	is_int(hostile(LIST("x", "-1"), "x", AE_IFREG, NULL, "foo", &e), -1,
	    "a negative size");
	is_int(hostile(LIST("x", "9223372036854775807"), "x", AE_IFREG, NULL,
	    "foo", &e), -1, "a huge size");
	is_int(hostile(LIST("x", "3"), "x", AE_IFREG, NULL, "foo", &e), -1,
	    "a bundle without its seal");
	is_int(hostile("{\"format\":\"memkit-bundle-2\"}", "x", AE_IFREG, NULL,
	    "", &e), -1, "a later format");
	is_int(e.code, ERR_VERSION, "is told as that");
	is_int(hostile("{\"format\":\"memkit-bundle-1\",\"files\":["
	    "{\"path\":\"x\",\"size_bytes\":9223372036854775807,\"sha256\":\""
	    HEX "\"},{\"path\":\"y\",\"size_bytes\":1,\"sha256\":\"" HEX
	    "\"}]}", "x", AE_IFREG, NULL, "", &e), -1,
	    "sizes whose sum is too large");
	is_int(hostile("{\"format\":\"memkit-bundle-1\",\"files\":["
	    "{\"path\":\"x\",\"size_bytes\":3,\"sha256\":\"" HEX "\"},"
	    "{\"path\":\"x\",\"size_bytes\":3,\"sha256\":\"" HEX "\"}]}", "x",
	    AE_IFREG, NULL, "foo", &e), -1, "a file named twice");
	is_int(hostile("[]", "x", AE_IFREG, NULL, "", &e), -1,
	    "a manifest that is no object");
	is_int(hostile("nonsense", "x", AE_IFREG, NULL, "", &e), -1,
	    "a manifest that is no JSON");
	is_int(e.code, ERR_CORRUPT, "is damage");
	buf_release(&m);
}

static void
changing(const char *big)
{
	struct bundle *b = make(big);
	int fd = temp_fd(), to;
	int64_t bytes;
	struct err e;

	to = open(big, O_WRONLY);
	(void)!pwrite(to, "y", 1, 7);
	close(to);
	is_int(bundle_write(b, fd, "it", &bytes, &e), -1,
	    "a file that changes in between");
	is_int(e.code, ERR_INPUT, "is told as that");
	to = open(big, O_WRONLY | O_TRUNC);
	close(to);
	(void)!ftruncate(fd, 0);
	is_int(bundle_write(b, fd, "it", &bytes, &e), -1,
	    "so is one that shrinks");
	unlink(big);
	is_int(bundle_write(b, fd, "it", &bytes, &e), -1,
	    "so is one that goes");
	bundle_free(b);
	b = bundle_new("test", 0);
	is_int(symlink("/etc/passwd", big), 0, "(a link is made)");
	is_int(bundle_add_file(b, "x", big, &e), -1, "no link is followed");
	unlink(big);
	is_int(bundle_add_file(b, "x", dir, &e), -1, "no folder is taken");
	bundle_free(b);
	close(fd);
}

int
main(void)
{
	char big[64], *text = xmalloc(20001);
	struct err e;

	json_setup();
	if (mkdtemp(dir) == NULL)
		return 2;
	snprintf(big, sizeof big, "%s/big", dir);
	memset(text, 'x', 20001);
	if (file_replace(big, text, 20001, &e) < 0)
		return 2;
	round_trip(big);
	damage(big);
	strangers();
	changing(big);
	free(text);
	file_remove_tree(dir, &e);
	return done();
}
