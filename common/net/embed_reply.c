#include "net/embed_reply.h"

#include "base/alloc.h"
#include "base/json.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static int
wrong(const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "the endpoint answered wrongly: %s",
	    what);
}

static int
add_vector(const json_t *v, size_t *dim, struct buf *out, struct err *e)
{
	size_t i, n = json_array_size(v);
	const json_t *item;
	double c;

	if (n < 1 || n > EMBED_REPLY_DIMENSION)
		return wrong("no 'embedding' of 1 to 4096 numbers", e);
	if (*dim == 0)
		*dim = n;
	if (n != *dim)
		return wrong("vectors of several dimensions", e);
	if (out->len > 0)
		buf_addc(out, ',');
	buf_addc(out, '[');
	for (i = 0; i < n; i++) {
		item = json_array_get(v, i);
		c = json_number_value(item);
		if (!json_is_number(item) || !(fabs(c) <= (double)FLT_MAX))
			return wrong("a component that is no number", e);
		buf_addf(out, i == 0 ? "%.9g" : ",%.9g", c);
	}
	buf_addc(out, ']');
	return 0;
}

/* In the order of their numbers, each once. */
static int
add_vectors(const json_t *data, size_t n, size_t *dim, struct buf *out,
    struct err *e)
{
	const json_t **of = xcalloc(n, sizeof *of), *item;
	int64_t at;
	size_t i;
	int r = 0;

	for (i = 0; i < n && r == 0; i++) {
		item = json_array_get(data, i);
		at = (int64_t)i;
		if (get_int(item, "index", &at) < 0 || at < 0 ||
		    (uint64_t)at >= n || of[at] != NULL)
			r = wrong("an 'index' that is wrong", e);
		else
			of[at] = item;
	}
	for (i = 0; i < n && r == 0; i++)
		r = add_vector(json_object_get(of[i], "embedding"), dim, out,
		    e);
	free(of);
	return r;
}

int
embed_reply(const char *p, size_t len, size_t n, size_t *dim, struct buf *out,
    char **model, struct err *e)
{
	struct err bad;
	json_t *x = json_read(p, len, &bad), *data;
	const char *name;
	int r;

	*model = NULL;
	if (x == NULL)
		return wrong(bad.msg, e);
	data = json_object_get(x, "data");
	if (json_array_size(data) != n)
		r = wrong("not as many vectors as texts in 'data'", e);
	else
		r = add_vectors(data, n, dim, out, e);
	name = get_str(x, "model", NULL);
	if (r == 0 && name != NULL && *name != '\0')
		*model = xstrdup(name);
	json_decref(x);
	return r;
}
