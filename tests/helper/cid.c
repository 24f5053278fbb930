/*
 * Blocks of files from the command line, for tests; no network.
 *
 *	cid [-w WIDTH] FILE|-		its CID; with a width, and of standard
 *					input, in pieces that end anywhere
 *	cid [-w WIDTH] --car FILE	it as a CAR, on standard output
 *	cid --list			a CAR on standard input: "root CID",
 *					"block CID BYTES"
 *	cid --same CID CID		0: they name the same block
 */
#include "base/car.h"
#include "base/unixfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP 300000		/* no multiple of a chunk */

static struct unixfs u;
static struct cid root;
static char step[STEP];

static int
fail(const struct err *e)
{
	fprintf(stderr, "cid: %s\n", e->msg);
	return 2;
}

static void
tell(const char *what, const struct cid *c)
{
	char text[CID_TEXT];

	cid_text(c, text);
	printf("%s%s", what, text);
}

static int
write_block(void *arg, const struct cid *c, const void *p, size_t n,
    struct err *e)
{
	struct buf b = BUF_INIT;

	(void)arg;
	(void)e;
	car_block(&b, c, n);
	fwrite(b.p, 1, b.len, stdout);
	fwrite(p, 1, n, stdout);
	buf_release(&b);
	return 0;
}

/* All of a file through the builder. */
static int
build(const char *path, bool car, int64_t width, struct err *e)
{
	bool in = strcmp(path, "-") == 0;
	int fd = in ? 0 : open(path, O_RDONLY), r = 0;
	ssize_t n = 0;

	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	if (!in && !car && width == 0) {
		r = unixfs_cid(fd, path, &root, NULL, e);
		close(fd);
		return r;
	}
	unixfs_init(&u);
	if (width > 0)
		u.width = (size_t)width;
	if (car)
		u.block = write_block;
	while (r == 0 && (n = read(fd, step, sizeof step)) > 0)
		r = unixfs_add(&u, step, (size_t)n, e);
	if (r == 0)
		r = n < 0 ? err_sys(e, "cannot read '%s'", path) :
		    unixfs_end(&u, &root, NULL, e);
	unixfs_release(&u);
	close(fd);
	return r;
}

static int
list_roots(void *arg, const struct cid *c, size_t n, struct err *e)
{
	(void)arg;
	(void)e;
	for (; n > 0; n--, c++) {
		tell("root ", c);
		putchar('\n');
	}
	return 0;
}

static int
list_block(void *arg, const struct cid *c, const void *p, size_t n,
    struct err *e)
{
	(void)arg;
	(void)p;
	(void)e;
	tell("block ", c);
	printf(" %zu\n", n);
	return 0;
}

static int
list(struct err *e)
{
	struct car_read r;
	size_t n;
	int rc = 0;

	car_read_init(&r);
	r.roots = list_roots;
	r.block = list_block;
	while (rc == 0 && (n = fread(step, 1, sizeof step, stdin)) > 0)
		rc = car_read_add(&r, step, n, e);
	if (rc == 0)
		rc = car_read_end(&r, e);
	car_read_release(&r);
	return rc;
}

int
main(int argc, char **argv)
{
	struct cid a, b;
	struct err e = { 0 };
	struct buf head = BUF_INIT;
	int64_t width = 0;
	bool car;

	if (argc > 2 && strcmp(argv[1], "-w") == 0) {
		width = atol(argv[2]);
		argc -= 2;
		argv += 2;
	}
	if (argc == 4 && strcmp(argv[1], "--same") == 0) {
		if (cid_parse(&a, argv[2], strlen(argv[2]), &e) < 0 ||
		    cid_parse(&b, argv[3], strlen(argv[3]), &e) < 0)
			return fail(&e);
		return !cid_same(&a, &b);
	}
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list(&e) < 0 ? fail(&e) : 0;
	car = argc == 3 && strcmp(argv[1], "--car") == 0;
	if (!car && argc != 2) {
		fprintf(stderr, "cid: see its head\n");
		return 64;
	}
	if (build(argv[argc - 1], false, width, &e) < 0)
		return fail(&e);
	if (!car) {
		tell("", &root);
		putchar('\n');
		return 0;
	}
	car_header(&head, &root, 1);
	fwrite(head.p, 1, head.len, stdout);
	buf_release(&head);
	return build(argv[2], true, width, &e) < 0 ? fail(&e) : 0;
}
