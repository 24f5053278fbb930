#include "index/snowball.h"

#include "base/alloc.h"
#include "config.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#ifdef HAVE_LIBSTEMMER
#include <libstemmer.h>
#ifdef LIBSTEMMER_SO
#include <dlfcn.h>
#endif

#define REMEDY "or use another language: mem-admin config set " \
	"index.language english"

struct snowball {
	struct sb_stemmer *s;		/* own */
};

static struct {
	struct sb_stemmer *(*make)(const char *, const char *);
	void (*drop)(struct sb_stemmer *);
	const sb_symbol *(*stem)(struct sb_stemmer *, const sb_symbol *, int);
	int (*length)(struct sb_stemmer *);
} lib;

#ifdef LIBSTEMMER_SO
/* C has no cast from an object's address to a function's. */
static bool
find(void *so, const char *name, void *fn)
{
	return (*(void **)fn = dlsym(so, name)) != NULL;
}

static int
load(struct err *e)
{
	void *so = dlopen(LIBSTEMMER_SO, RTLD_NOW | RTLD_LOCAL);

	if (so == NULL || !find(so, "sb_stemmer_new", &lib.make) ||
	    !find(so, "sb_stemmer_delete", &lib.drop) ||
	    !find(so, "sb_stemmer_stem", &lib.stem) ||
	    !find(so, "sb_stemmer_length", &lib.length)) {
		lib.make = NULL;
		return err_set(e, ERR_INPUT, "cannot load '%s'; install "
		    "libstemmer, " REMEDY, LIBSTEMMER_SO);
	}
	return 0;
}
#else
static int
load(struct err *e)
{
	(void)e;
	lib.make = sb_stemmer_new;
	lib.drop = sb_stemmer_delete;
	lib.stem = sb_stemmer_stem;
	lib.length = sb_stemmer_length;
	return 0;
}
#endif

int
snowball_open(struct snowball **out, const char *language, struct err *e)
{
	struct sb_stemmer *s;

	if (lib.make == NULL && load(e) < 0)
		return -1;
	if ((s = lib.make(language, NULL)) == NULL)
		return err_set(e, ERR_INPUT, "the libstemmer that is "
		    "installed does not know '%s'; install a newer one, "
		    REMEDY, language);
	*out = xmalloc(sizeof **out);
	(*out)->s = s;
	return 0;
}

void
snowball_close(struct snowball *w)
{
	if (w != NULL)
		lib.drop(w->s);
	free(w);
}

size_t
snowball_stem(struct snowball *w, const char *p, size_t len,
    const char **stem)
{
	const sb_symbol *s = NULL;
	int n = 0;

	if (len <= INT_MAX)
		s = lib.stem(w->s, (const sb_symbol *)p, (int)len);
	if (s != NULL)			/* else it has no memory */
		n = lib.length(w->s);
	*stem = (const char *)s;
	return n < 0 ? 0 : (size_t)n;
}

#else

int
snowball_open(struct snowball **out, const char *language, struct err *e)
{
	(void)out;
	return err_set(e, ERR_INPUT, "'%s' needs libstemmer, without which "
	    "this memkit was built; install it (Debian: libstemmer-dev) and "
	    "configure again, or: mem-admin config set index.language english",
	    language);
}

void
snowball_close(struct snowball *w)
{
	(void)w;
}

size_t
snowball_stem(struct snowball *w, const char *p, size_t len,
    const char **stem)
{
	(void)w;
	*stem = p;
	return len;
}

#endif
