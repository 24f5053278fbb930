/*
 * Files into a session: copied beside (in a sealed tenant sealed,
 * file_sealed.h), made sure of on the disk, moved into place, and only then
 * told by a row; many at a time.
 */
#ifndef FILE_FILE_PUT_H
#define FILE_FILE_PUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct file_put;
struct store;

struct file_taken {
	int area;
	const char *path;	/* borrowed */
	int64_t size;
	bool exec;
	uint8_t sha256[HASH_LEN];
	int64_t mtime_ms, at_ms;
	bool same;		/* it was there already, and has no new row */
};

/*
 * For this user's session, which is made if need be; its folder is locked
 * until file_put_free.  told, which may be NULL, is called for each file when
 * it is on the disk.  ERR_DENIED: the session was forgotten; ERR_BUSY.
 */
int	file_put_new(struct file_put **, struct store *, const char *session,
	    int (*told)(void *, const struct file_taken *, struct err *),
	    void *, struct err *);
/*
 * All that a descriptor gives; name is for messages.  ERR_INPUT: that is no
 * path; ERR_EXISTS: there is a folder, a link, or a file in place of a folder.
 * Such a one leaves the others as they are.
 */
int	file_put_fd(struct file_put *, int area, const char *path, int fd,
	    bool exec, const char *name, struct err *);
/* What is not on the disk yet; without this it is given up. */
int	file_put_end(struct file_put *, struct err *);
void	file_put_free(struct file_put *);	/* takes NULL */

#endif
