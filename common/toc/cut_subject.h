/*
 * Where the subject changes: the most probable division of a text into parts
 * each of which has words of its own (M. Utiyama and H. Isahara, "A
 * statistical model for domain-independent text segmentation", ACL 2001).
 */
#ifndef TOC_CUT_SUBJECT_H
#define TOC_CUT_SUBJECT_H

#include <stddef.h>

#include "toc/turn.h"

/* How many of the n turns (n > 0) belong to the first part. */
size_t	cut_subject(const struct turn *, size_t n);

#endif
