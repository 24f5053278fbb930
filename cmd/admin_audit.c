/*
 * mem-admin audit: the log of who did what; what is kept of it elsewhere.
 */
#include "cmd/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "cmd/cmd.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/audit_key.h"
#include "store/audit_point.h"
#include "store/audit_rotate.h"
#include "store/credential.h"
#include "store/db.h"
#include "store/reads.h"

int
admin_log_open(struct admin_log *l, const struct store_where *where,
    bool write, struct err *e)
{
	const struct access *a;

	*l = (struct admin_log){ .st = NULL };
	if (cmd_open(&l->st, where, write, e) < 0)
		return -1;
	l->db = l->st->db;
	l->tenant = l->st->tenant;
	if (!admin.access)
		return 0;
	l->db = NULL;
	l->tenant = "";
	a = l->st->access;
	if (a->owner)
		return err_set(e, ERR_ABSENT, "store '%s' has no credentials, "
		    "and no log of them", l->st->dir);
	if (a->by.tenant != NULL)
		return err_set(e, ERR_DENIED, "the log of the whole store is "
		    "for its administrator");
	return credential_open(&l->db, l->st->dir, write ? CREDENTIAL_WRITE :
	    CREDENTIAL_READ, e);
}

void
admin_log_close(struct admin_log *l)
{
	if (l->st == NULL || l->db != l->st->db)
		db_close(l->db);
	store_close(l->st);
}

/* --- rows -------------------------------------------------------------- */

struct show {
	struct admin_run *run;
	const char *tenant;
	int64_t skip;		/* rows before the last -n */
	int64_t printed;
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
	if (a->tool != NULL)
		json_object_set_new(o, "tool", out_text(a->tool));
	if (a->outcome != NULL)
		json_object_set_new(o, "outcome", out_text(a->outcome));
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
	struct audit_which which = { admin.since, admin.until, admin.who,
	    admin.action, admin.by, admin.outcome };
	struct show s = { .run = run };
	struct admin_log l;
	int r;

	r = admin_log_open(&l, where, false, e);
	s.tenant = l.tenant;
	if (r == 0 && admin.limit > 0)
		r = audit_each(l.db, &which, count_row, &s, e);
	s.skip = s.skip > admin.limit ? s.skip - admin.limit : 0;
	if (r == 0)
		r = audit_each(l.db, &which, print_row, &s, e);
	admin_log_close(&l);
	return r < 0 ? -1 : s.printed > 0 ? EXIT_YES : EXIT_NO;
}

static int
list(struct admin_run *run, struct err *e)
{
	return admin_each_tenant(run, list_one, e);
}

/* --- checkpoints ------------------------------------------------------- */

/* Appended, so that a file can have them all; and on the disk. */
static int
append(const char *path, const struct buf *line, struct err *e)
{
	int fd, r;

	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	if ((r = file_write(fd, line->p, line->len, path, e)) == 0 &&
	    fsync(fd) < 0 && errno != EINVAL)	/* a pipe */
		r = err_sys(e, "cannot sync '%s'", path);
	if (close(fd) < 0 && r == 0)
		r = err_sys(e, "cannot write '%s'", path);
	return r;
}

static int
point_one(struct admin_run *run, const struct store_where *where,
    struct err *e)
{
	struct audit_point p;
	struct admin_log l;
	struct buf line = BUF_INIT;
	int r;

	if ((r = admin_log_open(&l, where, true, e)) == 0 &&
	    (r = audit_point_make(l.st, l.db, l.tenant, &p, e)) == 0) {
		audit_point_write(&p, &line);
		if (run->verb_argc == 0)
			r = out_line(&run->out, line.p, e);
		else {
			buf_addc(&line, '\n');
			r = append(run->verb_argv[0], &line, e);
		}
		audit_point_release(&p);
	}
	admin_log_close(&l);
	buf_release(&line);
	return r;
}

static int
checkpoint(struct admin_run *run, struct err *e)
{
	if (run->verb_argc > 1)
		return cmd_misuse(e, "audit checkpoint takes a file, or none");
	return admin_each_tenant(run, point_one, e);
}

static int
key(struct admin_run *run, struct err *e)
{
	char text[AUDIT_KEY_TEXT + 1];
	uint8_t secret[SIGN_KEY];
	struct audit_public p;
	struct store *st = NULL;
	int r = -1;

	if (cmd_open(&st, &run->asked, true, e) == 0 &&
	    (r = audit_key_need(st, secret, e)) == 0)
		r = audit_public_of(secret, &p, e);
	mem_wipe(secret, sizeof secret);
	store_close(st);
	if (r < 0)
		return -1;
	base64url_encode(text, p.key, SIGN_KEY);
	return admin_print(run, json_pack("{s:s, s:s, s:s}", "type",
	    "audit_key", "key_id", p.id, "public_key", text), e);
}

/* --- rotation ---------------------------------------------------------- */

static int
rotate(struct admin_run *run, struct err *e)
{
	struct audit_rotation told;
	char hex[HASH_HEX + 1];
	struct store *st = NULL;
	json_t *o;
	int r = -1;

	if (admin.before == 0 || (admin.to == NULL && !admin.dry_run))
		return cmd_misuse(e, "audit rotate wants --before and --to");
	if (cmd_open(&st, &run->asked, !admin.dry_run, e) == 0)
		r = audit_rotate(st, admin.before, admin.dry_run ? NULL :
		    admin.to, &told, e);
	if (r >= 0) {
		o = json_pack("{s:s, s:o, s:I}", "type", "audit_rotate",
		    "tenant", out_text(st->tenant), "rows",
		    (json_int_t)(r == 1 ? told.last - told.first + 1 : 0));
		if (r == 1) {
			json_object_set_new(o, "first",
			    json_integer(told.first));
			json_object_set_new(o, "last",
			    json_integer(told.last));
		}
		if (r == 1 && !admin.dry_run) {
			hex_encode(hex, told.hash, HASH_LEN);
			json_object_set_new(o, "hash", json_string(hex));
			json_object_set_new(o, "file", out_text(admin.to));
		}
		if (admin.dry_run)
			json_object_set_new(o, "dry_run", json_true());
		if (admin_print(run, o, e) < 0)
			r = -1;
	}
	store_close(st);
	return r < 0 ? -1 : r == 1 ? EXIT_YES : EXIT_NO;
}

/* --- reads ------------------------------------------------------------- */

static int
print_reads(void *arg, const struct reads *r, struct err *e)
{
	struct show *s = arg;

	s->printed++;
	return admin_print(s->run, json_pack("{s:s, s:o, s:o, s:o, s:I, s:I, "
	    "s:I}", "type", "reads", "tenant", out_text(s->tenant), "who",
	    out_text(r->who), "tool", out_text(r->tool), "count",
	    (json_int_t)r->count, "first", (json_int_t)r->first_ms, "last",
	    (json_int_t)r->last_ms), e);
}

static int
reads_one(struct admin_run *run, const struct store_where *where,
    struct err *e)
{
	struct show s = { .run = run };
	struct store *st = NULL;
	int r;

	if (cmd_open(&st, where, false, e) < 0)
		return -1;
	s.tenant = st->tenant;
	r = reads_each(st, print_reads, &s, e);
	store_close(st);
	return r < 0 ? -1 : s.printed > 0 ? EXIT_YES : EXIT_NO;
}

static int
reads(struct admin_run *run, struct err *e)
{
	return admin_each_tenant(run, reads_one, e);
}

/* --- which ------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*fn)(struct admin_run *, struct err *);
	bool operands;
} audit_verbs[] = {
	{ "", list, false },
	{ "verify", admin_audit_verify, false },
	{ "checkpoint", checkpoint, true },
	{ "key", key, false },
	{ "reads", reads, false },
	{ "rotate", rotate, false },
	{ "isolation", admin_audit_isolation, false },
};

int
admin_audit(struct admin_run *run, const char *what, struct err *e)
{
	size_t i;

	for (i = 0; strcmp(audit_verbs[i].name, what) != 0; i++)
		;
	if (admin.access && admin.all_tenants)
		return cmd_misuse(e, "--access is of no tenant");
	if (run->verb_argc > 0 && !audit_verbs[i].operands)
		return cmd_misuse(e, "audit%s%s takes no operand",
		    *what != '\0' ? " " : "", what);
	return audit_verbs[i].fn(run, e);
}
