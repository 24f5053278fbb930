/*
 * Near-duplicate documents: of those whose signatures (docs/minhash.h) have one
 * of their smallest values in common the most alike is told, so that not every
 * pair is compared.
 */
#ifndef FROM_DOCS_NEAR_H
#define FROM_DOCS_NEAR_H

struct docs_near;		/* opaque */
struct docs_near *docs_near_new(void);
void	docs_near_free(struct docs_near *);	/* takes NULL */

/* A document by its id and signature, and the file that it is of.  What is no
 * signature (NULL, too) is passed over. */
void	docs_near_add(struct docs_near *, const char *hex, const char *id,
	    const char *source);
/* The id of one that says nearly the same, but not `id`, and whose file `is`
 * there (its source is asked for); NULL: none.  Borrowed until the next add. */
const char *docs_near_find(const struct docs_near *, const char *hex,
	    const char *id, int (*is)(void *, const char *source), void *arg);

#endif
