/*
 * What ranking asks of it besides its words.
 */
#include "search/doc.h"

#include <string.h>

#define APOSTROPHE "\xe2\x80\x99"	/* U+2019 */
#define QUESTION_SHORT 60	/* bytes */

uint32_t
doc_speaker(const char *name, size_t len)
{
	uint32_t h = UINT32_C(2166136261);	/* FNV-1a */
	size_t i;

	/* "Ann Smith" and "Ann's" are both Ann */
	for (i = 0; i < len && name[i] != ' ' && name[i] != '\'' &&
	    strncmp(name + i, APOSTROPHE, len - i < 3 ? len - i : 3) != 0; i++)
		h = (h ^ (unsigned char)(name[i] >= 'A' && name[i] <= 'Z' ?
		    name[i] + ('a' - 'A') : name[i])) * UINT32_C(16777619);
	h = (h ^ h >> 16) & 0xffff;
	return i == 0 ? 0 : h == 0 ? 1 : h;
}

/* It ends in a question mark, or is short and has one. */
static bool
is_question(const char *s, size_t len)
{
	while (len > 0 && (unsigned char)s[len - 1] <= ' ')
		len--;
	return len > 0 && (s[len - 1] == '?' || (len < QUESTION_SHORT &&
	    memchr(s, '?', len) != NULL));
}

uint32_t
doc_traits(const struct doc *d)
{
	uint32_t traits = 0;

	if (d->source != SOURCE_EVENT)
		return 0;
	if (d->pieces > 0 && !d->piece[0].aside &&
	    is_question(d->piece[0].text, d->piece[0].len))
		traits |= DOC_QUESTION;
	if (d->unsaid)
		traits |= DOC_UNSAID;
	if (d->speaker != NULL)
		traits |= doc_speaker(d->speaker, strlen(d->speaker)) << 2;
	return traits;
}
