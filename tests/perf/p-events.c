/*
 * Events made of real text: p-events COUNT SIZE FILE ...
 *
 * The files' texts, one after the other, are cut into pieces of about SIZE
 * bytes (three quarters to five quarters of it) at blanks; each becomes an
 * event with an id, as JSON Lines.  The same arguments give the same bytes.
 * On standard error: the sum of the texts' bytes, for ratios.
 */
#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 88172645463325252u;

/* xorshift64 (Marsaglia 2003) */
static uint64_t
draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static char *
read_all(char **files, size_t *len)
{
	char *p = NULL;
	size_t cap = 0, n = 0, got, i, keep = 0;
	FILE *f;

	for (; *files != NULL; files++) {
		if ((f = fopen(*files, "r")) == NULL)
			continue;
		do {
			if (cap - n < 65536)
				p = realloc(p, cap = cap * 2 + 131072);
			got = fread(p + n, 1, 65536, f);
			n += got;
		} while (got > 0);
		fclose(f);
	}
	/* ASCII only: pieces are cut anywhere. */
	for (i = 0; i < n; i++)
		if ((p[i] >= ' ' && p[i] < 127) || p[i] == '\n')
			p[keep++] = p[i];
	*len = keep;
	return p;
}

static void
ulid(char out[27], int64_t ms)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	int i;

	for (i = 9; i >= 0; i--, ms >>= 5)
		out[i] = digits[ms & 31];
	for (i = 10; i < 26; i++)
		out[i] = digits[draw(32)];
	out[26] = '\0';
}

static void
print(const char *text, size_t len, int64_t i, int64_t ms)
{
	char id[27], session[32], *line;
	json_t *o;

	ulid(id, ms);
	snprintf(session, sizeof session, "session-%" PRId64, i / 200);
	o = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s%}", "type", "event",
	    "event_id", id, "session_id", session, "timestamp",
	    (json_int_t)ms, "role", draw(2) ? "user" : "assistant",
	    "agent", "claude-code", "text", text, len);
	line = json_dumps(o, JSON_COMPACT);
	puts(line);
	free(line);
	json_decref(o);
}

int
main(int argc, char **argv)
{
	int64_t i, count, ms = 1700000000000, bytes = 0;
	size_t len, at = 0, n, size;
	char *p;

	if (argc < 4) {
		fprintf(stderr, "usage: p-events count size file ...\n");
		return 64;
	}
	count = strtoll(argv[1], NULL, 10);
	size = (size_t)strtoll(argv[2], NULL, 10);
	if ((p = read_all(argv + 3, &len)) == NULL || len < 2 * size) {
		fprintf(stderr, "p-events: too little text\n");
		return 2;
	}
	for (i = 0; i < count; i++) {
		n = size * 3 / 4 + draw(size / 2 + 1);
		if (at + n + 64 > len)
			at = draw(1000);
		while (at + n + 1 < len && !isspace((unsigned char)p[at + n]))
			n++;
		ms += (int64_t)draw(60000) + 1;
		print(p + at, n, i, ms);
		bytes += (int64_t)n;
		at += n;
	}
	fprintf(stderr, "%" PRId64 "\n", bytes);
	free(p);
	return 0;
}
