/*
 * Texts and bytes of CIDs: what is one is there and back, and no other text of
 * its form is the same.
 */
#include "fuzz.h"

#include "base/cid.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cid c, again;
	struct err e = { 0 };
	char text[CID_TEXT];
	uint8_t bytes[CID_BYTES];
	uint64_t v;
	size_t used;
	int n;

	if (cid_parse(&c, (const char *)data, len, &e) == 0) {
		cid_text(&c, text);
		must(cid_parse(&again, text, strlen(text), &e) == 0);
		must(cid_same(&c, &again));
		if (data[0] == 'b')
			must(len == strlen(text) &&
			    memcmp(data, text, len) == 0);
	} else {
		must(e.code == ERR_INPUT);
	}
	if (cid_read(&c, data, len, &used, &e) == 0) {
		must(used <= len);
		cid_write(&c, bytes);
		must(used != CID_BYTES || memcmp(bytes, data, used) == 0);
	}
	if ((n = varint_read(data, len, &v)) > 0) {
		must((size_t)n <= len && varint_len(v) == (size_t)n);
		must(varint_write(bytes, v) == (size_t)n);
		must(memcmp(bytes, data, (size_t)n) == 0);
	}
	return 0;
}
