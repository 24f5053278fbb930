/*
 * Errors are values.  A function that can fail takes a struct err * last,
 * returns -1 when it failed, and then and only then fills it.  The
 * message is written once, where the cause is known; callers only put
 * context in front.  Needs no free.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* A code exists because a caller or a script acts on it. */
enum err_code {
	ERR_NONE,
	ERR_USAGE,	/* called wrongly */
	ERR_INPUT,	/* bytes from outside are not what they must be */
	ERR_ABSENT,	/* what was named is not there */
	ERR_EXISTS,	/* it is there, and differs */
	ERR_BUSY,	/* somebody else holds it; try again */
	ERR_SYS,	/* the system refused */
	ERR_CORRUPT,	/* our own bytes on disk are damaged */
	ERR_NET,	/* the other side is unreachable */
	ERR_DENIED,	/* not allowed */
	ERR_VERSION,	/* made by a newer memkit */
	ERR_INDEX	/* as ERR_CORRUPT, of an index or a model: one can do
			   without, and have it made or installed again */
};

struct err {
	enum err_code code;
	char msg[480];
};

#if defined(__GNUC__)
#define ERR_FMT(a, b) __attribute__((format(printf, a, b)))
#else
#define ERR_FMT(a, b)
#endif

/*
 * All three return -1, so that they can stand in a return.  err_sys adds
 * ": " and the text of errno, its code is ERR_SYS; err_add puts its text
 * in front, with ": " unless it ends in a blank, and keeps the code.
 */
int	err_set(struct err *, enum err_code, const char *, ...) ERR_FMT(3, 4);
int	err_sys(struct err *, const char *, ...) ERR_FMT(2, 3);
int	err_add(struct err *, const char *, ...) ERR_FMT(2, 3);

/* What a status of HTTP is that says no (RFC 9110, 15.5, 15.6; RFC 6585, 4):
 * ERR_DENIED, ERR_ABSENT, ERR_NET where it may be better later, ERR_INPUT. */
enum err_code err_of_http(int status);

#endif
