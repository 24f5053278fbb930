/*
 * A store for the targets that write into one: in a folder of its own, which
 * goes at the end.
 */
#ifndef TESTS_FUZZ_STORE_H
#define TESTS_FUZZ_STORE_H

#include "fuzz.h"

#include "base/file.h"
#include "base/json.h"
#include "store/db.h"
#include "store/store.h"

#include <unistd.h>

static struct store *st;
static char folder[] = "/tmp/memkit-fuzz.XXXXXX";

static void
finish(void)
{
	struct err e;

	store_close(st);
	file_remove_tree(folder, &e);
}

static void
start(void)
{
	struct store_where w = { .dir = folder,
	    .tenant = "fuzz", .user = "fuzz" };
	struct err e;

	json_setup();
	must(mkdtemp(folder) != NULL);
	must(store_open(&st, &w, STORE_WRITE, &e) == 0);
	db_script(st->db, "PRAGMA synchronous = OFF", &e);
	atexit(finish);
}

#endif
