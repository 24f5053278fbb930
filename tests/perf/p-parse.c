/*
 * The least that a reader of JSON Lines does: p-parse <LINES parses each with
 * jansson, and throws it away.  What mem-from and mem-ingest are held against.
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

int
main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	json_t *v;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		v = json_loadb(line, (size_t)len, JSON_REJECT_DUPLICATES,
		    NULL);
		if (v == NULL) {
			fputs("p-parse: that is no JSON\n", stderr);
			return 2;
		}
		json_decref(v);
	}
	free(line);
	return 0;
}
