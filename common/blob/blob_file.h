/*
 * The file that has the bytes of an object to be put.
 */
#ifndef BLOB_BLOB_FILE_H
#define BLOB_BLOB_FILE_H

#include "blob/blob.h"

/* Open it to read; -1: it is a link, or no file of that size (ERR_INPUT). */
int	blob_file_open(const struct blob *, struct err *);

#endif
