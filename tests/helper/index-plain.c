/*
 * A file of an index, in plain, on standard output: index-plain SCOPE FILE,
 * of the store, tenant and user of the environment; SCOPE is event, toc,
 * grip, kb, fact, own, artifact.
 */
#include "base/file.h"
#include "index/blockfile.h"
#include "search/indexed.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST ((size_t)1 << 30)

static int
print(struct store *st, enum source source, const char *name, struct err *e)
{
	char *dir = indexed_dir(st, source);
	struct buf path = BUF_INIT, b = BUF_INIT;
	struct blockfile_key key;
	int r;

	file_join(&path, dir, name);
	r = indexed_seal(st, source, &key, e) < 0 ||
	    blockfile_get(&b, path.p, MOST, &key, e) < 0 ? -1 : 0;
	if (r == 0)
		fwrite(b.p, 1, b.len, stdout);
	buf_release(&path);
	buf_release(&b);
	free(dir);
	return r;
}

int
main(int argc, char **argv)
{
	/* in the order of enum source */
	static const char *const names[] = { "event", "kb", "toc", "grip",
	    "fact", "own", "artifact" };
	const struct store_where where = { .dir = NULL };
	struct store *st = NULL;
	struct err e = { 0 };
	size_t i;
	int r = -1;

	for (i = 0; argc == 3 && i < sizeof names / sizeof *names; i++)
		if (strcmp(argv[1], names[i]) == 0)
			break;
	if (argc != 3 || i == sizeof names / sizeof *names) {
		fputs("usage: index-plain scope file\n", stderr);
		return 64;
	}
	if (store_open(&st, &where, STORE_READ, &e) == 0)
		r = print(st, (enum source)i, argv[2], &e);
	store_close(st);
	if (r < 0)
		fprintf(stderr, "index-plain: %s\n", e.msg);
	return r < 0 || fclose(stdout) != 0 ? 2 : 0;
}
