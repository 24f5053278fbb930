/*
 * Strings and numbers from outside.  Numbers are read whole or not at all.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool	str_starts(const char *, const char *prefix);
bool	str_ends(const char *, const char *suffix);
bool	str_same(const char *, const char *);	/* ASCII case ignored */
bool	str_eq(const char *, const char *);	/* both may be NULL */

/* Decimal, the whole string.  1 read, 0 not a number or out of range. */
int	str_int(const char *, int64_t min, int64_t max, int64_t *out);
/* The same with k, M, G, T (1024).  */
int	str_size(const char *, int64_t max, int64_t *out);

void	str_lower(char *);			/* ASCII, in place */
char	*str_trim(char *);			/* in place; borrowed */
/* Stars where a text has a secret; an empty one is nowhere. */
void	str_hide(char *text, const char *secret);

/* A list of strings. */
struct strv {
	char **v;	/* own */
	size_t n, cap;
};
#define STRV_INIT { NULL, 0, 0 }

void	strv_add(struct strv *, const char *);
void	strv_add_n(struct strv *, const char *, size_t);
void	strv_release(struct strv *);
bool	strv_has(const struct strv *, const char *);
void	strv_sort(struct strv *);

#endif
