/*
 * Files of profiles, and what commands for credentials print.  A line that is
 * wrong is named by its number alone: no message has a byte of the input,
 * which may be a secret.
 */
#include "fuzz.h"

#include "base/json.h"
#include "net/s3_cred.h"

#include <string.h>

/* Digits and quotes are the message's own; what is longer would be theirs. */
static void
tells_nothing(const char *text, size_t len, const struct err *e)
{
	char piece[9];
	size_t i;

	for (i = 0; i + 8 <= len; i++) {
		memcpy(piece, text + i, 8);
		piece[8] = '\0';
		if (strlen(piece) < 8 || strspn(piece,
		    "QWXZqwxz0123456789/+=") < 8)
			continue;	/* no word that a message has */
		must(strstr(e->msg, piece) == NULL);
	}
}

static void
check(const struct s3_cred *c, size_t len)
{
	must(c->key_id == NULL || strlen(c->key_id) <= len);
	must(c->secret == NULL || strlen(c->secret) <= len);
	must(c->token == NULL || (strlen(c->token) <= len &&
	    *c->token != '\0'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct s3_cred c = { .expires_ms = INT64_MAX };
	struct err e = { 0 };
	char *command = NULL;
	static bool set_up;
	int r;

	if (!set_up)
		json_setup();
	set_up = true;
	r = s3_cred_profile(&c, text, len, "fuzz", "default", &command, &e);
	if (r < 0) {
		must(e.code == ERR_INPUT);
		must(c.secret == NULL);
		tells_nothing(text, len, &e);
	}
	check(&c, len);
	s3_cred_release(&c);
	must(c.secret == NULL && c.key_id == NULL && c.token == NULL);
	if (s3_cred_answer(&c, text, len, &e) < 0)
		tells_nothing(text, len, &e);
	else
		must(c.key_id != NULL && c.secret != NULL);
	check(&c, len);
	s3_cred_release(&c);
	free(command);
	return 0;
}
