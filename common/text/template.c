#include "text/template.h"

#include <string.h>

/* The brace or bracket that ends what begins at t[at]. */
static const char *
other(const char *t, size_t at)
{
	return strchr(t + at, t[at] == '{' ? '}' : ']');
}

int
template_holes(const char *t, int (*fn)(void *, const char *, size_t,
    size_t), void *arg, size_t *at)
{
	bool inside = false;
	const char *end;
	size_t i;
	int r;

	for (i = 0; t[i] != '\0'; i++) {
		*at = i;
		if (t[i] == '}' || (t[i] == ']' && !inside) ||
		    (t[i] == '[' && (inside || other(t, i) == NULL)))
			return -1;
		if (t[i] == '[' || t[i] == ']')
			inside = t[i] == '[';
		if (t[i] != '{')
			continue;
		if ((end = other(t, i)) == NULL)
			return -1;
		if ((r = fn(arg, t + i + 1, (size_t)(end - t) - i - 1, i)) != 0)
			return r;
		i = (size_t)(end - t);
	}
	return 0;
}

bool
template_fill(struct buf *out, const char *t, bool (*put)(void *,
    struct buf *, const char *, size_t), void *arg)
{
	size_t i, begun = 0;
	bool whole = true, clause = true, inside = false;
	const char *end;

	for (i = 0; t[i] != '\0'; i++) {
		if (t[i] == '[') {
			inside = clause = true;
			begun = out->len;
		} else if (t[i] == ']') {
			if (!clause)
				buf_cut(out, begun);
			inside = false;
		} else if (t[i] == '{' && (end = other(t, i)) != NULL) {
			if (!put(arg, out, t + i + 1,
			    (size_t)(end - t) - i - 1)) {
				if (inside)
					clause = false;
				else
					whole = false;
			}
			i = (size_t)(end - t);
		} else
			buf_addc(out, t[i]);
	}
	return whole;
}
