/*
 * Answers of an endpoint: what is taken is as many vectors as there were
 * texts, all of one dimension, of numbers that a float holds; a second
 * reading, with the dimension known, says the same.  The first byte: how many
 * texts, and whether a dimension was asked for.
 */
#include "fuzz.h"

#include "net/embed_reply.h"

#include "base/json.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What embed-http prints is read by others: it must be JSON. */
static void
check(const struct buf *out, size_t n, size_t dim)
{
	struct buf all = BUF_INIT;
	struct err e;
	json_t *x, *v;
	size_t i, k;

	must(dim >= 1 && dim <= EMBED_REPLY_DIMENSION);
	buf_addc(&all, '[');
	buf_add(&all, out->p, out->len);
	buf_addc(&all, ']');
	x = json_read(all.p, all.len, &e);
	must(x != NULL && json_array_size(x) == n);
	for (i = 0; i < n; i++) {
		v = json_array_get(x, i);
		must(json_array_size(v) == dim);
		for (k = 0; k < dim; k++)
			must(fabs(json_number_value(json_array_get(v, k))) <=
			    (double)FLT_MAX * 1.000001);
	}
	json_decref(x);
	buf_release(&all);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf out = BUF_INIT, again = BUF_INIT;
	size_t n, dim, was;
	char *model, *second;
	struct err e = { 0 };

	if (len == 0)
		return 0;
	json_setup();
	n = 1 + data[0] % 8;
	dim = was = data[0] & 0x80 ? data[0] >> 4 & 7 : 0;
	if (embed_reply((const char *)data + 1, len - 1, n, &dim, &out,
	    &model, &e) == 0) {
		must(was == 0 || dim == was);
		must(model == NULL || *model != '\0');
		check(&out, n, dim);
		must(embed_reply((const char *)data + 1, len - 1, n, &dim,
		    &again, &second, &e) == 0);
		must(again.len == out.len &&
		    memcmp(again.p, out.p, out.len) == 0);
		free(second);
	} else {
		must(e.code == ERR_INPUT && e.msg[0] != '\0');
		must(model == NULL);
	}
	free(model);
	buf_release(&out);
	buf_release(&again);
	return 0;
}
