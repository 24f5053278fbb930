/*
 * Between p-passages.c, which makes passages, and p-queries.c, which chooses
 * what they are asked for.
 */
#ifndef P_PASSAGES_H
#define P_PASSAGES_H

#include <stdint.h>

extern const char *const stop_word[];	/* the most frequent first */
extern const int stop_words;



void	queries_begin(int64_t count);
void	queries_passage(const char *text);	/* each in turn */
void	queries_end(void);			/* prints them */

#endif
