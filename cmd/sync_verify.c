/*
 * mem-sync verify: a restore drill.
 */
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "sync/drill.h"
#include "sync/sync.h"

#define TOLD_MAX 1000		/* of what is not there; all are counted */

struct telling {
	struct sync_tool *t;
	int n;
};

static int
told(void *arg, const char *what, const char *user, const char *id,
    const char *why, struct err *e)
{
	struct telling *to = arg;

	if (to->n++ >= TOLD_MAX)
		return 0;
	return sync_print(to->t, json_pack("{s:s, s:s, s:s, s:s, s:s}",
	    "type", "difference", "what", what, "user", user, "id", id,
	    "why", why), e);
}

static int
print(struct sync_tool *t, const struct sync *s, const struct drilled *d,
    struct err *e)
{
	return sync_print(t, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "type", "verify",
	    "remote", s->name, "number", (json_int_t)d->number, "events",
	    (json_int_t)d->events, "values", (json_int_t)d->values,
	    "records", (json_int_t)d->records, "files",
	    (json_int_t)d->files, "artifacts",
	    (json_int_t)d->artifacts, "tombstones",
	    (json_int_t)d->tombstones, "missing", (json_int_t)d->missing,
	    "different", (json_int_t)d->different, "behind",
	    (json_int_t)d->behind, "rpo_ms", (json_int_t)d->rpo_ms,
	    "rto_ms", (json_int_t)d->rto_ms, "received_bytes",
	    (json_int_t)d->received), e);
}

int
sync_verb_verify(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	struct telling to = { .t = t };
	struct drilled sums;
	struct sync *s;
	int r;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "verify takes no operand");
	if (sync_tool_open(t, &s, e) < 0)
		return -1;
	if ((r = drill(s, told, &to, &sums, e)) == 0)
		r = print(t, s, &sums, e);
	sync_close(s);
	return r < 0 ? -1 : sums.missing + sums.different > 0 ? EXIT_NO :
	    EXIT_YES;
}
