/*
 * A command line: words end with a newline; the first byte says whether it
 * is parsed or completed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/opt.h"

static struct {
	bool flag;
	const char *str, *word;
	struct strv list;
	int64_t n, size, time;
	int mode, count;
} o;

static const char *const modes[] = { "text", "vector", NULL };

static const struct opt opts[] = {
	OPT_GROUP("All kinds"),
	OPT_FLAG('f', "flag", &o.flag, "a flag"),
	OPT_FLAG(0, "no-neg", &o.flag, "a negative flag"),
	OPT_STR('s', "str", &o.str, "s", "a string", OPT_C_FILE),
	OPT_LIST('l', "list", &o.list, "l", "a list", OPT_C_KB),
	OPT_INT('n', "number", &o.n, "n", "a number"),
	OPT_SIZE('z', "size", &o.size, "n", "a size"),
	OPT_TIME('t', "time", &o.time, "time", "a time"),
	OPT_ENUM('m', "mode", &o.mode, modes, NULL, "a choice"),
	OPT_WORD('w', "word", &o.word, modes, "w", "a word"),
	OPT_COUNT('v', "verbose", &o.count, "counted"),
	OPT_HELP('h', "help", "help"),
	OPT_VERSION(0, "version", "version"),
	OPT_FLAG('0', NULL, &o.flag, "only a letter"),
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "one", "A", "a verb", opts, OPT_C_FILE },
	{ "two x", "B", "another", NULL, OPT_C_SESSION },
	{ "two y", NULL, "a third", NULL, OPT_C_NONE },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tools[] = {
	{ "mem-x", "[A]", "x", opts, NULL, OPT_C_FILE, false },
	{ "mem-y", NULL, "y", opts, verbs, OPT_C_NONE, false }
};

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const struct opt_verb *verb;
	struct buf b = BUF_INIT;
	enum opt_comp comp;
	char *words[64], *room, *s;
	int n = 0, ask;
	struct err e;

	if (len == 0 || len > 4096)
		return 0;
	room = calloc(1, len + 1);
	memcpy(room, p + 1, len - 1);
	words[n++] = room;
	for (s = room; (s = strchr(s, '\n')) != NULL && n < 63; ) {
		*s++ = '\0';
		words[n++] = s;
	}
	words[n] = NULL;
	if (p[0] & 1)
		opt_complete(&tools[p[0] >> 1 & 1], n, words, &b, &comp);
	else
		opt_parse(&tools[p[0] >> 1 & 1], &n, words, &verb, &ask, &e);
	buf_release(&b);
	strv_release(&o.list);
	free(room);
	return 0;
}
