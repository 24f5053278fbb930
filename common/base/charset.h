/*
 * Texts in the encodings that tables are found in, made UTF-8 by iconv(3).
 */
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include "base/err.h"

enum charset { CHARSET_UTF8, CHARSET_GB18030, CHARSET_LATIN1 };
extern const char *const charset_names[];

/*
 * Which one a file is in, from its place to its end: UTF-8 if all of it is,
 * else GB18030 (of which GBK is a part) if all of it can be, else Latin-1.
 * Two passes over the file at most; its place stays where it was.
 * ERR_ABSENT: this system's iconv has no GB18030.
 */
int	charset_guess(int fd, const char *name, enum charset *, struct err *);

/* Copy a file from its place to its end into another one, as UTF-8. */
int	charset_copy(int in, const char *name, enum charset, int out,
	    struct err *);

#endif
