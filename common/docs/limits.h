/*
 * How much a document may ask for.  Whoever meets one of them says which
 * (ERR_INPUT, with the key of memkit.conf(5) that raises it, or what else
 * helps).
 */
#ifndef DOCS_LIMITS_H
#define DOCS_LIMITS_H

#include <stdint.h>

struct docs_limits {
	int64_t bytes;		/* of one document, unpacked */
	int64_t total;		/* of all that one operand unpacks to */
	int64_t ratio;		/* unpacked to packed, from 1 MiB on */
	int64_t entries;	/* of an archive, nested ones together */
	int64_t depth;		/* of markup: the elements that are open; no
				   setting raises it */
	int64_t nest;		/* of archives in archives */
	int64_t part;		/* of one part of a zipped document, in memory:
				   shared strings, relations, styles */
	int64_t line;		/* of a line or paragraph; longer ones are cut
				   into several */
};

#define DOCS_LIMITS { .bytes = INT64_C(1) << 30, .total = INT64_C(8) << 30, \
    .ratio = 200, .entries = 100000, .depth = 256, .nest = 8, \
    .part = INT64_C(32) << 20, .line = INT64_C(1) << 20 }

#endif
