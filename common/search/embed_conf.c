/*
 * Which program makes vectors, as the configuration has it.
 */
#include "search/embed_run.h"

#include "base/alloc.h"
#include "base/conf.h"
#include "base/coprocess.h"
#include "base/str.h"
#include "store/store.h"

#include <stdlib.h>

#define EMBED_HTTP "embed-http"
#define WAIT_S 30		/* for an answer, by default */
#define WAIT_MAX_S 3600

/* Settings that embed-http is called with.  Those that the vectors depend on
 * are of its identity: where a key is kept does not matter to them. */
static const struct {
	const char *key, *option;
	bool of_identity;
} passed[] = {
	{ "search.endpoint", "--url", true },
	{ "search.endpointModel", "--model", true },
	{ "search.endpointDimension", "--dimension", true },
	{ "search.endpointQueryPrefix", "--query-prefix", true },
	{ "search.endpointDocumentPrefix", "--document-prefix", true },
	{ "search.endpointBatch", "--batch", false },
	{ "search.endpointKeyEnv", "--key-env", false },
	{ "search.endpointKeyFile", "--key-file", false },
	{ "search.endpointCaFile", "--ca-file", false },
};

#define PASSED (sizeof passed / sizeof *passed)

static int
open_command(struct embedder *em, const char *command, int wait_ms,
    struct err *e)
{
	const char *identity[] = { "command", command, NULL };
	char shell[] = "sh", option[] = "-c", *argv[4] = { NULL };
	struct embed_run_how how = { "search.embedCommand", argv, identity,
	    wait_ms };
	int r;

	argv[0] = shell;
	argv[1] = option;
	argv[2] = xstrdup(command);
	r = embed_run_open(em, &how, e);
	free(argv[2]);
	return r < 0 ? -1 : 1;
}

static int
open_endpoint(struct embedder *em, const struct conf *conf, int wait_ms,
    struct err *e)
{
	const char *identity[2 * PASSED + 2], *value;
	char *argv[PASSED + 2];
	struct embed_run_how how = { EMBED_HTTP, argv, identity, wait_ms };
	struct buf word = BUF_INIT;
	size_t i, n = 0, k = 0;
	int r;

	coprocess_path(EMBED_HTTP, &word);
	argv[n++] = buf_steal(&word);
	identity[k++] = "endpoint";
	for (i = 0; i < PASSED; i++) {
		value = conf_get(conf, passed[i].key, "");
		if (*value == '\0')
			continue;
		buf_addf(&word, "%s=%s", passed[i].option, value);
		argv[n++] = buf_steal(&word);
		if (passed[i].of_identity) {
			identity[k++] = passed[i].option;
			identity[k++] = value;
		}
	}
	argv[n] = NULL;
	identity[k] = NULL;
	r = embed_run_open(em, &how, e);
	while (n > 0)
		free(argv[--n]);
	return r < 0 ? -1 : 1;
}

int
embed_run_configured(struct embedder *em, const struct store *st,
    struct err *e)
{
	const char *command = conf_get(st->conf, "search.embedCommand", "");
	const char *url = conf_get(st->conf, "search.endpoint", "");
	int64_t wait_s = WAIT_S;

	if (*command == '\0' && *url == '\0')
		return 0;
	if (store_obeys(st, *command != '\0' ? "search.embedCommand" :
	    "search.endpoint", e) < 0 || conf_get_int(st->conf,
	    "search.timeout", 1, WAIT_MAX_S, &wait_s, e) < 0)
		return -1;
	if (*command != '\0')
		return open_command(em, command, (int)wait_s * 1000, e);
	return open_endpoint(em, st->conf, (int)wait_s * 1000, e);
}
