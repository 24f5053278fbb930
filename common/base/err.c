/*
 * Errors as values.  A message is formatted aside and copied, so that the
 * old text of an error may be an argument of its new one.
 */
#include "base/err.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* More than a message holds, so that only err_store cuts, and between
 * characters. */
#define ROOM (sizeof ((struct err *)0)->msg + 4)

static void
err_format(char msg[ROOM], const char *fmt, va_list ap)
{
	if (vsnprintf(msg, ROOM, fmt, ap) < 0)
		msg[0] = '\0';
}

/* Room is finite: what is put in front pushes the end out. */
static void
err_store(struct err *e, const char *a, const char *sep, const char *b)
{
	char all[2 * ROOM];
	size_t n;

	snprintf(all, sizeof all, "%s%s%s", a, sep, b);
	n = utf8_cut(all, strlen(all), sizeof e->msg - 1);
	memcpy(e->msg, all, n);
	e->msg[n] = '\0';
}

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	char msg[ROOM];
	va_list ap;

	va_start(ap, fmt);
	err_format(msg, fmt, ap);
	va_end(ap);
	err_store(e, msg, "", "");
	e->code = code;
	return -1;
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	char msg[ROOM];
	int saved = errno;	/* formatting may change it */
	va_list ap;

	va_start(ap, fmt);
	err_format(msg, fmt, ap);
	va_end(ap);
	err_store(e, msg, ": ", strerror(saved));
	e->code = ERR_SYS;
	errno = saved;
	return -1;
}

int
err_add(struct err *e, const char *fmt, ...)
{
	char msg[ROOM], old[sizeof e->msg];
	va_list ap;
	size_t n;

	memcpy(old, e->msg, sizeof old);
	va_start(ap, fmt);
	err_format(msg, fmt, ap);
	va_end(ap);
	n = strlen(msg);
	err_store(e, msg, n > 0 && msg[n - 1] == ' ' ? "" : ": ", old);
	return -1;
}

enum err_code
err_of_http(int status)
{
	return status == 401 || status == 403 ? ERR_DENIED :
	    status == 404 ? ERR_ABSENT :
	    status == 429 || status >= 500 ? ERR_NET : ERR_INPUT;
}
