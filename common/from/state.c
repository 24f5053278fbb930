/*
 * What a format must know to go on behind a cursor: strings and rings of
 * hashes, in the JSON that the cursor keeps.
 */
#include "from/format.h"

#include "base/alloc.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

void
from_set(char **to, const char *s)
{
	if (s == NULL || str_eq(*to, s))
		return;
	free(*to);
	*to = xstrdup(s);
}

void
from_save_hashes(json_t *state, const char *key, const uint64_t *h, size_t n)
{
	json_t *all = json_array();
	char hex[17];
	size_t i;

	for (i = 0; i < n; i++)
		if (h[i] != 0) {
			snprintf(hex, sizeof hex, "%016llx",
			    (unsigned long long)h[i]);
			json_array_append_new(all, json_string(hex));
		}
	if (json_array_size(all) > 0)
		json_object_set(state, key, all);
	json_decref(all);
}

size_t
from_restore_hashes(const json_t *state, const char *key, uint64_t *h,
    size_t n)
{
	const json_t *all = json_object_get(state, key);
	const char *s;
	size_t i;

	for (i = 0; i < n && i < json_array_size(all); i++)
		if ((s = json_string_value(json_array_get(all, i))) != NULL)
			h[i] = strtoull(s, NULL, 16);
	return i;
}

static char **
kept_at(const struct from *f, const struct from_kept *k)
{
	return (char **)(void *)((char *)f->priv + k->at);
}

void
from_kept_save(const struct from *f, const struct from_kept *k, json_t *state)
{
	for (; k->key != NULL; k++)
		if (*kept_at(f, k) != NULL)
			json_object_set_new(state, k->key,
			    json_string(*kept_at(f, k)));
}

void
from_kept_restore(struct from *f, const struct from_kept *k,
    const json_t *state)
{
	for (; k->key != NULL; k++)
		from_set(kept_at(f, k), get_str(state, k->key, NULL));
}

void
from_kept_release(struct from *f, const struct from_kept *k)
{
	for (; k->key != NULL; k++)
		free(*kept_at(f, k));
}
