/*
 * The elements of a JSON text too large to hold, one at a time: those of
 * an array at the top, else the values that stand one after the other
 * (JSON Lines, or concatenated).  It only finds where each begins and ends;
 * whether it is JSON, json_read tells.  Memory is bounded by the longest
 * element.
 *
 * Arrays in objects can be taken apart as well, as {"runs":[{"results":[..]}]}
 * is with "runs" and "results": their elements are handed out, and after them
 * the object around them with an empty array in their place, its shell.
 */
#ifndef FROM_JSON_SPLIT_H
#define FROM_JSON_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define JSON_SPLIT_MAX ((size_t)64 << 20)	/* longest element, bytes */
#define JSON_SPLIT_LEVELS 2	/* arrays taken apart in one another */

struct json_split {
	int fd;			/* borrowed */
	const char *name;	/* borrowed; for messages */
	size_t max;		/* longest element */
	size_t chunk;		/* bytes asked of read(2) */
	/* Members that are taken apart where they are arrays: of an object at
	 * the top, and of the elements of such an array.  Each list ends with
	 * NULL; NULL: none.  Borrowed. */
	const char *const *inner[JSON_SPLIT_LEVELS];
	int level;		/* arrays of these that the element is in */
	struct buf b;		/* own; what was read */
	size_t at;		/* first byte of b not given out yet */
	size_t look;		/* b[at .. look) was looked at */
	int64_t offset;		/* in the input, of b[at] */
	int64_t n;		/* elements met so far */
	bool array;		/* inside the array at the top */
	bool torn;		/* it ended inside an array or an element */
	bool eof;
	/* of the element being looked at */
	int depth;
	uint64_t kinds;		/* a bit a level: 1 is an object */
	char last;		/* character before, blanks left out */
	bool quoted, escaped, fresh, over, bad;
	size_t key, key_len;	/* a member's name, from b[at] on; 0: none */
	/* of the objects whose arrays are being taken apart */
	struct split_shell {
		struct buf text;	/* own; as far as it was read */
		bool array, over;	/* of where it stands; too long */
	} shell[JSON_SPLIT_LEVELS];
};

enum split_got { SPLIT_FAIL = -1, SPLIT_END, SPLIT_VALUE, SPLIT_LONG,
    SPLIT_BAD, SPLIT_SHELL };

/* max, chunk and inner may be set after it, before the first call. */
void	json_split_init(struct json_split *, int fd, const char *name);
void	json_split_release(struct json_split *);

/*
 * The next element.  SPLIT_VALUE: *p and *n are borrowed until the next
 * call.  SPLIT_LONG: there was one over the cap.  SPLIT_BAD: something
 * that cannot be an element; between values on lines of their own it goes
 * on with the next line.  SPLIT_SHELL: a shell, as SPLIT_VALUE; level is that
 * of the object.  At SPLIT_END torn tells whether the end came too early (what
 * was begun is reported as SPLIT_BAD before it).
 */
enum split_got json_split_next(struct json_split *, const char **p,
	    size_t *n, struct err *);

#endif
