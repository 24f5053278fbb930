/*
 * p-audit N: so many rows in the audit log of the store, in one transaction,
 * of the length that those of a push have.
 */
#include "store/audit.h"

#include "base/json.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	struct store_where where = { .dir = NULL };
	long i, n = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
	char object[80], detail[80];
	struct store *st;
	struct err e;
	int r = 0;

	json_setup();
	audit_tool = "p-audit";
	if (store_open(&st, &where, STORE_WRITE, &e) < 0 ||
	    tx_begin(st->db, &e) < 0)
		r = -1;
	for (i = 0; r == 0 && i < n; i++) {
		snprintf(object, sizeof object, "default/perf/s%ld/inputs/"
		    "f%ld.txt", i / 100, i);
		snprintf(detail, sizeof detail, "main, %ld bytes, sha256 "
		    "%016lx", 1000 + i, i * 2654435761L);
		r = audit_add(st, "put", object, detail, &e);
	}
	if (r == 0)
		r = tx_end(st->db, 0, &e);
	if (r < 0) {
		fprintf(stderr, "p-audit: %s\n", e.msg);
		return 2;
	}
	store_close(st);
	return 0;
}
