#include "index/language.h"

#include "base/buf.h"
#include "base/str.h"
#include "index/snowball.h"

#define STOP(code) \
	extern const unsigned char data_stop_##code##_txt[]; \
	extern const size_t data_stop_##code##_txt_len
#define WITH(code) data_stop_##code##_txt, &data_stop_##code##_txt_len

STOP(da);
STOP(de);
STOP(en);
STOP(es);
STOP(fi);
STOP(fr);
STOP(it);
STOP(nl);
STOP(no);
STOP(pt);
STOP(ru);
STOP(sv);

const struct language language_english = { "english", "en", LANGUAGE_ENGLISH,
    WITH(en) };

static const struct language others[] = {
	{ "none", "", LANGUAGE_NONE, NULL, NULL },
	{ "arabic", "ar", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "armenian", "hy", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "basque", "eu", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "catalan", "ca", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "danish", "da", LANGUAGE_SNOWBALL, WITH(da) },
	{ "dutch", "nl", LANGUAGE_SNOWBALL, WITH(nl) },
	{ "finnish", "fi", LANGUAGE_SNOWBALL, WITH(fi) },
	{ "french", "fr", LANGUAGE_SNOWBALL, WITH(fr) },
	{ "german", "de", LANGUAGE_SNOWBALL, WITH(de) },
	{ "greek", "el", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "hindi", "hi", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "hungarian", "hu", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "indonesian", "id", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "irish", "ga", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "italian", "it", LANGUAGE_SNOWBALL, WITH(it) },
	{ "lithuanian", "lt", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "nepali", "ne", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "norwegian", "no", LANGUAGE_SNOWBALL, WITH(no) },
	{ "portuguese", "pt", LANGUAGE_SNOWBALL, WITH(pt) },
	{ "romanian", "ro", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "russian", "ru", LANGUAGE_SNOWBALL, WITH(ru) },
	{ "serbian", "sr", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "spanish", "es", LANGUAGE_SNOWBALL, WITH(es) },
	{ "swedish", "sv", LANGUAGE_SNOWBALL, WITH(sv) },
	{ "tamil", "ta", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "turkish", "tr", LANGUAGE_SNOWBALL, NULL, NULL },
	{ "yiddish", "yi", LANGUAGE_SNOWBALL, NULL, NULL },
};
#define OTHERS (sizeof others / sizeof *others)

static bool
is(const struct language *l, const char *name)
{
	return str_same(l->name, name) ||
	    (*l->code != '\0' && str_same(l->code, name));
}

static int
unknown(const char *name, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < OTHERS; i++)
		buf_addf(&b, ", %s", others[i].name);
	err_set(e, ERR_INPUT, "there is no language '%s'; there are english%s",
	    name, b.p);
	buf_release(&b);
	return -1;
}

/* Is there what makes its stems? */
static int
ready(const struct language *l, struct err *e)
{
	struct snowball *s;

	if (l->stems != LANGUAGE_SNOWBALL)
		return 0;
	if (snowball_open(&s, l->name, e) < 0)
		return -1;
	snowball_close(s);
	return 0;
}

int
language_find(const char *name, const struct language **out, struct err *e)
{
	size_t i;

	if (is(&language_english, name)) {
		*out = &language_english;
		return 0;
	}
	for (i = 0; i < OTHERS; i++)
		if (is(&others[i], name)) {
			if (ready(&others[i], e) < 0)
				return -1;
			*out = &others[i];
			return 0;
		}
	return unknown(name, e);
}
