/*
 * Languages: by name and code, stems and stop words, what is written to a
 * word without a blank, accents.
 */
#include "index/language.h"

#include "config.h"
#include "index/token.h"
#include "index/word.h"
#include "tap.h"

#include <string.h>

static struct err e;

/* The stem of the only token. */
static const char *
stem(const struct language *l, const char *word, bool *stop)
{
	static char out[TOKEN_MAX + 1];
	struct tokens ts;
	struct token t;
	int n = 0;

	out[0] = '\0';
	tokens_init(&ts, l);
	tokens_start(&ts, word, strlen(word), 0);
	while (token_next(&ts, &t)) {
		memcpy(out, t.stem, t.stem_len);
		out[t.stem_len] = '\0';
		*stop = t.stop;
		n++;
	}
	tokens_release(&ts);
	return n == 1 ? out : "(not one)";
}

static void
names(void)
{
	const struct language *l;

	ok(language_find("english", &l, &e) == 0 && l == &language_english,
	    "English");
	ok(language_find("EN", &l, &e) == 0 && l == &language_english,
	    "by its code");
	ok(language_find("none", &l, &e) == 0 && l->stop == NULL, "none");
	ok(language_find("", &l, &e) == -1 && e.code == ERR_INPUT,
	    "the empty name is not one");
	ok(language_find("klingon", &l, &e) == -1 && e.code == ERR_INPUT &&
	    strstr(e.msg, "'klingon'") && strstr(e.msg, "german"),
	    "an unknown one: those that there are");
}

static void
built_in(void)
{
	const struct language *none;
	bool stop;

	language_find("none", &none, &e);
	is_str(stem(NULL, "runs", &stop), "run", "English without a name");
	is_str(stem(&language_english, "Ёлками", &stop), "елками",
	    "beyond a to z it has no stems");
	stem(&language_english, "the", &stop);
	ok(stop, "its stop words");
	is_str(stem(none, "runs", &stop), "runs", "no stems");
	is_str(stem(none, "CAFÉS", &stop), "cafes", "no accents");
	stem(none, "the", &stop);
	ok(!stop, "no stop words");
}

#ifdef HAVE_LIBSTEMMER
struct same {
	const char *language, *a, *b;
};

static void
stems(void)
{
	static const struct same t[] = {
		{ "german", "Häuser", "Haus" },
		{ "german", "häuser", "hauser" },
		{ "de", "Verbindungen", "Verbindung" },
		{ "german", "STRASSE", "Straße" },
		{ "french", "mangée", "manger" },
		{ "french", "ÉLÈVES", "eleve" },
		{ "fr", "l’homme", "hommes" },
		{ "french", "jusqu'aujourd'hui", "aujourd'hui" },
		{ "russian", "новый", "новая" },
		{ "russian", "базы", "базами" },
		{ "ru", "ещё", "еще" },
		{ "spanish", "canción", "canciones" },
		{ "italian", "dell'amico", "amici" },
		{ "portuguese", "comíamos", "comer" },
		{ "dutch", "katten", "kat" },
		{ "swedish", "flickornas", "flicka" },
		{ "norwegian", "husene", "huset" },
		{ "danish", "husene", "huset" },
		{ "finnish", "taloissa", "talossa" },
		{ "german", "E\xcc\x81tage", "étage" },	/* taken apart */
	};
	const struct language *l;
	char first[TOKEN_MAX + 1];
	bool stop;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		if (language_find(t[i].language, &l, &e) < 0) {
			ok(false, "%s", e.msg);
			continue;
		}
		snprintf(first, sizeof first, "%s", stem(l, t[i].a, &stop));
		is_str(stem(l, t[i].b, &stop), first, "%s: %s as %s",
		    t[i].language, t[i].b, t[i].a);
	}
}

static void
stops(void)
{
	static const struct { const char *language, *word; bool stop; } t[] = {
		{ "german", "Für", true }, { "german", "haus", false },
		{ "german", "the", false },
		{ "french", "où", true }, { "french", "c'est", true },
		{ "french", "qu’il", true }, { "french", "l'eau", false },
		{ "russian", "Который", true }, { "russian", "её", true },
		{ "russian", "база", false },
		{ "spanish", "también", true }, { "italian", "perché", true },
		{ "portuguese", "não", true }, { "dutch", "het", true },
		{ "swedish", "och", true }, { "norwegian", "ikke", true },
		{ "danish", "også", true }, { "finnish", "että", true },
		{ "turkish", "ve", false },	/* has no list */
	};
	const struct language *l;
	bool stop;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		if (language_find(t[i].language, &l, &e) < 0)
			continue;
		stem(l, t[i].word, &stop);
		ok(stop == t[i].stop, "%s: %s is %s", t[i].language,
		    t[i].word, t[i].stop ? "a stop word" : "none");
	}
	ok(word_is_stop(NULL, "the", 3), "English after another");
}

static void
shapes(void)
{
	const struct language *l;
	bool stop;

	if (language_find("french", &l, &e) < 0)
		return;
	is_str(stem(l, "é2e", &stop), "e2e", "with a digit: no stem");
	is_str(stem(l, "l'", &stop), "l", "nothing behind the apostrophe");
	is_str(stem(l, "intergouvernementalisations", &stop),
	    "intergouvernementalis", "longer than those remembered");
	is_str(stem(l, "redis", &stop), "red", "whatever the word");
}

static void
missing(void)
{
	const struct language *l;
	size_t i, there = 0;
	static const char *const all[] = { "arabic", "armenian", "basque",
	    "catalan", "danish", "dutch", "finnish", "french", "german",
	    "greek", "hindi", "hungarian", "indonesian", "irish", "italian",
	    "lithuanian", "nepali", "norwegian", "portuguese", "romanian",
	    "russian", "serbian", "spanish", "swedish", "tamil", "turkish",
	    "yiddish" };

	for (i = 0; i < sizeof all / sizeof *all; i++)
		if (language_find(all[i], &l, &e) == 0)
			there++;
		else if (e.code != ERR_INPUT || !strstr(e.msg, "newer"))
			break;
	ok(i == sizeof all / sizeof *all && there > 10,
	    "all of them, or a newer libstemmer is asked for");
}
#else
static void
without(void)
{
	const struct language *l;

	ok(language_find("german", &l, &e) == -1 && e.code == ERR_INPUT &&
	    strstr(e.msg, "libstemmer-dev"), "the remedy is named");
}
#endif

int
main(void)
{
	names();
	built_in();
#ifdef HAVE_LIBSTEMMER
	stems();
	stops();
	shapes();
	missing();
#else
	without();
#endif
	return done();
}
