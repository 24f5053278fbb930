/*
 * Memory that never is NULL.  The message of the end is written without
 * stdio, which might want memory itself; atexit handlers do not run.
 */
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_MEMORY 71		/* EX_OSERR of sysexits.h */

const char *alloc_name = "memkit";

_Noreturn void
alloc_fail(void)
{
	static const char text[] = ": out of memory\n";
	ssize_t r;

	/* Nobody is left to be told that the message could not be written. */
	r = write(STDERR_FILENO, alloc_name, strlen(alloc_name));
	if (r >= 0)
		r = write(STDERR_FILENO, text, sizeof text - 1);
	(void)r;
	_exit(EXIT_MEMORY);
}

void *
xmalloc(size_t n)
{
	void *p = malloc(n > 0 ? n : 1);

	if (p == NULL)
		alloc_fail();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p;

	if (n == 0 || size == 0)
		n = size = 1;
	if ((p = calloc(n, size)) == NULL)	/* checks n * size itself */
		alloc_fail();
	return p;
}

void *
xrealloc(void *p, size_t n)
{
	/* realloc to nothing frees in some libraries */
	if ((p = realloc(p, n > 0 ? n : 1)) == NULL)
		alloc_fail();
	return p;
}

void *
xreallocarray(void *p, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		alloc_fail();
	return xrealloc(p, n * size);
}

char *
xstrdup(const char *s)
{
	return xmemdup(s, strlen(s) + 1);
}

char *
xstrndup(const char *s, size_t max)
{
	size_t n = strnlen(s, max);
	char *p = xmalloc(n + 1);

	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

void *
xmemdup(const void *src, size_t n)
{
	void *p = xmalloc(n);

	if (n > 0)
		memcpy(p, src, n);
	return p;
}

void *
xgrow(void *p, size_t n, size_t *cap, size_t size)
{
	size_t want;

	if (n < *cap)
		return p;
	want = n + n / 2 + 8;
	if (want <= n)
		alloc_fail();
	p = xreallocarray(p, want, size);
	*cap = want;
	return p;
}

void
mem_wipe(void *p, size_t n)
{
	/* a call through a volatile pointer cannot be optimised away */
	static void *(*const volatile set)(void *, int, size_t) = memset;

	if (n > 0)
		set(p, 0, n);
}
