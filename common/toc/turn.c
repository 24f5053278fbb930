#include "toc/turn.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "index/token.h"
#include "toc/sentence.h"

#include <stdlib.h>
#include <string.h>

struct turn_reader {
	struct tokens tokens;
	/* of the text being read; own */
	struct turn_word *word;
	struct turn_sentence *sentence;
	size_t words, words_cap, sentences, sentences_cap;
};

struct turn_reader *
turn_reader_new(void)
{
	struct turn_reader *r = xcalloc(1, sizeof *r);

	tokens_init(&r->tokens, NULL);
	/* not NULL, so that there is an end to count to */
	r->word = xgrow(NULL, 0, &r->words_cap, sizeof *r->word);
	r->sentence = xgrow(NULL, 0, &r->sentences_cap, sizeof *r->sentence);
	return r;
}

void
turn_reader_free(struct turn_reader *r)
{
	if (r == NULL)
		return;
	tokens_release(&r->tokens);
	free(r->word);
	free(r->sentence);
	free(r);
}

uint32_t
turn_tokens(const char *p, size_t len)
{
	size_t i, ascii = 0, others = 0, n;

	for (i = 0; i < len; i++)
		if ((unsigned char)p[i] < 0x80)
			ascii++;
		else if (((unsigned char)p[i] & 0xc0) == 0xc0)
			others++;
	n = (ascii + 3) / 4 + others;
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static bool
is_result(const struct turn *t)
{
	return t->type == EVENT_TOOL_RESULT || t->role == ROLE_TOOL;
}

/* Bytes of the text that count. */
static size_t
bytes(const struct turn *t)
{
	size_t most = utf8_cut(t->text, t->len, TURN_BYTES), i, chars = 0;

	if (!is_result(t))
		return most;
	for (i = 0; i < most; i++)
		if (((unsigned char)t->text[i] & 0xc0) != 0x80 &&
		    chars++ == TURN_RESULT_CHARS)
			break;
	return i;
}

static void
find_sentences(struct turn_reader *r, const struct turn *t)
{
	enum sentence_mode mode = t->type == EVENT_TOOL_USE ?
	    SENTENCE_CALLED : is_result(t) || t->role == ROLE_SYSTEM ?
	    SENTENCE_PRINTED : SENTENCE_SAID;
	struct turn_sentence x;
	struct sentences s;

	sentences_start(&s, t->text, t->read, mode);
	r->sentences = 0;
	while (sentence_next(&s, &x)) {
		r->sentence = xgrow(r->sentence, r->sentences,
		    &r->sentences_cap, sizeof *r->sentence);
		r->sentence[r->sentences++] = x;
	}
}

static void
add_word(struct turn_reader *r, const struct token *k)
{
	struct turn_word *w;

	r->word = xgrow(r->word, r->words, &r->words_cap, sizeof *r->word);
	w = &r->word[r->words++];
	w->stem = cue_hash(k->stem, k->stem_len);
	w->at = (uint32_t)k->start;
	w->len = (uint16_t)(k->end - k->start > UINT16_MAX ? UINT16_MAX :
	    k->end - k->start);
	w->kind = k->kind == TOKEN_WHOLE ? TURN_WHOLE :
	    k->kind == TOKEN_PART ? TURN_PART : TURN_WORD;
}

/* All words, and which of them and what cues each sentence has. */
static void
find_words(struct turn_reader *r, const struct turn *t)
{
	struct turn_sentence *s = r->sentence, *end = s + r->sentences;
	struct cue_run run;
	struct token k;

	tokens_start(&r->tokens, t->text, t->read, 0);
	r->words = 0;
	cue_start(&run);
	while (token_next(&r->tokens, &k)) {
		while (s < end && k.start >= s->at + s->len) {
			s++;
			cue_start(&run);
		}
		if (s < end && k.start < s->at)
			cue_start(&run);
		else if (s < end && k.kind != TOKEN_WHOLE)
			s->cues = (uint16_t)(s->cues |
			    cue_word(&run, k.text, k.len));
		if (k.stop || k.kind == TOKEN_LAST)
			continue;
		if (s < end && k.start >= s->at && s->words++ == 0)
			s->word = (uint32_t)r->words;
		add_word(r, &k);
	}
}

void
turn_read(struct turn_reader *r, struct turn *t)
{
	size_t i;

	t->read = (uint32_t)bytes(t);
	t->tokens = turn_tokens(t->text, t->read);
	find_sentences(r, t);
	find_words(r, t);
	t->words = (uint32_t)r->words;
	t->sentences = (uint32_t)r->sentences;
	t->word = NULL;
	t->sentence = NULL;
	if (r->words > 0)
		t->word = xmemdup(r->word, r->words * sizeof *r->word);
	if (r->sentences > 0)
		t->sentence = xmemdup(r->sentence,
		    r->sentences * sizeof *r->sentence);
	for (t->cues = 0, i = 0; i < r->sentences; i++)
		t->cues = (uint16_t)(t->cues | r->sentence[i].cues);
}

void
turn_release(struct turn *t)
{
	free(t->word);
	free(t->sentence);
	t->word = NULL;
	t->sentence = NULL;
	t->words = t->sentences = 0;
}
