/*
 * The key ring: its forms, who may read it, what changes it, what is kept
 * elsewhere, and the way to another store.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/hash.h"
#include "store/keyring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define A43 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"	/* 0 to 31 */
#define B43 "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"	/* 32 to 63 */
#define Z43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static struct err e;

static struct keyring *
empty(void)
{
	return calloc(1, sizeof(struct keyring));
}

static int
parse(const char *text, struct keyring **out)
{
	*out = empty();
	return keyring_parse(*out, text, strlen(text), "it", &e);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	if (file_replace(path, text, strlen(text), &e) < 0 ||
	    chmod(path, mode) < 0)
		printf("# %s\n", e.msg);
}

/* "id state, ..." of a store, or the error. */
static const char *
ring_of(const struct store *st)
{
	static struct buf b = BUF_INIT;
	struct keyring *kr;
	size_t i;

	buf_reset(&b);
	if (keyring_open(&kr, st, &e) < 0) {
		buf_adds(&b, e.msg);
		return b.p;
	}
	for (i = 0; i < kr->n; i++)
		buf_addf(&b, "%s%s%s", i > 0 ? " " : "", kr->v[i]->key.id,
		    kr->v[i] == kr->active ? "*" : "");
	keyring_free(kr);
	return b.p;
}

/* A store that reads its configuration anew. */
static struct store *
again(struct store *st)
{
	store_close(st);
	return temp_open("st", "u", STORE_WRITE);
}

/* --- forms ------------------------------------------------------------- */

static void
forms(void)
{
	static const char text[] = "memkit-keys 1\nsecret " B43 "\n"
	    "key a 7 retired " A43 "\nkey b 8 active " B43 "\nend\n";
	const struct seal_key *k;
	struct buf b = BUF_INIT;
	struct keyring *kr;

	is_int(parse(text, &kr), 0, "a ring");
	is_int(kr->n, 2, "two keys");
	ok(kr->has_secret && kr->secret[31] == 63, "a secret");
	is_int(kr->v[0]->created_ms, 7, "when it was made");
	is_int(kr->v[0]->key.key[31], 31, "its bytes");
	is_int(keyring_find(kr, "b", &k, &e), 0, "one by its id");
	is_str(k->id, "b", "is found");
	is_int(keyring_find(kr, "c", &k, &e), -1, "another one");
	is_int(e.code, ERR_ABSENT, "is not");
	ok(strstr(e.msg, "'c'") != NULL, "which the message names");
	keyring_print(kr, &b);
	is_str(b.p, text, "it is printed as it was read");
	keyring_free(kr);
	is_int(parse("# ours\n\n a:" A43 " \r\nb:" B43 "=\n", &kr), 0,
	    "lines of keys");
	ok(kr->n == 2 && kr->v[0]->active && !kr->v[1]->active &&
	    kr->v[1]->key.key[0] == 32, "the first is active");
	keyring_free(kr);
	buf_release(&b);
	keyring_free(NULL);
}

static void
broken(void)
{
	static const struct {
		const char *text, *line;
	} t[] = {
		{ "memkit-keys 1\nkey a 7 active " A43 "\n", "cut off" },
		{ "memkit-keys 1\n", "cut off" },
		{ "memkit-keys 1\nkey a 7 active AAEC\nend\n", "line 2" },
		{ "memkit-keys 1\nkey a 7 active " A43 "A\nend\n", "line 2" },
		{ "memkit-keys 1\nkey a x active " A43 "\nend\n", "line 2" },
		{ "memkit-keys 1\nkey a -1 active " A43 "\nend\n", "line 2" },
		{ "memkit-keys 1\nkey a 7 old " A43 "\nend\n", "line 2" },
		{ "memkit-keys 1\nkey a/b 7 active " A43 "\nend\n",
		    "line 2" },
		{ "memkit-keys 1\nkey " A43 "\nend\n", "line 2" },
		{ "memkit-keys 1\nkey a 7 active " A43 " x\nend\n",
		    "line 2" },
		{ "memkit-keys 1\nkey a 7 active " A43 "\n"
		    "key a 7 retired " A43 "\nend\n", "line 3" },
		{ "memkit-keys 1\nkey a 7 active " A43 "\n"
		    "key a 7 retired " B43 "\nend\n", "line 3" },
		{ "memkit-keys 1\nkey a 7 active " A43 "\n"
		    "key b 7 active " B43 "\nend\n", "line 3" },
		{ "memkit-keys 1\nsecret " A43 "\nsecret " A43 "\nend\n",
		    "line 3" },
		{ "memkit-keys 1\nsecret " A43 " x\nend\n", "line 2" },
		{ "memkit-keys 1\n\nend\n", "line 2" },
		{ "memkit-keys 1\n" A43 "\nend\n", "line 2" },
		{ "memkit-keys 1\nend\nend\n", "line 3" },
		{ "memkit-keys 1\nend x\n", "line 2" },
		{ A43 "\n", "line 1" },
		{ "a " A43 "\n", "line 1" },
		{ "a:" A43 "==\n", "line 1" },
		{ "a:\n", "line 1" },
		{ ":" A43 "\n", "line 1" },
		{ A43 A43 ":" A43 "\n", "line 1" },
		{ "a:" A43 "\n\na:" B43 "\n", "line 3" },
	};
	char longer[600];
	struct keyring *kr;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		is_int(parse(t[i].text, &kr), -1, "broken form %zu", i);
		ok(strstr(e.msg, t[i].line) != NULL, "%s", e.msg);
		ok(strstr(e.msg, "AAEC") == NULL &&
		    strstr(e.msg, "ICEi") == NULL, "without a key");
		keyring_free(kr);
	}
	is_int(parse("memkit-keys 2\nend\n", &kr), -1, "a newer one");
	is_int(e.code, ERR_VERSION, "is refused as such");
	keyring_free(kr);
	kr = empty();
	is_int(keyring_parse(kr, "a:\0" A43 "\n", 47, "it", &e), -1, "a NUL");
	keyring_free(kr);
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	is_int(parse(longer, &kr), -1, "a long line");
	keyring_free(kr);
}

/* --- a store's --------------------------------------------------------- */

static struct store *
changes(struct store *st)
{
	char id[SEAL_ID_MAX + 1] = "k1", made[SEAL_ID_MAX + 1] = "";
	const struct seal_key *k;
	uint8_t a[SEAL_KEY], b[SEAL_KEY], c[SEAL_KEY];
	struct keyring *kr;
	struct stat sb;

	is_str(ring_of(st), "", "no ring is an empty one");
	ok(!file_exists("st/keys"), "and nothing was made");
	is_int(keyring_open(&kr, st, &e), 0, "it is opened");
	is_int(keyring_active(kr, &k, &e), -1, "no key is active");
	is_int(e.code, ERR_ABSENT, "there is none");
	ok(strstr(e.msg, "mem-admin key new") != NULL, "and a remedy");
	is_int(keyring_find_secret(kr, "x", a), 0, "nor is there a secret");
	keyring_free(kr);
	is_int(keyring_new(st, id, &e), 0, "a key");
	is_str(ring_of(st), "k1*", "which is active");
	ok(stat("st/keys", &sb) == 0 && (sb.st_mode & 0777) == 0700,
	    "in a folder of 0700");
	ok(stat("st/keys/ring", &sb) == 0 && (sb.st_mode & 0777) == 0600,
	    "and a file of 0600");
	is_int(keyring_new(st, id, &e), -1, "the same id");
	is_int(e.code, ERR_EXISTS, "is refused");
	is_int(keyring_new(st, made, &e), 0, "without one");
	is_int(strlen(made), 26, "a ULID is taken");
	is_int(keyring_retire(st, made, &e), 1, "it is retired");
	is_int(keyring_retire(st, made, &e), 0, "which it is now");
	is_int(keyring_retire(st, "none", &e), -1, "what is not there");
	is_int(e.code, ERR_ABSENT, "cannot be");
	ok(strstr(ring_of(st), "*") == NULL, "no key is active then");
	is_int(keyring_open(&kr, st, &e), 0, "the ring again");
	is_int(keyring_find(kr, made, &k, &e), 0, "a retired key opens");
	is_int(keyring_find_secret(kr, "x", a), 1, "a secret came with it");
	is_int(keyring_secret(st, "x", b, &e), 0, "asked for in another way");
	ok(memcmp(a, b, SEAL_KEY) == 0, "it is the same");
	is_int(keyring_secret(st, "y", c, &e), 0, "for another purpose");
	ok(memcmp(a, c, SEAL_KEY) != 0, "it is another");
	ok(memcmp(a, kr->secret, SEAL_KEY) != 0, "and not the secret itself");
	keyring_free(kr);
	strcpy(id, "no good");
	is_int(keyring_new(st, id, &e), -1, "a bad id");
	is_int(temp_count(st, "SELECT count(*) FROM audit "
	    "WHERE action IN ('key_new', 'key_retire')"), 3, "rows of the log");
	return st;
}

static void
closed_to_others(struct store *st)
{
	char id[SEAL_ID_MAX + 1] = "x";

	chmod("st/keys/ring", 0640);
	ok(strstr(ring_of(st), "chmod go=") != NULL, "%s", ring_of(st));
	is_int(e.code, ERR_DENIED, "is refused");
	is_int(keyring_new(st, id, &e), -1, "nor is it changed");
	chmod("st/keys/ring", 0600);
	chmod("st/keys", 0750);
	ok(strstr(ring_of(st), "chmod go=") != NULL, "a folder, too");
	is_int(keyring_new(st, id, &e), -1, "in which nothing is changed");
	chmod("st/keys", 0700);
	ok(rename("st/keys/ring", "st/keys/other") == 0 &&
	    symlink("other", "st/keys/ring") == 0, "a link");
	ring_of(st);
	is_int(e.code, ERR_DENIED, "is not followed");
	is_int(keyring_new(st, id, &e), -1, "nor replaced");
	ok(rename("st/keys/other", "st/keys/ring") == 0, "the file again");
	ok(strstr(ring_of(st), "k1") != NULL, "is read");
	write_file("st/keys/ring", "memkit-keys 1\nrubbish\n", 0600);
	ring_of(st);
	is_int(e.code, ERR_CORRUPT, "our own file that is damaged");
	write_file("st/keys/ring", "", 0600);
	ring_of(st);
	is_int(e.code, ERR_CORRUPT, "one that is empty was cut off");
	write_file("st/keys/ring", "a:" A43 "\n", 0600);
	ring_of(st);
	is_int(e.code, ERR_CORRUPT, "lines of keys are no ring");
	unlink("st/keys/ring");
}

#define WRITERS 8

/* Each in a process of its own makes a key, and asks for the secret. */
static void
together(void)
{
	uint8_t secret[WRITERS][SEAL_KEY];
	char id[SEAL_ID_MAX + 1];
	struct keyring *kr;
	struct store *st;
	int i, fd[2], status, bad = 0;
	size_t n;

	if (pipe(fd) < 0)
		return;
	fflush(stdout);
	for (i = 0; i < WRITERS; i++) {
		if (fork() > 0)
			continue;
		st = temp_open("st", "u", STORE_WRITE);
		snprintf(id, sizeof id, "w%d", i);
		if (keyring_secret(st, "x", secret[0], &e) < 0 ||
		    keyring_new(st, id, &e) < 0 ||
		    write(fd[1], secret[0], SEAL_KEY) != SEAL_KEY)
			_exit(1);
		_exit(0);
	}
	for (i = 0; i < WRITERS; i++)
		bad += wait(&status) < 0 || status != 0;
	is_int(bad, 0, "%d processes make a key at once", WRITERS);
	for (i = 0; i < WRITERS; i++) {
		if (read(fd[0], secret[i], SEAL_KEY) != SEAL_KEY)
			bad++;
		bad += memcmp(secret[i], secret[0], SEAL_KEY) != 0;
	}
	is_int(bad, 0, "all have the same secret");
	st = temp_open("st", "u", STORE_READ);
	is_int(keyring_open(&kr, st, &e), 0, "the ring is whole");
	is_int(kr->n, WRITERS, "and has all keys");
	for (n = 0, bad = 0; n < kr->n; n++)
		bad += kr->v[n]->active;
	is_int(bad, 1, "one of them is active");
	keyring_free(kr);
	store_close(st);
}

/* --- elsewhere --------------------------------------------------------- */

static void
set(struct store **st, const char *key, const char *value)
{
	if (conf_edit("st/config", key, value, &e) < 0)
		printf("# %s\n", e.msg);
	*st = again(*st);
}

static struct store *
elsewhere(struct store *st)
{
	char id[SEAL_ID_MAX + 1] = "k1", path[100];

	unlink("st/keys/ring");
	keyring_new(st, id, &e);
	snprintf(path, sizeof path, "%s/elsewhere", temp_top);
	write_file(path, "f1:" A43 "\nf2:" B43 "\n", 0600);
	set(&st, "core.keyFile", path);
	is_str(ring_of(st), "k1 f1* f2", "keys of a file");
	strcpy(id, "k2");
	is_int(keyring_new(st, id, &e), -1, "then none is made");
	is_int(e.code, ERR_USAGE, "here");
	ok(strstr(e.msg, "core.keyFile") != NULL, "but there");
	is_int(keyring_retire(st, "k1", &e), -1, "nor retired");
	set(&st, "core.activeKey", "f2");
	is_str(ring_of(st), "k1 f1 f2*", "another one is active");
	set(&st, "core.activeKey", "k1");
	is_str(ring_of(st), "k1* f1 f2", "also one of the ring");
	set(&st, "core.activeKey", "none");
	is_str(ring_of(st), "core.activeKey names 'none', and there is no "
	    "such key", "or none");
	set(&st, "core.activeKey", NULL);
	chmod(path, 0644);
	ring_of(st);
	is_int(e.code, ERR_DENIED, "a file that others can read");
	ok(strstr(e.msg, "core.keyFile") != NULL, "is named by the setting");
	write_file(path, "k1:" A43 "\n", 0600);
	ring_of(st);
	is_int(e.code, ERR_EXISTS, "another key of the same id");
	ok(strstr(e.msg, "'k1'") != NULL && strstr(e.msg, "AAEC") == NULL,
	    "is told by that alone");
	write_file(path, "# none\n", 0600);
	is_str(ring_of(st), "core.keyFile gives no key", "an empty file");
	unlink(path);
	ring_of(st);
	is_int(e.code, ERR_ABSENT, "no file");
	set(&st, "core.keyFile", NULL);
	set(&st, "core.keyCommand", "echo c1:" A43);
	is_str(ring_of(st), "k1 c1*", "keys of a command");
	set(&st, "core.keyCommand", "echo c1:" A43 "; exit 1");
	ok(strstr(ring_of(st), "core.keyCommand") != NULL, "%s", ring_of(st));
	ok(strstr(e.msg, "AAEC") == NULL, "a command that fails");
	set(&st, "core.keyCommand", "echo oops " A43);
	ok(strstr(ring_of(st), "AAEC") == NULL, "%s", ring_of(st));
	set(&st, "core.keyCommand", "echo c1:" A43);
	chmod("st/config", 0666);
	ring_of(st);
	is_int(e.code, ERR_DENIED, "a configuration that others can write");
	chmod("st/config", 0600);
	set(&st, "core.keyCommand", NULL);
	return st;
}

/* --- to another store -------------------------------------------------- */

static void
merging(struct store *st)
{
	struct store *other = temp_open("st2", "u", STORE_MAKE);
	struct keyring_merged m;
	struct keyring *kr, *far;

	is_int(keyring_open(&kr, st, &e), 0, "a ring");
	is_int(keyring_merge(other, kr, true, &m, &e), 0, "is tried");
	is_int(m.added, 1, "would add a key");
	is_str(ring_of(other), "", "and does not");
	is_int(keyring_merge(other, kr, false, &m, &e), 0, "is added");
	ok(m.added == 1 && m.same == 0 && m.secret == KEYRING_SECRET_ADDED,
	    "a key, and the secret");
	is_str(ring_of(other), "k1*", "active as it was");
	is_int(keyring_merge(other, kr, false, &m, &e), 0, "and again");
	ok(m.added == 0 && m.same == 1 && m.secret == KEYRING_SECRET_SAME,
	    "is the same");
	parse("memkit-keys 1\nsecret " A43 "\nkey k2 1 active " B43 "\nend\n",
	    &far);
	is_int(keyring_merge(other, far, false, &m, &e), 0, "a third ring");
	ok(m.added == 1 && m.secret == KEYRING_SECRET_KEPT,
	    "the secret of which is not taken");
	is_str(ring_of(other), "k1* k2", "nor is its active key active");
	keyring_free(far);
	parse("memkit-keys 1\nkey n 1 retired " A43 "\nkey k2 1 retired "
	    A43 "\nend\n", &far);
	is_int(keyring_merge(other, far, false, &m, &e), -1, "another key of "
	    "an id");
	is_int(e.code, ERR_EXISTS, "is refused");
	is_str(ring_of(other), "k1* k2", "with all of its ring");
	is_int(temp_count(other, "SELECT count(*) FROM audit "
	    "WHERE action = 'key_import'"), 2, "rows of the log");
	keyring_free(far);
	keyring_free(kr);
	store_close(other);
}

static void
sealing(void)
{
	static const char text[] = "memkit-keys 1\nsecret " B43 "\n"
	    "key a 7 active " A43 "\nend\n";
	static const struct seal_scrypt quick = { 1, 1, 1 };
	struct buf pass = BUF_INIT, out = BUF_INIT, back = BUF_INIT;
	struct keyring *kr;
	size_t i, bad = 0;
	char was;

	parse(text, &kr);
	buf_adds(&pass, "a passphrase");
	is_int(keyring_seal(kr, &pass, &quick, &out, &e), 0, "sealed");
	ok(keyring_is_sealed(out.p, out.len) &&
	    !keyring_is_sealed(text, strlen(text)), "it is told from others");
	ok(strstr(out.p, "AAEC") == NULL && strstr(out.p, "ICEi") == NULL &&
	    strstr(out.p, "key a") == NULL, "nothing of it can be read");
	is_int(keyring_unseal(out.p, out.len, "it", &pass, &back, &e), 0,
	    "opened");
	is_str(back.p, text, "it is what it was");
	buf_reset(&back);
	for (i = 0; i < out.len; i++)
		bad += keyring_unseal(out.p, i, "it", &pass, &back, &e) == 0;
	is_int(bad, 1, "cut off anywhere, but for the last newline");
	buf_reset(&back);
	for (i = 0, bad = 0; i + 1 < out.len; i++) {
		was = out.p[i];
		/* of a digit more of scrypt there would be minutes */
		out.p[i] = was == '\n' ? ' ' : was == 'x' ? 'y' : 'x';
		bad += keyring_unseal(out.p, out.len, "it", &pass, &back, &e)
		    == 0;
		out.p[i] = was;
	}
	is_int(bad, 0, "or altered");
	buf_adds(&pass, "!");
	is_int(keyring_unseal(out.p, out.len, "it", &pass, &back, &e), -1,
	    "another passphrase");
	is_int(e.code, ERR_DENIED, "is denied");
	is_int(back.len, 0, "and nothing came out");
	i = (size_t)(strchr(out.p, '\n') - out.p);
	out.p[i - 1] = '2';
	is_int(keyring_unseal(out.p, out.len, "it", &pass, &back, &e), -1,
	    "a newer form");
	is_int(e.code, ERR_VERSION, "is told");
	buf_reset(&out);
	buf_adds(&out, "memkit-keys-sealed 1\nscrypt 25 8 1\nsalt " Z43
	    "\nsize 0\n" "AAAAAAAAAAAAAAAAAAAAAA\n");
	is_int(keyring_unseal(out.p, out.len, "it", &pass, &back, &e), -1,
	    "a passphrase that would take 32 GiB");
	is_int(e.code, ERR_INPUT, "is not tried");
	keyring_free(kr);
	buf_release(&pass);
	buf_release(&out);
	buf_release(&back);
}

int
main(void)
{
	struct store *st;

	temp_begin();
	forms();
	broken();
	st = changes(temp_open("st", "u", STORE_MAKE));
	closed_to_others(st);
	store_close(st);
	together();
	st = elsewhere(temp_open("st", "u", STORE_WRITE));
	merging(st);
	store_close(st);
	sealing();
	return temp_end() | done();
}
