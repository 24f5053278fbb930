#include "sync/remote_key.h"

#include "base/alloc.h"
#include "base/str.h"
#include "net/s3_key.h"
#include "store/name.h"

#include <stdlib.h>
#include <string.h>

static const char *
part_wrong(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((p[i] < 'a' || p[i] > 'z') && (p[i] < '0' || p[i] > '9') &&
		    (p[i] == '\0' || strchr("._-%", p[i]) == NULL))
			return "it has other than a-z, 0-9 and ._-%; names "
			    "are escaped";
	if (n >= strlen(REMOTE_TEMP) &&
	    memcmp(p, REMOTE_TEMP, strlen(REMOTE_TEMP)) == 0)
		return "a part of it is called as what is not whole yet";
	if (n > 0 && p[n - 1] == '.')
		return "a part of it ends with a dot";
	return NULL;
}

const char *
remote_key_wrong(const char *key, size_t len)
{
	const char *end = key + len, *slash, *why = s3_key_wrong(key, len);

	while (why == NULL && key < end) {
		slash = memchr(key, '/', (size_t)(end - key));
		if (slash == NULL)
			slash = end;
		why = part_wrong(key, (size_t)(slash - key));
		key = slash + 1;
	}
	return why;
}

const char *
remote_prefix_wrong(const char *prefix, size_t len)
{
	if (len == 0)
		return NULL;
	if (prefix[len - 1] != '/')
		return "it does not end with '/'";
	return remote_key_wrong(prefix, len - 1);
}

void
remote_key_add(struct buf *b, const char *name)
{
	if (b->len > 0 && b->p[b->len - 1] != '/')
		buf_addc(b, '/');
	name_encode(b, name);
}

void
remote_key_path(struct buf *b, const char *path)
{
	size_t n;
	char *part;

	for (;; path += n + 1) {
		n = strcspn(path, "/");
		part = xstrndup(path, n);
		remote_key_add(b, part);
		free(part);
		if (path[n] == '\0')
			return;
	}
}
