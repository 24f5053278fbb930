#include "text/language_conf.h"

#include "base/conf.h"
#include "store/store.h"

#define KEY "index.language"

int
language_configured(const struct store *st, const struct language **out,
    struct err *e)
{
	const char *name = conf_get(st->conf, KEY, language_english.name);

	return language_find(name, out, e) < 0 ? err_add(e, KEY ": ") : 0;
}
