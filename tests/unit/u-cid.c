/*
 * CIDs: examples of the specifications, every text there and back, and what
 * is none.
 */
#include "tap.h"

#include "base/cid.h"

static bool
parse(struct cid *c, const char *s)
{
	struct err e = { 0 };

	return cid_parse(c, s, strlen(s), &e) == 0;
}

static void
published(void)
{
	static const char *const same[][2] = {
		/* UnixFS, "Well-Known UnixFS CIDs" */
		{ "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
		    "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354" },
		{ "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
		    "bafybeif7ztnhq65lumvvtr4ekcwd2ifwgm3awq4zfr3srh462rwyinlb4y" },
	};
	char hex[HASH_HEX + 1], text[CID_TEXT];
	struct cid a, b;
	size_t i;

	/* CID, "Human-Readable CIDs" */
	ok(parse(&a, "zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA") &&
	    a.codec == CID_RAW, "a CID in base 58");
	hex_encode(hex, a.sum, HASH_LEN);
	is_str(hex, "6e6ff7950a36187a801613426e858dce686cd7d7e3c0fc42ee0330072"
	    "d245c95", "its hash");
	cid_text(&a, text);
	ok(parse(&b, text) && cid_same(&a, &b), "the same in base 32");
	for (i = 0; i < sizeof same / sizeof *same; i++) {
		ok(parse(&a, same[i][0]) && parse(&b, same[i][1]) &&
		    cid_same(&a, &b), "version 0 and 1: %s", same[i][0]);
		cid_text(&a, text);
		is_str(text, same[i][1], "version 1 is what is written");
	}
	cid_of(&a, CID_RAW, "", 0);
	cid_text(&a, text);
	is_str(text, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquv"
	    "yku", "no bytes");
	cid_of(&a, CID_RAW, "hello world\n", 12);
	cid_text(&a, text);
	is_str(text, "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2dev"
	    "ei4", "hello.txt of the gateways' tests");
	cid_of(&a, CID_DAG_PB, "\012\002\010\001", 4);
	cid_text(&a, text);
	is_str(text, same[0][1], "an empty folder");
}

static void
refused(void)
{
	static const char *const bad[] = {
		"", "b", "z", "Qm", "bafy",
		/* another alphabet, a large letter, one too few, one more */
		"Bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354",
		"bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf35A",
		"bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf35",
		"bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf3544",
		/* a bit is left over */
		"bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf355",
		/* the hash is the bytes themselves (identity) */
		"bafyaabakaieac", "bafkqaaa",
		/* dag-cbor; version 0 with a 'z'; '0' is no digit of base 58 */
		"bafyreihyrpefhacm6kkp4ql6j6udakdit7g3dmkzfriqfykhjw6cad5lrm",
		"zQmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
		"QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3N0",
		"1mUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
		"QzUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
		"z1111111111111111111111111111111111111111111111111111111111",
	};
	struct cid c = { .codec = CID_RAW }, was = c;
	char text[CID_TEXT], one[CID_TEXT];
	struct err e = { 0 };
	uint8_t p[CID_BYTES], with[CID_BYTES + 1] = { 0 };
	size_t i, used = 0;
	int bit, taken = 0;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!parse(&c, bad[i]), "'%s' is none", bad[i]);
	ok(memcmp(&c, &was, sizeof c) == 0, "what is refused changes nothing");
	/* every other text of the same length is another CID, or none */
	cid_of(&was, CID_RAW, "x", 1);
	cid_text(&was, text);
	for (i = 1; i < strlen(text); i++)
		for (bit = 0; bit < 7; bit++) {
			memcpy(one, text, sizeof one);
			one[i] ^= (char)(1 << bit);
			taken += cid_parse(&c, one, strlen(text), &e) == 0 &&
			    cid_same(&c, &was);
		}
	is_int(taken, 0, "no CID has two texts");
	cid_write(&was, p);
	ok(cid_read(&c, p, sizeof p, &used, &e) == 0 && used == sizeof p &&
	    cid_same(&c, &was), "bytes there and back");
	memcpy(with, p, sizeof p);
	ok(cid_read(&c, with, sizeof with, &used, &e) == 0 && used == sizeof p,
	    "what is behind them stays");
	for (i = 0; i < sizeof p; i++)
		if (cid_read(&c, p, i, &used, &e) == 0)
			break;
	is_int((int64_t)i, sizeof p, "no part of them is one");
	ok(cid_check(&was, "x", 1, &e) == 0 && cid_check(&was, "y", 1, &e) < 0 &&
	    e.code == ERR_INPUT, "other bytes than the CID's");
}

/* unsigned-varint, "Examples" */
static void
varints(void)
{
	static const struct {
		uint64_t v;
		const char *p;
	} t[] = {
		{ 1, "\x01" }, { 127, "\x7f" }, { 128, "\x80\x01" },
		{ 255, "\xff\x01" }, { 300, "\xac\x02" },
		{ 16384, "\x80\x80\x01" },
		{ INT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\x7f" },
	};
	uint8_t p[VARINT_MAX];
	uint64_t v;
	size_t i, n;
	int good = 1;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		n = varint_write(p, t[i].v);
		good &= n == strlen(t[i].p) && memcmp(p, t[i].p, n) == 0 &&
		    n == varint_len(t[i].v);
		good &= varint_read(p, n, &v) == (int)n && v == t[i].v;
		good &= varint_read(p, n - 1, &v) == 0;
	}
	ok(good, "varints of the specification");
	is_int(varint_read("\0", 1, &v), 1, "0");
	is_int(varint_read("\x81\0", 2, &v), -1, "longer than it must be");
	is_int(varint_read("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, &v),
	    -1, "more than 63 bits");
}

int
main(void)
{
	published();
	refused();
	varints();
	return done();
}
