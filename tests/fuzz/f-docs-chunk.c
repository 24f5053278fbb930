/*
 * Chunks of blocks that no reader would tell so: a byte for the kind and
 * number, one for the length, one for that of its words.
 */
#include "fuzz-docs.h"

#include "base/buf.h"

static const char *at, *stop;

static int
tell_all(struct docs_in *in, const struct docs_sink *s,
    const struct docs_limits *limits, struct err *e)
{
	static char text[2048];
	enum docs_kind kind;
	size_t i, len;
	int number;

	(void)in;
	(void)limits;
	while (stop - at >= 3) {
		kind = (enum docs_kind)((unsigned char)at[0] % 7);
		number = (unsigned char)at[0] / 7 % 12;
		len = (unsigned char)at[1] * 8 % sizeof text;
		/* words of the length that the third byte says */
		for (i = 0; i < len; i++)
			text[i] = i % ((unsigned char)at[2] % 40 + 2) == 0 ?
			    " .\na\t"[at[2] >> 5 & 3] : (char)('A' + i % 57 %
			    26);
		if (len == 0)
			text[len++] = '-';
		if (kind == DOCS_HEADING && number == 0)
			number = 1;
		if (docs_tell(s, kind, number, text, len, e) < 0)
			return -1;
		at += 3;
	}
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	at = (const char *)data;
	stop = at + len;
	fuzz_read(tell_all, "x", data, len);
	return 0;
}
