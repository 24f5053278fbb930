/*
 * The English stemmer "Porter2" (M. F. Porter, "The English (Porter2)
 * stemming algorithm", snowballstem.org/algorithms/english/stemmer.html):
 * brings the forms of a word to one string, which need not be a word.
 */
#ifndef INDEX_STEM_H
#define INDEX_STEM_H

#include <stddef.h>

/*
 * Stem n bytes in place and return the new length, never more than n.
 * The word is of lower-case letters a-z and apostrophes; with anything
 * else in it the result is still within n bytes, but means nothing.
 */
size_t	stem_en(char *w, size_t n);

#endif
