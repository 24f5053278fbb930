/*
 * TAP for unit programs: ok(), is_int(), is_str(), done().
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_n, tap_failed;

static int
tap_line(int good, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", good ? "" : "not ", ++tap_n);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	if (!good) {
		tap_failed++;
		printf("# at %s:%d\n", file, line);
	}
	fflush(stdout);
	return good;
}

#define ok(cond, ...) tap_line(!!(cond), __FILE__, __LINE__, __VA_ARGS__)

#define is_str(got, want, ...) do {					\
	const char *g_ = (got), *w_ = (want);				\
									\
	if (!ok(g_ && w_ && strcmp(g_, w_) == 0, __VA_ARGS__))		\
		printf("#  got: %s\n# want: %s\n", g_ ? g_ : "NULL",	\
		    w_ ? w_ : "NULL");					\
} while (0)

#define is_int(got, want, ...) do {					\
	int64_t g_ = (got), w_ = (want);				\
									\
	if (!ok(g_ == w_, __VA_ARGS__))					\
		printf("#  got: %" PRId64 "\n# want: %" PRId64 "\n", g_, w_); \
} while (0)

static inline int
done(void)
{
	printf("1..%d\n", tap_n);
	return tap_failed != 0;
}

#endif
