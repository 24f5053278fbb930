/*
 * The manifest: what is in a bundle.
 */
#include "store/bundle.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/map.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
bundle_list_release(struct bundle_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i].path);
	free(l->v);
	json_decref(l->about);
	*l = (struct bundle_list)BUNDLE_LIST_INIT;
}

int
bundle_path_ok(const char *path)
{
	const char *p;
	size_t n;

	if (*path == '\0' || strlen(path) > BUNDLE_PATH_MAX)
		return 0;
	for (p = path; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == '\\')
			return 0;
	for (p = path;; p += n + 1) {
		n = strcspn(p, "/");
		if (n == 0 || n > 255 || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return 0;
		if (p[n] == '\0')
			return 1;
	}
}

/* One member of "files". */
static int
read_file(struct bundle_list *l, const json_t *o, struct map *seen,
    struct err *e)
{
	const char *path = get_str(o, "path", NULL), *hex;
	struct bundle_file f = { .path = NULL };
	int made;

	if (path == NULL || !bundle_path_ok(path) ||
	    str_eq(path, BUNDLE_MANIFEST) || str_eq(path, BUNDLE_SEAL))
		return err_set(e, ERR_CORRUPT, "its file %zu has a path that "
		    "is not allowed", l->n + 1);
	map_put(seen, path, &made);
	if (!made)
		return err_set(e, ERR_CORRUPT, "it names '%s' twice", path);
	hex = get_str(o, "sha256", NULL);
	if (get_int(o, "size_bytes", &f.size) != 1 || f.size < 0 ||
	    f.size > INT64_MAX - l->bytes)
		return err_set(e, ERR_CORRUPT, "its file '%s' has a size that "
		    "cannot be", path);
	if (hex == NULL || strlen(hex) != HASH_HEX ||
	    !hex_decode(f.hash, hex, HASH_LEN))
		return err_set(e, ERR_CORRUPT, "its file '%s' has no SHA-256",
		    path);
	f.path = xstrdup(path);
	l->v = xgrow(l->v, l->n, &l->cap, sizeof *l->v);
	l->v[l->n++] = f;
	l->bytes += f.size;
	return 0;
}

static int
read_list(struct bundle_list *l, json_t *o, struct err *e)
{
	const char *format = get_str(o, "format", NULL);
	json_t *files = json_object_get(o, "files");
	struct map seen = MAP_INIT;
	int r = 0;
	size_t i;

	if (format == NULL || !str_starts(format, "memkit-bundle-"))
		return err_set(e, ERR_CORRUPT, "it has no format");
	if (!str_eq(format, BUNDLE_FORMAT))
		return err_set(e, ERR_VERSION, "its format is '%.40s', this "
		    "is %s; upgrade memkit", format, BUNDLE_FORMAT);
	if (!json_is_array(files))
		return err_set(e, ERR_CORRUPT, "it has no list of files");
	for (i = 0; r == 0 && i < json_array_size(files); i++)
		r = read_file(l, json_array_get(files, i), &seen, e);
	map_release(&seen);
	if (r == 0) {
		json_object_del(o, "files");
		l->about = json_incref(o);
	}
	return r;
}

int
bundle_list_read(struct bundle_list *out, const char *json, size_t len,
    struct err *e)
{
	struct bundle_list l = BUNDLE_LIST_INIT;
	json_t *o;
	int r = -1;

	if ((o = json_read(json, len, e)) == NULL)
		e->code = ERR_CORRUPT;
	else
		r = read_list(&l, o, e);
	json_decref(o);
	if (r < 0)
		bundle_list_release(&l);
	else
		*out = l;
	return r;
}
