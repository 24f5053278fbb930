/*
 * The part of file_scan for sealed tenants.
 */
#ifndef FILE_FILE_SCAN_SEALED_H
#define FILE_FILE_SCAN_SEALED_H

#include <stdint.h>

#include "base/err.h"

struct file_dir;
struct file_scan;
struct store;

int	file_scan_sealed(struct store *, int64_t session, struct file_dir *,
	    struct file_scan *, struct err *);

#endif
