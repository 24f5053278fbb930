/*
 * Texts as JSON Schema names them: "pattern" and "format".  For jsonschema.c.
 */
#ifndef HELPER_JSON_FORMAT_H
#define HELPER_JSON_FORMAT_H

#include <ctype.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* 1 it has what is looked for, 0 not; -1: not a pattern that POSIX reads as
 * ECMA-262 does. */
static int
has_pattern(const char *pattern, const char *s)
{
	const char *p;
	regex_t re;
	int r;

	for (p = pattern; (p = strchr(p, '\\')) != NULL; p += 2)
		if (p[1] == '\0' || isalnum((unsigned char)p[1]))
			return -1;
	if (strstr(pattern, "(?") != NULL || strstr(pattern, "*?") != NULL ||
	    regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return -1;
	r = regexec(&re, s, 0, NULL, 0) == 0;
	regfree(&re);
	return r;
}

/* RFC 3986, 4.1: with a scheme, or relative, whose first part has no ":". */
static bool
is_uri_reference(const char *s, bool absolute)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t scheme = strspn(s, plain), i;
	bool has = s[strcspn(s, ":/?#")] == ':';

	if (has && (!isalpha((unsigned char)*s) || s[scheme] != ':' ||
	    memchr(s, '_', scheme) != NULL || memchr(s, '~', scheme) != NULL))
		return false;
	if (absolute && !has)
		return false;
	for (i = 0; s[i] != '\0'; i++) {
		if (s[i] == '%' && (!isxdigit((unsigned char)s[i + 1]) ||
		    !isxdigit((unsigned char)s[i + 2])))
			return false;
		if (strchr(plain, s[i]) == NULL &&
		    strchr("%:/?#@!$&'()*+,;=[]", s[i]) == NULL)
			return false;
	}
	/* "[" and "]" are of an IPv6 address alone, "#" is there once */
	return (strchr(s, '[') == NULL || strstr(s, "//[") != NULL) &&
	    (strchr(s, '#') == NULL || strchr(s, '#') == strrchr(s, '#'));
}

/* RFC 3339, 5.6; leap seconds as they may be. */
static bool
is_date_time(const char *s)
{
	int y, mo, d, h, mi, n = 0, zh, zm, k = 0;
	double sec;

	if (sscanf(s, "%4d-%2d-%2d%*1[Tt]%2d:%2d:%lf%n", &y, &mo, &d, &h, &mi,
	    &sec, &n) != 6 || n < 19 || mo < 1 || mo > 12 || d < 1 || d > 31 ||
	    h > 23 || mi > 59 || sec < 0 || sec >= 61)
		return false;
	s += n;
	if (strcmp(s, "Z") == 0 || strcmp(s, "z") == 0)
		return true;
	return (*s == '+' || *s == '-') && sscanf(s + 1, "%2d:%2d%n", &zh,
	    &zm, &k) == 2 && k == 5 && s[6] == '\0' && zh <= 23 && zm <= 59;
}

/* 1, 0; -1: a format that is not known. */
static int
is_format(const char *format, const char *s)
{
	if (strcmp(format, "uri") == 0)
		return is_uri_reference(s, true);
	if (strcmp(format, "uri-reference") == 0)
		return is_uri_reference(s, false);
	return strcmp(format, "date-time") == 0 ? is_date_time(s) : -1;
}

#endif
