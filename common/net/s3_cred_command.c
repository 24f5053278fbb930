#include "net/s3_cred.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/date.h"
#include "base/json.h"

#include <stddef.h>
#include <stdlib.h>

#define WAIT_MS 60000

static char *
word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL || *s == '\0' ? NULL : xstrdup(s);
}

/* --- memory that jansson leaves wiped ---------------------------------- */

union block {
	size_t n;
	max_align_t align;
};

static void *
take_block(size_t n)
{
	union block *b = xmalloc(sizeof *b + n);

	b->n = n;
	return b + 1;
}

static void
wipe_block(void *p)
{
	union block *b = p;

	if (b == NULL)
		return;
	b--;
	mem_wipe(b, sizeof *b + b->n);
	free(b);
}

/* --- what it printed --------------------------------------------------- */

static int
take_answer(struct s3_cred *c, const json_t *o, struct err *e)
{
	const char *until;

	if (!json_is_object(o))
		return err_set(e, ERR_INPUT, "the command for credentials "
		    "printed no JSON object");
	if (json_integer_value(json_object_get(o, "Version")) != 1)
		return err_set(e, ERR_INPUT, "the command for credentials "
		    "printed another version than 1");
	s3_cred_release(c);
	c->key_id = word(o, "AccessKeyId");
	c->secret = word(o, "SecretAccessKey");
	c->token = word(o, "SessionToken");
	until = json_string_value(json_object_get(o, "Expiration"));
	if (until != NULL && !date_machine(until, &c->expires_ms))
		return err_set(e, ERR_INPUT, "the command for credentials "
		    "printed an expiration that is no time");
	if (c->key_id == NULL || c->secret == NULL)
		return err_set(e, ERR_INPUT, "the command for credentials "
		    "printed no access key with its secret");
	return 0;
}

/* Of all that is parsed nothing stays, the parser's own copies neither. */
int
s3_cred_answer(struct s3_cred *c, const char *text, size_t len, struct err *e)
{
	json_malloc_t usual_malloc;
	json_free_t usual_free;
	struct err why;
	json_t *o;
	int r;

	json_get_alloc_funcs(&usual_malloc, &usual_free);
	json_set_alloc_funcs(take_block, wipe_block);
	o = json_read(text, len, &why);
	/* the reason may have a part of the text in it */
	mem_wipe(&why, sizeof why);
	r = take_answer(c, o, e);
	json_decref(o);
	json_set_alloc_funcs(usual_malloc, usual_free);
	return r;
}

int
s3_cred_run(struct s3_cred *c, const char *command, struct err *e)
{
	struct buf out = BUF_INIT;
	int r;

	r = child_print_sh("the command for credentials", command,
	    c->how.wait_ms > 0 ? c->how.wait_ms : WAIT_MS, S3_CRED_MAX, &out,
	    e);
	if (r == 0)
		r = s3_cred_answer(c, out.p, out.len, e);
	buf_wipe(&out);
	return r;
}
