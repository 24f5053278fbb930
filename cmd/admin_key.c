/*
 * mem-admin key: the keys with which is sealed what leaves the machine.  What
 * is printed, noted or logged is ids; the bytes of a key go into an export
 * and nowhere else.
 */
#include "cmd/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/passphrase.h"
#include "store/audit.h"
#include "store/keyring.h"
#include "store/sealed.h"

#define IMPORT_MAX (2 * KEYRING_BYTES)	/* base64 makes it longer */

/* --- new, list, retire ------------------------------------------------- */

static json_t *
key_json(const struct keyring *kr, const struct keyring_key *k)
{
	static const char *const from[] = { "store", "file", "command" };
	json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "type", "key",
	    "key_id", k->key.id, "state", k == kr->active ? "active" :
	    "retired", "source", from[k->source]);

	if (k->created_ms > 0)
		json_object_set_new(o, "created",
		    json_integer((json_int_t)k->created_ms));
	return o;
}

/* All of them; or the one with this id. */
static int
print_keys(struct admin_run *run, const struct store *st, const char *id,
    size_t *n, struct err *e)
{
	struct keyring *kr;
	size_t i;
	int r = 0;

	if (keyring_open(&kr, st, e) < 0)
		return -1;
	*n = 0;
	for (i = 0; r == 0 && i < kr->n; i++)
		if (id == NULL || str_eq(kr->v[i]->key.id, id)) {
			r = admin_print(run, key_json(kr, kr->v[i]), e);
			++*n;
		}
	if (r == 0 && id != NULL && kr->active == NULL)
		cmd_note("no key is active now, and nothing can be sealed; "
		    "make one with mem-admin key new");
	keyring_free(kr);
	return r;
}

static int
key_list(struct admin_run *run, struct store *st, const char *operand,
    struct err *e)
{
	size_t n = 0;

	(void)operand;
	if (print_keys(run, st, NULL, &n, e) < 0)
		return -1;
	return n > 0 ? EXIT_YES : EXIT_NO;
}

static int
key_new(struct admin_run *run, struct store *st, const char *operand,
    struct err *e)
{
	char id[SEAL_ID_MAX + 1] = "";
	size_t n;

	if (operand != NULL && (*operand == '\0' ||
	    strlen(operand) > SEAL_ID_MAX))
		return cmd_misuse(e, "the id of a key has from 1 to %d "
		    "characters", SEAL_ID_MAX);
	if (operand != NULL)
		memcpy(id, operand, strlen(operand) + 1);
	return keyring_new(st, id, e) < 0 ? -1 : print_keys(run, st, id, &n, e);
}

static int
key_retire(struct admin_run *run, struct store *st, const char *operand,
    struct err *e)
{
	size_t n;

	return keyring_retire(st, operand, e) < 0 ? -1 :
	    print_keys(run, st, operand, &n, e);
}

static int
key_rewrap(struct admin_run *run, struct store *st, const char *operand,
    struct err *e)
{
	int64_t n;
	int r;

	(void)operand;
	if ((r = store_is_sealed(st, e)) < 0 ||
	    (r == 1 && store_seal_rewrap(st, &n, e) < 0))
		return -1;
	if (r == 0)
		return err_set(e, ERR_USAGE, "tenant '%s' is not sealed: it "
		    "has no keys to wrap", st->tenant);
	return admin_print(run, json_pack("{s:s, s:s, s:I}", "type",
	    "key_rewrap", "tenant", st->tenant, "wrapped", (json_int_t)n), e);
}

/* --- export ------------------------------------------------------------ */

/* Keys in clear are for no terminal, and for no file that others can read. */
static int
may_take_plain(struct err *e)
{
	struct stat sb;

	if (isatty(1))
		return cmd_misuse(e, "keys in clear are not for a terminal: "
		    "name a file, or a pipe behind '-'");
	if (fstat(1, &sb) == 0 && S_ISREG(sb.st_mode) &&
	    (sb.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(e, ERR_DENIED, "standard output is a file that "
		    "is open to others; name the file instead of '-'");
	return 0;
}

static int
may_write(const char *path, struct err *e)
{
	if (str_eq(path, "-"))
		return admin.plain ? may_take_plain(e) : 0;
	if (file_exists(path))
		return err_set(e, ERR_EXISTS, "'%s' is there, and may hold "
		    "keys; name another file", path);
	return 0;
}

static int
export_text(const struct keyring *kr, struct buf *out, struct err *e)
{
	static const struct seal_scrypt scrypt = SEAL_SCRYPT;
	struct buf pass = BUF_INIT;
	int r = 0;

	if (admin.plain)
		keyring_print(kr, out);
	else if ((r = passphrase_get(&admin.pass, true, &pass, e)) == 0)
		r = keyring_seal(kr, &pass, &scrypt, out, e);
	buf_wipe(&pass);
	return r;
}

static size_t
own_keys(const struct keyring *kr)
{
	size_t i, n = 0;

	for (i = 0; i < kr->n; i++)
		n += kr->v[i]->source == KEYRING_STORE;
	return n;
}

static int
tell_export(struct admin_run *run, const struct keyring *kr,
    const char *path, struct err *e)
{
	size_t n = own_keys(kr);
	json_t *o;

	if (str_eq(path, "-")) {
		cmd_note("%zu key%s written, %s", n, n == 1 ? "" : "s",
		    admin.plain ? "in clear" : "sealed");
		return 0;
	}
	o = json_pack("{s:s, s:I, s:b, s:b, s:o}", "type", "key_export",
	    "keys", (json_int_t)n, "secret", kr->has_secret, "sealed",
	    !admin.plain, "file", out_text(path));
	return admin_print(run, o, e);
}

/* The log tells of it first: what it does not tell of is not written. */
static int
export(struct admin_run *run, struct store *st, const struct keyring *kr,
    const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	int r;

	if ((r = export_text(kr, &text, e)) == 0 && (r = audit_add(st,
	    "key_export", path, admin.plain ? "in clear" : "sealed", e)) == 0)
		r = str_eq(path, "-") ? file_write(1, text.p, text.len,
		    "standard output", e) :
		    file_replace(path, text.p, text.len, e);
	if (r == 0)
		r = tell_export(run, kr, path, e);
	buf_wipe(&text);
	return r;
}

static int
key_export(struct admin_run *run, struct store *st, const char *operand,
    struct err *e)
{
	const char *path = operand != NULL ? operand : "-";
	struct keyring *kr;
	int r;

	if (may_write(path, e) < 0 || keyring_open(&kr, st, e) < 0)
		return -1;
	if (own_keys(kr) == 0 && !kr->has_secret)
		r = err_set(e, ERR_ABSENT, "the store has no keys of its own "
		    "to export");
	else
		r = export(run, st, kr, path, e);
	keyring_free(kr);
	return r;
}

/* --- import ------------------------------------------------------------ */

/* *open_to_others: keys in clear are refused then. */
static int
read_input(const char *path, struct buf *out, bool *open_to_others,
    struct err *e)
{
	bool in = str_eq(path, "-");
	int fd = in ? 0 : open(path, O_RDONLY | O_CLOEXEC), r;
	struct stat sb;

	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	/* at once: growing would leave copies behind */
	buf_reserve(out, 2 * IMPORT_MAX);
	r = buf_read_fd(out, fd, in ? "standard input" : path, IMPORT_MAX, e);
	*open_to_others = fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) &&
	    (sb.st_mode & (S_IRWXG | S_IRWXO)) != 0;
	if (!in)
		close(fd);
	return r;
}

/* The lines of a ring, whether they were sealed or not. */
static int
open_input(const char *path, struct buf *lines, struct err *e)
{
	struct buf text = BUF_INIT, pass = BUF_INIT;
	const char *name = str_eq(path, "-") ? "standard input" : path;
	bool open_to_others = false;
	int r;

	if ((r = read_input(path, &text, &open_to_others, e)) < 0)
		;
	else if (keyring_is_sealed(text.p, text.len)) {
		if ((r = passphrase_get(&admin.pass, false, &pass, e)) == 0)
			r = keyring_unseal(text.p, text.len, name, &pass,
			    lines, e);
	} else if (open_to_others)
		r = err_set(e, ERR_DENIED, "'%s' may hold keys in clear and "
		    "is open to other users; chmod go= it", name);
	else {
		buf_reserve(lines, text.len);
		buf_add(lines, text.p, text.len);
	}
	buf_wipe(&pass);
	buf_wipe(&text);
	return r;
}

static int
tell_import(struct admin_run *run, const struct keyring_merged *m,
    struct err *e)
{
	static const char *const secret[] = { "none", "added", "same",
	    "kept" };
	json_t *o = json_pack("{s:s, s:I, s:I, s:s}", "type", "key_import",
	    "added", (json_int_t)m->added, "same", (json_int_t)m->same,
	    "secret", secret[m->secret]);

	if (admin.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	if (admin_print(run, o, e) < 0)
		return -1;
	if (m->secret != KEYRING_SECRET_KEPT)
		return EXIT_YES;
	cmd_warn("this store has a secret of its own and keeps it: what it "
	    "seals has other names than in the store of these keys");
	return EXIT_PART;
}

static int
key_import(struct admin_run *run, struct store *st, const char *operand,
    struct err *e)
{
	struct keyring *from = xcalloc(1, sizeof *from);
	struct keyring_merged m;
	struct buf lines = BUF_INIT;
	int r;

	if ((r = open_input(operand, &lines, e)) == 0 &&
	    (r = keyring_parse(from, lines.p, lines.len,
	    str_eq(operand, "-") ? "standard input" : operand, e)) == 0) {
		if (from->n == 0 && !from->has_secret)
			r = err_set(e, ERR_INPUT, "'%s' holds no key",
			    operand);
		else if ((r = keyring_merge(st, from, admin.dry_run, &m, e))
		    == 0)
			r = tell_import(run, &m, e);
	}
	buf_wipe(&lines);
	keyring_free(from);
	return r;
}

/*
 * Keys go into a store before the tenant that they open does: a pull makes it
 * (mem-sync(1)).
 */
static int
open_store(struct admin_run *run, bool write, bool folder, struct store **st,
    struct err *e)
{
	char id[27];
	struct err why;

	if (cmd_open(st, &run->asked, write, e) == 0)
		return 0;
	if (!folder || e->code != ERR_ABSENT ||
	    store_id(run->where.dir, id, &why) < 0)
		return -1;
	return store_open(st, &run->asked, STORE_FOLDER, e);
}

int
admin_key(struct admin_run *run, const char *what, struct err *e)
{
	static const struct {
		const char *what;
		int (*fn)(struct admin_run *, struct store *, const char *,
		    struct err *);
		int least, most;
		bool write;
		bool folder;	/* without the tenant, too */
		const char *takes;
	} known[] = {
		{ "new", key_new, 0, 1, true, false, "an id, or none" },
		{ "list", key_list, 0, 0, false, true, "no operand" },
		{ "retire", key_retire, 1, 1, true, false, "an id" },
		{ "rewrap", key_rewrap, 0, 0, true, false, "no operand" },
		{ "export", key_export, 0, 1, true, false, "a file, or '-'" },
		{ "import", key_import, 1, 1, true, true, "a file, or '-'" },
	};
	struct store *st = NULL;
	size_t i;
	int r;

	for (i = 0; strcmp(known[i].what, what) != 0; i++)
		;
	if (run->verb_argc < known[i].least || run->verb_argc > known[i].most)
		return cmd_misuse(e, "key %s takes %s", what,
		    known[i].takes);
	if (admin_whole(run, e) < 0 ||
	    open_store(run, known[i].write, known[i].folder, &st, e) < 0)
		return -1;
	r = known[i].fn(run, st, run->verb_argc > 0 ? run->verb_argv[0] :
	    NULL, e);
	store_close(st);
	return r;
}
