#include "net/s3_key.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

static const char *
part_wrong(const char *p, size_t n)
{
	if (n == 0)
		return "a part of it is empty";
	if (n > S3_PART_MAX)
		return "a part of it has more than 255 bytes";
	if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
		return "a part of it is '.' or '..'";
	return NULL;
}

const char *
s3_key_wrong(const char *key, size_t len)
{
	const char *end = key + len, *slash, *why;
	size_t i;

	if (len == 0)
		return "it is empty";
	if (len > S3_KEY_MAX)
		return "it has more than 1024 bytes";
	if (utf8_check(key, len) != len)
		return "it is not UTF-8";
	for (i = 0; i < len; i++)
		if ((unsigned char)key[i] < ' ' || key[i] == 0x7f)
			return "it has a control character";
	for (;;) {
		slash = memchr(key, '/', (size_t)(end - key));
		if (slash == NULL)
			return part_wrong(key, (size_t)(end - key));
		if ((why = part_wrong(key, (size_t)(slash - key))) != NULL)
			return why;
		key = slash + 1;
	}
}

const char *
s3_prefix_wrong(const char *prefix, size_t len)
{
	if (len > 0 && prefix[len - 1] == '/')
		len--;
	else if (len == 0)
		return NULL;
	return s3_key_wrong(prefix, len);
}

const char *
s3_bucket_wrong(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t n = strlen(name), i;

	if (n < 3 || n > 63)
		return "it has not 3 to 63 letters";
	for (i = 0; i < n; i++)
		if (strchr(letters, name[i]) == NULL && name[i] != '-' &&
		    name[i] != '.')
			return "it has other than small letters, digits, '-' "
			    "and '.'";
	if (strchr(letters, name[0]) == NULL ||
	    strchr(letters, name[n - 1]) == NULL)
		return "it begins or ends with '-' or '.'";
	return strstr(name, "..") != NULL ? "it has two dots in a row" : NULL;
}
