#include "base/cid.h"

#include <string.h>

#define SHA2_256 0x12
#define V0_BYTES (2 + HASH_LEN)
#define V0_TEXT 46
#define V1_TEXT 59		/* base 32, with its 'b' */

static const char digits32[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char digits58[] =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* --- varints ----------------------------------------------------------- */

size_t
varint_write(uint8_t out[VARINT_MAX], uint64_t v)
{
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		out[n++] = (uint8_t)(v | 0x80);
	out[n++] = (uint8_t)v;
	return n;
}

size_t
varint_len(uint64_t v)
{
	size_t n = 1;

	while ((v >>= 7) > 0)
		n++;
	return n;
}

void
varint_add(struct buf *b, uint64_t v)
{
	uint8_t p[VARINT_MAX];

	buf_add(b, p, varint_write(p, v));
}

int
varint_read(const void *from, size_t n, uint64_t *out)
{
	const uint8_t *p = from;
	uint64_t v = 0;
	int i;

	for (i = 0; i < VARINT_MAX; i++) {
		if ((size_t)i == n)
			return 0;
		v |= (uint64_t)(p[i] & 0x7f) << (7 * i);
		if (p[i] & 0x80)
			continue;
		if (p[i] == 0 && i > 0)
			return -1;	/* it could be shorter */
		*out = v;
		return i + 1;
	}
	return -1;
}

/* --- blocks ------------------------------------------------------------ */

void
cid_of(struct cid *c, enum cid_codec codec, const void *p, size_t n)
{
	c->codec = codec;
	hash_mem(p, n, c->sum);
}

bool
cid_same(const struct cid *a, const struct cid *b)
{
	return a->codec == b->codec && memcmp(a->sum, b->sum, HASH_LEN) == 0;
}

int
cid_check(const struct cid *c, const void *p, size_t n, struct err *e)
{
	char text[CID_TEXT];
	struct cid is;

	cid_of(&is, c->codec, p, n);
	if (cid_same(c, &is))
		return 0;
	cid_text(c, text);
	return err_set(e, ERR_INPUT, "the bytes are not those of the block "
	    "'%s'", text);
}

/* --- bytes ------------------------------------------------------------- */

void
cid_write(const struct cid *c, uint8_t out[CID_BYTES])
{
	out[0] = 1;
	out[1] = (uint8_t)c->codec;
	out[2] = SHA2_256;
	out[3] = HASH_LEN;
	memcpy(out + 4, c->sum, HASH_LEN);
}

int
cid_read(struct cid *c, const void *from, size_t n, size_t *used,
    struct err *e)
{
	const uint8_t *p = from;
	size_t at = 0;

	if (n >= V0_BYTES && p[0] == SHA2_256 && p[1] == HASH_LEN) {
		c->codec = CID_DAG_PB;
		at = 2;
	} else {
		if (n < CID_BYTES || p[0] != 1)
			return err_set(e, ERR_INPUT, "it is no CID");
		if (p[1] != CID_RAW && p[1] != CID_DAG_PB)
			return err_set(e, ERR_INPUT, "it is the CID of what "
			    "is no part of a file (neither raw nor dag-pb)");
		if (p[2] != SHA2_256 || p[3] != HASH_LEN)
			return err_set(e, ERR_INPUT, "it is a CID of another "
			    "hash than SHA-256");
		c->codec = p[1];
		at = 4;
	}
	memcpy(c->sum, p + at, HASH_LEN);
	*used = at + HASH_LEN;
	return 0;
}

/* --- text -------------------------------------------------------------- */

void
cid_text(const struct cid *c, char out[CID_TEXT])
{
	uint8_t p[CID_BYTES];
	uint32_t bits = 0;
	int have = 0;
	size_t i;

	cid_write(c, p);
	*out++ = 'b';
	for (i = 0; i < sizeof p; i++) {
		bits = bits << 8 | p[i];
		for (have += 8; have >= 5; have -= 5)
			*out++ = digits32[bits >> (have - 5) & 31];
	}
	*out++ = digits32[bits << (5 - have) & 31];
	*out = '\0';
}

/* The bits that are left over must be 0. */
static int
read_base32(const char *s, size_t len, uint8_t *out, size_t size)
{
	uint32_t bits = 0;
	const char *d;
	int have = 0;
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		if (s[i] == '\0' || (d = strchr(digits32, s[i])) == NULL)
			return -1;
		bits = bits << 5 | (uint32_t)(d - digits32);
		if ((have += 5) < 8)
			continue;
		have -= 8;
		if (n == size)
			return -1;
		out[n++] = (uint8_t)(bits >> have);
		bits &= (1u << have) - 1;
	}
	return have >= 5 || bits != 0 ? -1 : (int)n;
}

/* A number in base 58, big end first; each '1' in front is a byte of 0. */
static int
read_base58(const char *s, size_t len, uint8_t *out, size_t size)
{
	uint8_t p[CID_TEXT_MAX] = { 0 };	/* little end first */
	size_t i, j, n = 0, zeros = 0;
	const char *d;
	uint32_t carry;

	while (zeros < len && s[zeros] == '1')
		zeros++;
	for (i = zeros; i < len; i++) {
		if (s[i] == '\0' || (d = strchr(digits58, s[i])) == NULL)
			return -1;
		carry = (uint32_t)(d - digits58);
		for (j = 0; j < n || carry > 0; j++) {
			carry += (uint32_t)p[j] * 58;
			p[j] = (uint8_t)carry;
			carry >>= 8;
		}
		if (j > n)
			n = j;
	}
	if (zeros > size || n > size - zeros)
		return -1;
	memset(out, 0, zeros);
	for (i = 0; i < n; i++)
		out[zeros + i] = p[n - 1 - i];
	return (int)(zeros + n);
}

int
cid_parse(struct cid *c, const char *s, size_t len, struct err *e)
{
	uint8_t p[CID_BYTES];
	struct cid got;
	size_t used;
	int n = -1;
	bool v0 = len == V0_TEXT && s[0] == 'Q';

	if (v0)
		n = read_base58(s, len, p, sizeof p);
	else if (len == V1_TEXT && s[0] == 'b')
		n = read_base32(s + 1, len - 1, p, sizeof p);
	else if (len > 1 && len <= V1_TEXT && s[0] == 'z')
		n = read_base58(s + 1, len - 1, p, sizeof p);
	if (n < 0)
		return err_set(e, ERR_INPUT, "it is no CID of SHA-256 in "
		    "base 32 or base 58");
	if (cid_read(&got, p, (size_t)n, &used, e) < 0)
		return -1;
	/* version 0 has no 'z' before it, version 1 always a letter */
	if (used != (size_t)n || v0 != (used == V0_BYTES))
		return err_set(e, ERR_INPUT, "it is no CID");
	*c = got;
	return 0;
}
