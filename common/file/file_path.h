/*
 * Names of the files of a session: an area, and a path in it that is the same
 * on every copy of the store.
 *
 * On the disk a path is what it is: a part of it is a name there, so that who
 * works in the folder finds his files again as he called them, on the next
 * machine, too.  Only the folders of users and sessions are names of our making
 * (store/name.h); objects of a remote get theirs there.
 */
#ifndef FILE_FILE_PATH_H
#define FILE_FILE_PATH_H

#include "base/err.h"

enum file_area { FILE_INPUTS, FILE_ARTIFACTS, FILE_CACHE, FILE_AREAS };
extern const char *const file_areas[];	/* by number; NULL-ended */

#define FILE_PATH_MAX 1024	/* bytes of a path */
#define FILE_PART_MAX 255	/* of a part of it */
#define FILE_DEPTH_MAX 64	/* parts */

/* The number of an area; -1: it is none. */
int	file_area_of(const char *name);

/*
 * Is it a path: UTF-8 without controls, parts of 1 to FILE_PART_MAX bytes with
 * "/" between them, none "." or "..".  0, -1 ERR_INPUT: what is wrong, without
 * the path, which may be anything.
 */
int	file_path_check(const char *path, struct err *);

#endif
