#include "net/engine_cred.h"

#include "base/child.h"
#include "base/file.h"

#include <string.h>

#define MOST ((size_t)16 << 10)
#define WAIT_MS 60000

static int
from_file(const struct engine_conf *c, const char *what, const char *file,
    struct buf *secret, struct err *e)
{
	if (file_read_private(secret, file, MOST, e) < 0)
		return err_add(e, "engine.%s.%sFile", c->name, what);
	return 0;
}

static int
from_command(const struct engine_conf *c, const char *what,
    const char *command, struct buf *secret, struct err *e)
{
	struct buf name = BUF_INIT;
	int r;

	buf_addf(&name, "engine.%s.%sCommand", c->name, what);
	r = child_print_sh(name.p, command, WAIT_MS, MOST, secret, e);
	buf_release(&name);
	return r;
}

/* The end of its line is not of it. */
static int
one_line(const struct engine_conf *c, const char *what, struct buf *secret,
    struct err *e)
{
	if (secret->len > 0 && secret->p[secret->len - 1] == '\n')
		buf_cut(secret, secret->len - 1);
	if (secret->len > 0 && secret->p[secret->len - 1] == '\r')
		buf_cut(secret, secret->len - 1);
	if (secret->len == 0)
		return err_set(e, ERR_INPUT, "the %s of engine '%s' is empty",
		    what, c->name);
	if (strcspn(secret->p, "\r\n") < secret->len)
		return err_set(e, ERR_INPUT, "the %s of engine '%s' has more "
		    "than one line, or a NUL", what, c->name);
	return 1;
}

int
engine_cred(const struct engine_conf *c, struct buf *secret,
    const char **scheme, struct err *e)
{
	const struct {
		const char *what, *file, *command, *scheme;
	} ways[] = {
		{ "password", c->password_file, c->password_command, NULL },
		{ "apiKey", c->key_file, c->key_command, "ApiKey" },
		{ "token", c->token_file, c->token_command, "Bearer" },
	}, *w;
	size_t i;

	for (i = 0; i < 3; i++) {
		w = &ways[i];
		if (w->file == NULL && w->command == NULL)
			continue;
		if ((w->file != NULL ? from_file(c, w->what, w->file, secret,
		    e) : from_command(c, w->what, w->command, secret, e)) < 0)
			return -1;
		*scheme = w->scheme;
		return one_line(c, w->what, secret, e);
	}
	return 0;
}
