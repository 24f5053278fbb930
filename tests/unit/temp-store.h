/*
 * A store of a test's own, in a folder that goes with it.
 */
#ifndef TESTS_TEMP_STORE_H
#define TESTS_TEMP_STORE_H

#include "base/file.h"
#include "base/json.h"
#include "store/db.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char temp_top[] = "/tmp/memkit-unit.XXXXXX";

/* First call of main; the environment says nothing of stores after it. */
static inline void
temp_begin(void)
{
	static const char *const names[] = { "MEM_STORE", "MEM_TENANT",
	    "MEM_USER", "MEM_SESSION", "XDG_DATA_HOME", "MEM_NOW",
	    "MEM_MODEL" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	json_setup();
	if (mkdtemp(temp_top) == NULL || chdir(temp_top) < 0)
		exit(2);
}

static inline int
temp_end(void)
{
	struct err e;

	if (chdir("/") < 0 || file_remove_tree(temp_top, &e) < 0)
		return 2;
	return 0;
}

static inline struct store *
temp_open(const char *dir, const char *user, enum store_mode mode)
{
	struct store_where w = { .dir = dir, .user = user };
	struct store *st = NULL;
	struct err e;

	if (store_open(&st, &w, mode, &e) < 0) {
		printf("Bail out! %s\n", e.msg);
		exit(2);
	}
	return st;
}

static inline json_t *
temp_json(const char *text)
{
	struct err e;
	json_t *o = json_read(text, strlen(text), &e);

	if (o == NULL) {
		printf("Bail out! %s: %s\n", text, e.msg);
		exit(2);
	}
	return o;
}

/* One number of a query. */
#define temp_count(st, sql) temp_number((st)->db, "" sql)
static inline int64_t
temp_number(struct db *db, const char *sql)
{
	struct err e;
	int64_t n = -1;

	if (db_one(db, sql, 0, &n, &e) < 0)
		printf("# %s\n", e.msg);
	return n;
}

#endif
