/*
 * mkbundle KIND [:KEY=JSON ...] [PATH=FILE ...] >BUNDLE: a bundle of these
 * files, as whole as the real ones, whatever is in it.  "files" of the
 * manifest is as our writer makes it, beside which the KEYs stand.
 */
#include "store/bundle.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main(int argc, char **argv)
{
	struct bundle *b;
	int64_t bytes;
	struct err e;
	char *eq;
	int i;

	json_setup();
	if (argc < 2)
		return 64;
	b = bundle_new(argv[1], 1790000000000);
	for (i = 2; i < argc; i++) {
		if ((eq = strchr(argv[i], '=')) == NULL)
			return 64;
		*eq = '\0';
		if (argv[i][0] == ':') {
			bundle_about(b, argv[i] + 1, json_read(eq + 1,
			    strlen(eq + 1), &e));
			continue;
		}
		if (bundle_add_file(b, argv[i], eq + 1, &e) < 0) {
			fprintf(stderr, "mkbundle: %s\n", e.msg);
			return 2;
		}
	}
	if (bundle_write(b, 1, "standard output", &bytes, &e) < 0) {
		fprintf(stderr, "mkbundle: %s\n", e.msg);
		return 2;
	}
	bundle_free(b);
	return 0;
}
