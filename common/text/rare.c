#include "text/rare.h"

#include "index/stem.h"
#include "text/cue.h"

#include <stdbool.h>
#include <string.h>

#define SLOTS 8192		/* a power of two, twice the words */
#define WORD 32			/* longest word of the list */
#define CHAT 20			/* place of all words of chat.txt */
#define HALF 300		/* place of a word that weighs 1/2 */

extern const unsigned char data_common_en_txt[], data_common_chat_txt[];
extern const size_t data_common_en_txt_len, data_common_chat_txt_len;

static struct { uint64_t stem; uint16_t place; } slots[SLOTS];

static size_t
slot(uint64_t stem)
{
	size_t i = (size_t)stem % SLOTS;

	while (slots[i].place != 0 && slots[i].stem != stem)
		i = (i + 1) % SLOTS;
	return i;
}

/* A word a line, each `step` places after the one before. */
static void
load(const unsigned char *data, size_t len, uint16_t place, uint16_t step)
{
	const char *p = (const char *)data, *end = p + len, *nl;
	char word[WORD];
	uint64_t stem;
	size_t n, i;

	for (; p < end && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL;
	    p = nl + 1) {
		n = (size_t)(nl - p);
		if (*p == '#' || n == 0 || n > WORD || place >= SLOTS / 2)
			continue;
		memcpy(word, p, n);
		place = (uint16_t)(place + step);
		stem = cue_hash(word, stem_en(word, n));
		i = slot(stem);
		if (slots[i].place == 0) {
			slots[i].stem = stem;
			slots[i].place = place;
		}
	}
}

double
rare_stem(uint64_t stem)
{
	static bool loaded;
	double place;

	if (!loaded) {
		load(data_common_chat_txt, data_common_chat_txt_len, CHAT, 0);
		load(data_common_en_txt, data_common_en_txt_len, 0, 1);
		loaded = true;
	}
	place = slots[slot(stem)].place;
	return place == 0 ? 1 : place / (place + HALF);
}
