/*
 * Snapshots from the command line, for tests: of the store and the remote of
 * its configuration (MEM_STORE).
 *
 *	snapshot NAME put PREFIX	prints name, bytes of the description
 *	snapshot NAME get PREFIX NAME BYTES FILE
 *	snapshot NAME check PREFIX NAME BYTES FILE	and look through
 *
 * and then the number of pieces, how many of them travelled, and their bytes.
 * An error is a line on standard error, and its code (err.h) the status.
 * SIGTERM interrupts it.
 */
#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "store/store.h"
#include "sync/remote.h"
#include "sync/snapshot.h"
#include "unnoted.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t stop;

static void
on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static int
get(struct remote *r, char **w, int n, const struct snapshot_how *how,
    struct snapshot *s, bool check, struct err *e)
{
	uint8_t name[HASH_LEN];
	int64_t bytes;

	if (n != 4 || strlen(w[1]) != HASH_HEX ||
	    !hex_decode(name, w[1], HASH_LEN) ||
	    !str_int(w[2], 0, INT64_MAX, &bytes))
		exit(64);
	if (snapshot_get(r, w[0], name, (uint64_t)bytes, w[3], how, s, e) < 0)
		return -1;
	return check ? snapshot_check(w[3], s, e) : 0;
}

static int
run(int argc, char **argv, struct err *e)
{
	struct store_where where = { .dir = NULL };
	struct snapshot_sums sums = { 0, 0 };
	struct snapshot_how how = { .sums = &sums, .stop = &stop };
	struct snapshot s = SNAPSHOT_INIT;
	const char *verb = argv[2];
	struct store *st = NULL;
	struct remote *r = NULL;
	char hex[HASH_HEX + 1];
	int ret;

	if ((ret = store_open(&st, &where, STORE_READ, e)) == 0 &&
	    (ret = remote_open(&r, st, argv[1], &stop, e)) == 0) {
		remote_only(r, NULL);
		if (strcmp(verb, "put") == 0)
			ret = snapshot_put(st, r, argv[3], &how, &s, e);
		else
			ret = get(r, argv + 3, argc - 3, &how, &s,
			    strcmp(verb, "check") == 0, e);
	}
	if (ret == 0) {
		hex_encode(hex, s.name, HASH_LEN);
		printf("%s %" PRIu64 " %zu %" PRIu64 " %" PRIu64 "\n", hex,
		    s.bytes, s.n, sums.pieces, sums.bytes);
	}
	snapshot_release(&s);
	remote_close(r);
	close_unnoted(st);
	return ret;
}

int
main(int argc, char **argv)
{
	struct err e = { 0 };
	int ret;

	alloc_name = "snapshot";
	json_setup();
	signal(SIGTERM, on_term);
	if (argc < 4)
		return 64;
	ret = run(argc, argv, &e);
	if (ret < 0)
		fprintf(stderr, "snapshot: %s\n", e.msg);
	return ret < 0 ? (int)e.code : 0;
}
