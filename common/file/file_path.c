#include "file/file_path.h"

#include "base/str.h"
#include "base/utf8.h"

#include <string.h>

const char *const file_areas[] = { "inputs", "artifacts", "cache", NULL };

int
file_area_of(const char *name)
{
	int i;

	for (i = 0; i < FILE_AREAS; i++)
		if (str_eq(file_areas[i], name))
			return i;
	return -1;
}

static int
check_part(const char *p, size_t n, struct err *e)
{
	if (n == 0)
		return err_set(e, ERR_INPUT, "the path has an empty part");
	if (n > FILE_PART_MAX)
		return err_set(e, ERR_INPUT, "a part of the path is longer "
		    "than %d bytes", FILE_PART_MAX);
	if (p[0] == '.' && (n == 1 || (n == 2 && p[1] == '.')))
		return err_set(e, ERR_INPUT, "a part of the path is '.' or "
		    "'..'");
	return 0;
}

static int
check_text(const char *path, size_t len, struct err *e)
{
	size_t at, n;
	uint32_t c;

	if (utf8_check(path, len) != len)
		return err_set(e, ERR_INPUT, "the path is not UTF-8");
	for (at = 0; at < len; at += n) {
		c = utf8_decode(path + at, len - at, &n);
		if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0))
			return err_set(e, ERR_INPUT, "the path holds a control "
			    "character");
	}
	return 0;
}

int
file_path_check(const char *path, struct err *e)
{
	size_t len = strlen(path), n;
	const char *p = path;
	int depth = 0;

	if (len == 0)
		return err_set(e, ERR_INPUT, "the path is empty");
	if (len > FILE_PATH_MAX)
		return err_set(e, ERR_INPUT, "the path is longer than %d bytes",
		    FILE_PATH_MAX);
	for (;; p += n + 1) {
		n = strcspn(p, "/");
		if (check_part(p, n, e) < 0)
			return -1;
		if (++depth > FILE_DEPTH_MAX)
			return err_set(e, ERR_INPUT, "the path has more than "
			    "%d parts", FILE_DEPTH_MAX);
		if (p[n] == '\0')
			return check_text(path, len, e);
	}
}
