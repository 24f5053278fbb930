/*
 * Memory.  None of these returns NULL: a process without memory says so
 * and exits 71.  That is safe, because a transaction that was not
 * committed is rolled back, and it keeps the error paths testable.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* Who says that it is out of memory: the program's name. */
extern const char *alloc_name;
_Noreturn void alloc_fail(void);

void	*xmalloc(size_t);
void	*xcalloc(size_t n, size_t size);
void	*xrealloc(void *, size_t);
void	*xreallocarray(void *, size_t n, size_t size);	/* checks n * size */
char	*xstrdup(const char *);
char	*xstrndup(const char *, size_t);
void	*xmemdup(const void *, size_t);

/* Room for n + 1 elements in an array that grows by halves. */
void	*xgrow(void *, size_t n, size_t *cap, size_t size);

/* Zero memory that held a secret, so that the compiler keeps it. */
void	mem_wipe(void *, size_t);

#endif
