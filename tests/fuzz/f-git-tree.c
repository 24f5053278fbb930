/*
 * Two trees of anybody, and what their entries lead to: objects are pieces of
 * the input, told apart by the first byte of an id.
 */
#include "fuzz.h"

#include "history/gitlog_tree.h"

#include <string.h>

#define PIECES 8

static const uint8_t *piece[PIECES];
static size_t piece_len[PIECES];
static int opened;

static int
open_object(void *arg, const unsigned char *id, size_t max,
    struct gitlog_object *o, struct err *e)
{
	(void)arg;
	(void)e;
	if (max > 0 && piece_len[id[0] % PIECES] > max)
		return 0;
	/* no tree of a real hash holds itself: few of them do here */
	if (++opened > 2000)
		return 0;
	o->p = piece[id[0] % PIECES];
	o->len = piece_len[id[0] % PIECES];
	return 1;
}

static void
close_object(void *arg, struct gitlog_object *o)
{
	(void)arg;
	(void)o;
}

static void
check(const struct gitlog_changes *c)
{
	const struct gitlog_change *x;
	size_t i;

	for (i = 0; i < c->n; i++) {
		x = &c->v[i];
		must(x->path != NULL && *x->path != '\0');
		must(strlen(x->path) <= COMMIT_PATH_MAX);
		must(strcmp(x->path, "..") != 0 &&
		    strncmp(x->path, "../", 3) != 0);
		must((x->did == COMMIT_RENAMED) == (x->was != NULL));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct gitlog_reader r = { open_object, close_object, NULL };
	static const unsigned char from[GITLOG_ID] = { 0 },
	    to[GITLOG_ID] = { 1 };
	struct gitlog_changes c = { 0 };
	struct err e;
	size_t i;

	for (i = 0; i < PIECES; i++) {
		piece[i] = data + len * i / PIECES;
		piece_len[i] = len * (i + 1) / PIECES - len * i / PIECES;
	}
	opened = 0;
	if (gitlog_tree_diff(&r, from, to, &c, &e) == 0) {
		check(&c);
		must(gitlog_renames(&r, &c, &e) == 0);
		check(&c);
	} else
		must(e.code == ERR_CORRUPT);
	gitlog_changes_release(&c);
	return 0;
}
