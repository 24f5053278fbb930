/*
 * Relations that a sentence says in words: "X depends on Y", "X is a Y",
 * "fixed in 1.4".  Between what it is about and the words that say it stand
 * at most a few that tell nothing ("now", "also", "the"); a "not" among them,
 * and it says nothing.
 */
#ifndef GRAPH_PATTERN_H
#define GRAPH_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "graph/sum.h"

struct unit {
	const char *p;		/* borrowed; a word of the text */
	size_t len;
	uint64_t word;		/* graph_word of it */
	int64_t name;		/* entity; -1: it names none */
	uint32_t span;		/* units that the name has */
	bool cut;		/* punctuation stands before it */
	bool stop;		/* it tells nothing */
	unsigned char form;	/* of text.c */
};

/* FNV-1a of it in small letters (ASCII). */
uint64_t graph_word(const char *, size_t);

/* Kinds of relations that there are rules for; added, each once. */
void	pattern_kinds(struct strv *);

/* The relations of one sentence. */
void	pattern_read(struct sum *, struct unit *, size_t n);

#endif
