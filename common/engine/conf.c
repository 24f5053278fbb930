#include "engine/conf.h"

#include "base/alloc.h"
#include "base/str.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_S 60
#define WAIT_MAX_S 3600
#define BATCH ((int64_t)5 << 20)
#define BATCH_LEAST ((int64_t)64 << 10)
#define BATCH_MOST ((int64_t)32 << 20)	/* a long text more still fits */
#define SHARDS 1024
#define REPLICAS 100
#define INDEX 60		/* bytes of a prefix: the tenant is to follow */

enum type { TEXT, PATH, NUMBER, BOOL, KIND };

/* All that there are; those of `at` are set as they are. */
static const struct setting {
	const char *what;
	enum type type;
	size_t at;
	int64_t least, most;
} settings[] = {
	{ "url", TEXT, offsetof(struct engine_conf, url), 0, 0 },
	{ "kind", KIND, 0, 0, 0 },
	{ "index", TEXT, offsetof(struct engine_conf, index), 0, 0 },
	{ "database", TEXT, offsetof(struct engine_conf, database), 0, 0 },
	{ "caFile", PATH, offsetof(struct engine_conf, ca_file), 0, 0 },
	{ "batch", NUMBER, offsetof(struct engine_conf, batch), BATCH_LEAST,
	    BATCH_MOST },
	{ "shards", NUMBER, offsetof(struct engine_conf, shards), 1, SHARDS },
	{ "replicas", NUMBER, offsetof(struct engine_conf, replicas), 0,
	    REPLICAS },
	{ "timeout", NUMBER, 0, 1, WAIT_MAX_S },
	{ "insecure", BOOL, offsetof(struct engine_conf, insecure), 0, 0 },
	{ "sealed", BOOL, offsetof(struct engine_conf, sealed), 0, 0 },
	{ "user", TEXT, offsetof(struct engine_conf, user), 0, 0 },
	{ "passwordFile", PATH, offsetof(struct engine_conf, password_file),
	    0, 0 },
	{ "passwordCommand", TEXT,
	    offsetof(struct engine_conf, password_command), 0, 0 },
	{ "apiKeyFile", PATH, offsetof(struct engine_conf, key_file), 0, 0 },
	{ "apiKeyCommand", TEXT, offsetof(struct engine_conf, key_command), 0,
	    0 },
	{ "tokenFile", PATH, offsetof(struct engine_conf, token_file), 0, 0 },
	{ "tokenCommand", TEXT, offsetof(struct engine_conf, token_command), 0,
	    0 },
};

#define SETTINGS (sizeof settings / sizeof *settings)

static const char *const kinds[] = { "opensearch", "elasticsearch",
    "neo4j" };

bool
engine_name_right(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return n > 0 && n <= ENGINE_NAME && name[n] == '\0';
}

static int
kind_of(const char *value)
{
	int i;

	for (i = 0; i < 3; i++)
		if (str_eq(kinds[i], value))
			return i;
	return -1;
}

/* --- what a value must be ---------------------------------------------- */

/* What OpenSearch and Elasticsearch take at the head of a name. */
static bool
is_prefix(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.");

	return n > 0 && n <= INDEX && s[n] == '\0' &&
	    strchr("-_.", *s) == NULL;
}

/* What goes into a path of Neo4j. */
static bool
is_database(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-.");

	return n > 0 && n <= ENGINE_NAME && s[n] == '\0' &&
	    isalpha((unsigned char)*s);
}

/* NULL, or what it should be. */
static const char *
wrong(const struct setting *s, const char *value)
{
	bool on;

	if (s->type == PATH && *value != '/')
		return "should begin with '/'";
	if (s->type == BOOL && !conf_bool(value, &on))
		return "is true or false";
	if (s->type == KIND && kind_of(value) < 0)
		return "is opensearch, elasticsearch or neo4j";
	if (str_eq(s->what, "index") && !is_prefix(value))
		return "is small letters, digits, '-', '_' and '.', begins "
		    "with a letter or a digit, and has 60 bytes at most";
	if (str_eq(s->what, "database") && !is_database(value))
		return "is letters, digits, '-' and '.', and begins with a "
		    "letter";
	if (str_eq(s->what, "user") && strchr(value, ':') != NULL)
		return "has no ':'";
	return NULL;
}

static int
check(const struct setting *s, const char *key, const char *value,
    struct err *e)
{
	const char *why = wrong(s, value);
	int64_t n;

	if (why != NULL)
		return err_set(e, ERR_USAGE, "%s %s, not '%.100s'", key, why,
		    value);
	if (s->type == NUMBER && (!str_size(value, s->most, &n) ||
	    n < s->least))
		return err_set(e, ERR_USAGE, "%s wants a number from %lld to "
		    "%lld, not '%.100s'", key, (long long)s->least,
		    (long long)s->most, value);
	return 0;
}

int
engine_conf_check(const char *key, const char *value, struct err *e)
{
	const char *dot = strrchr(key, '.');
	char *name;
	size_t i;
	bool right;

	if (strlen(key) < 8 || strncmp(key, "engine.", 7) != 0 ||
	    dot < key + 8)
		return 0;
	name = xstrndup(key + 7, (size_t)(dot - key) - 7);
	right = engine_name_right(name);
	free(name);
	if (!right)
		return err_set(e, ERR_USAGE, "%s: the name of an engine is "
		    "letters, digits, '-' and '_', %d at most", key,
		    ENGINE_NAME);
	for (i = 0; i < SETTINGS; i++)
		if (str_same(dot + 1, settings[i].what))
			return check(&settings[i], key, value, e) < 0 ? -1 : 1;
	return 0;
}

/* --- reading ----------------------------------------------------------- */

static int
take(struct engine_conf *c, const struct setting *s, const char *key,
    const char *value, struct err *e)
{
	char *at = (char *)c + s->at;
	int64_t n = 0;
	bool on = false;

	if (check(s, key, value, e) < 0)
		return -1;
	switch (s->type) {
	case TEXT:
	case PATH:
		memcpy(at, &value, sizeof value);
		break;
	case NUMBER:
		str_size(value, s->most, &n);
		if (str_eq(s->what, "timeout"))
			c->wait_ms = (int)n * 1000;
		else
			memcpy(at, &n, sizeof n);
		break;
	case BOOL:
		conf_bool(value, &on);
		memcpy(at, &on, sizeof on);
		break;
	case KIND:
		c->kind = (enum engine_kind)kind_of(value);
		break;
	}
	return 0;
}

/* One way to be let in, and all that it takes. */
static int
check_ways(const struct engine_conf *c, struct err *e)
{
	int ways = (c->password_file != NULL) + (c->password_command != NULL) +
	    (c->key_file != NULL) + (c->key_command != NULL) +
	    (c->token_file != NULL) + (c->token_command != NULL);
	bool password = c->password_file != NULL || c->password_command != NULL;

	if (ways > 1)
		return err_set(e, ERR_USAGE, "engine.%s has more than one of "
		    "password, apiKey and token, File and Command; unset all "
		    "but one", c->name);
	if (password && c->user == NULL)
		return err_set(e, ERR_USAGE, "engine.%s.user is not set, whose "
		    "password there is", c->name);
	if (!password && c->user != NULL)
		return err_set(e, ERR_USAGE, "engine.%s.user has no password; "
		    "set engine.%s.passwordFile or engine.%s.passwordCommand",
		    c->name, c->name, c->name);
	return 0;
}

int
engine_conf_read(struct engine_conf *c, const struct conf *conf,
    const char *name, struct err *e)
{
	struct buf key = BUF_INIT;
	const char *value;
	size_t i, n;
	int r = 0;

	memset(c, 0, sizeof *c);
	c->name = xstrdup(name);
	c->database = "neo4j";
	c->batch = BATCH;
	c->replicas = -1;
	c->wait_ms = WAIT_S * 1000;
	if (!engine_name_right(name))
		return err_set(e, ERR_USAGE, "'%.100s' is no name of an "
		    "engine: letters, digits, '-' and '_', %d at most", name,
		    ENGINE_NAME);
	buf_addf(&key, "engine.%s.", name);
	n = key.len;
	for (i = 0; i < SETTINGS && r == 0; i++) {
		buf_cut(&key, n);
		buf_adds(&key, settings[i].what);
		if ((value = conf_get(conf, key.p, NULL)) != NULL)
			r = take(c, &settings[i], key.p, value, e);
	}
	buf_release(&key);
	if (r == 0 && c->url == NULL)
		r = err_set(e, ERR_USAGE, "there is no engine '%s': "
		    "engine.%s.url is not set, as https://HOST:9200", name,
		    name);
	if (c->index == NULL && c->kind != ENGINE_NEO4J)
		c->index = "memkit";
	return r < 0 ? -1 : check_ways(c, e);
}

void
engine_conf_release(struct engine_conf *c)
{
	free(c->name);
	c->name = NULL;
}
