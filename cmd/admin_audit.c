/*
 * mem-admin audit: the log of who did what, and whether it is whole.
 */
#include "cmd/admin.h"

#include <string.h>

#include "base/hash.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "store/audit.h"

struct show {
	struct admin_run *run;
	const char *tenant;
	int64_t skip;		/* rows before the last -n */
	int64_t printed;
	uint8_t want[HASH_LEN];	/* of --hash */
	bool seen;
	char last[HASH_HEX + 1];
};

static json_t *
audit_json(const struct show *s, const struct audit *a)
{
	char hex[HASH_HEX + 1];
	json_t *o;

	hex_encode(hex, a->hash, HASH_LEN);
	o = json_pack("{s:s, s:o, s:I, s:I, s:o, s:o}", "type", "audit",
	    "tenant", out_text(s->tenant), "seq", (json_int_t)a->seq,
	    "timestamp", (json_int_t)a->at_ms,
	    "who", out_text(a->who), "action", out_text(a->action));
	if (a->object != NULL)
		json_object_set_new(o, "object", out_text(a->object));
	if (a->detail != NULL)
		json_object_set_new(o, "detail", out_text(a->detail));
	json_object_set_new(o, "hash", json_string(hex));
	return o;
}

static int
count_row(void *arg, const struct audit *a, struct err *e)
{
	struct show *s = arg;

	(void)a;
	(void)e;
	s->skip++;
	return 0;
}

static int
print_row(void *arg, const struct audit *a, struct err *e)
{
	struct show *s = arg;

	if (s->skip > 0) {
		s->skip--;
		return 0;
	}
	s->printed++;
	return admin_print(s->run, audit_json(s, a), e);
}

static int
list_one(struct admin_run *run, const struct store_where *where,
    struct err *e)
{
	struct show s = { .run = run };
	struct store *st = NULL;
	int r;

	if (admin_open(&st, where, false, e) < 0)
		return -1;
	s.tenant = st->tenant;
	r = 0;
	if (admin.limit > 0)
		r = audit_each(st, admin.since, admin.until, admin.who,
		    admin.action, count_row, &s, e);
	s.skip = s.skip > admin.limit ? s.skip - admin.limit : 0;
	if (r == 0)
		r = audit_each(st, admin.since, admin.until, admin.who,
		    admin.action, print_row, &s, e);
	store_close(st);
	return r < 0 ? -1 : s.printed > 0 ? EXIT_YES : EXIT_NO;
}

static int
look_for(void *arg, const struct audit *a, struct err *e)
{
	struct show *s = arg;

	(void)e;
	hex_encode(s->last, a->hash, HASH_LEN);
	if (memcmp(a->hash, s->want, HASH_LEN) == 0)
		s->seen = true;
	return 0;
}

static int
verify(struct show *s, struct store *st, struct err *e)
{
	int64_t rows, bad = 0;
	bool whole;
	json_t *o;
	int r;

	if ((r = audit_verify(st, &rows, &bad, e)) < 0 ||
	    audit_each(st, INT64_MIN, INT64_MAX, NULL, NULL, look_for, s, e)
	    < 0)
		return -1;
	whole = r == 1 && (admin.hash == NULL || s->seen);
	o = json_pack("{s:s, s:s, s:I, s:b}", "type", "audit_verify",
	    "tenant", st->tenant, "rows", (json_int_t)rows, "whole", whole);
	if (s->last[0] != '\0')
		json_object_set_new(o, "last_hash", json_string(s->last));
	if (r == 0)
		json_object_set_new(o, "broken_at", json_integer(bad));
	else if (!whole)
		json_object_set_new(o, "detail", json_string("no row has the "
		    "hash that was given: the end of the log was cut off, or "
		    "it is another log"));
	return admin_print(s->run, o, e) < 0 ? -1 : whole ? EXIT_YES : EXIT_NO;
}

static int
verify_one(struct admin_run *run, const struct store_where *where,
    struct err *e)
{
	struct show s = { .run = run };
	struct store *st = NULL;
	int r;

	if (admin.hash != NULL && (strlen(admin.hash) != HASH_HEX ||
	    !hex_decode(s.want, admin.hash, HASH_LEN)))
		return cmd_misuse(e, "--hash wants 64 hex digits");
	if (admin_open(&st, where, false, e) < 0)
		return -1;
	r = verify(&s, st, e);
	store_close(st);
	return r;
}

int
admin_audit(struct admin_run *run, struct err *e)
{
	if (run->verb_argc == 1 && str_eq(run->verb_argv[0], "verify"))
		return admin_each_tenant(run, verify_one, e);
	if (run->verb_argc > 0)
		return cmd_misuse(e, "audit takes no operand but 'verify'");
	if (admin.hash != NULL)
		return cmd_misuse(e, "--hash goes with audit verify");
	return admin_each_tenant(run, list_one, e);
}
