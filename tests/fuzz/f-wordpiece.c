/*
 * Any bytes as a text: pieces that there are, no more than a text has, the
 * same with and without a memory of words; and a vector of length 1 or none.
 */
#include "index/embed.h"
#include "index/model.h"
#include "index/wordpiece.h"
#include "tests/unit/model-file.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int holds)
{
	if (!holds)
		abort();
}

static struct model *
small(void)
{
	static const char *const pieces[] = { "[UNK]", "a", "b", "c", "ab",
	    "abc", "##a", "##b", "##bc", "the", "##s", ".", ",", "!", "$",
	    "\xe5\xa4\xa7", "\xce\xb1", "##\xce\xb2", "o", "##o" };
	char path[] = "/tmp/memkit-fuzz.XXXXXX";
	struct buf b = BUF_INIT;
	struct model *m;
	struct err e;
	int fd = mkstemp(path);

	must(fd >= 0 && close(fd) == 0);
	small_model(&b, pieces, sizeof pieces / sizeof *pieces, 0);
	put_file(path, b.p, b.len);
	must(model_open(&m, path, &e) == 0 && model_verify(m, &e) == 0);
	unlink(path);
	buf_release(&b);
	return m;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint32_t id[WORDPIECE_MAX], again[WORDPIECE_MAX];
	static struct wordpiece kept;
	static struct model *m;
	static struct embed *em;
	static struct embed_bag bag;
	const char *p = (const char *)data;
	struct wordpiece fresh;
	float v[64];
	double sum = 0;
	size_t n, k, i, total = 0;
	struct err e;
	int r;

	if (m == NULL) {
		m = small();
		em = embed_new(m);
		wordpiece_init(&kept, m);
	}
	must(wordpiece_text(&kept, p, len, id, &n, &e) == 0);
	must(n <= WORDPIECE_MAX && n <= len);
	wordpiece_init(&fresh, m);
	must(wordpiece_text(&fresh, p, len, again, &k, &e) == 0);
	wordpiece_release(&fresh);
	must(k == n && memcmp(id, again, n * sizeof *id) == 0);
	must(embed_pieces(em, p, len, &bag, &e) == 0);
	for (i = 0; i < bag.n; i++) {
		must(bag.id[i] < model_pieces(m));
		must(i == 0 || bag.id[i] > bag.id[i - 1]);
		total += bag.times[i];
	}
	must(total == n);
	must((r = embed_document(em, &bag, v, &e)) >= 0);
	for (i = 0; i < 64; i++)
		sum += (double)v[i] * (double)v[i];
	must(r == 0 ? sum == 0 : fabs(sum - 1) < 1e-4);
	return 0;
}
