#include "cmd/cmd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "base/term.h"
#include "cmd/out.h"
#include "config.h"
#include "store/audit.h"
#include "store/audit_note.h"
#include "store/store.h"

#define PROGRESS_MS 100		/* between two lines of progress */

struct cmd_common cmd;

static const struct opt_tool *tool;
static bool progress_shown;

static const char *const formats[] = { "jsonl", "text", NULL };

const struct opt cmd_where[] = {
	OPT_GROUP("Where and for whom"),
	OPT_STR(0, "store", &cmd.store, "dir",
	    "the store (default: $MEM_STORE, else ~/.local/share/memkit)",
	    OPT_C_DIR),
	OPT_STR(0, "tenant", &cmd.tenant, "name",
	    "the tenant (default: $MEM_TENANT, else 'default')",
	    OPT_C_TENANT),
	OPT_STR(0, "user", &cmd.user, "name",
	    "whose memory (default: $MEM_USER, else the login name)",
	    OPT_C_USER),
	OPT_END
};

const struct opt cmd_forms[] = {
	OPT_FLAG(0, "json", &cmd.json, "the same as --format jsonl"),
	OPT_FLAG(0, "text", &cmd.text, "the same as --format text"),
	OPT_FLAG('0', NULL, &cmd.zero, "end lines with NUL, not newline"),
	OPT_END
};

const struct opt cmd_output[] = {
	OPT_GROUP("Output"),
	OPT_WORD(0, "format", &cmd.format, formats, NULL,
	    "JSON Lines or text (default: text on a terminal)"),
	OPT_FORMS,
	OPT_END
};

const struct opt cmd_common[] = {
	OPT_GROUP("In general"),
	OPT_FLAG('q', "quiet", &cmd.quiet, "no notes and no progress"),
	OPT_COUNT('v', "verbose", &cmd.verbose,
	    "more notes; on a terminal, texts whole"),
	OPT_HELP('h', "help", "print this help"),
	OPT_VERSION(0, "version", "print the version"),
	OPT_END
};

/*
 * A closed descriptor 0, 1 or 2 would be given to the next file that is
 * opened, and messages would land in the store.  Fill them so that using
 * them fails: standard input opens for writing, the others for reading.
 */
static void
fill_streams(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(EXIT_FAILED);
}

static void
say(const char *fmt, va_list ap)
{
	struct err ignored;	/* there is nobody left to tell */
	struct buf b = BUF_INIT;
	char text[1024];
	int n;

	cmd_progress_end();
	n = vsnprintf(text, sizeof text, fmt, ap);
	if (n < 0)
		return;
	buf_addf(&b, "%s: ", tool->name);
	term_puts(&b, text, (size_t)n < sizeof text ? (size_t)n :
	    sizeof text - 1, false);
	buf_addc(&b, '\n');
	file_write(2, b.p, b.len, "standard error", &ignored);
	buf_release(&b);
}

void
cmd_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void
cmd_note(const char *fmt, ...)
{
	va_list ap;

	if (cmd.quiet)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

/* What a program says that we run. */
static void
said(const char *name, const char *line)
{
	cmd_note("%s: %s", name, line);
}

void
cmd_progress(const char *fmt, ...)
{
	static struct timespec last;
	static int tty = -1;
	struct err ignored;
	struct timespec now;
	struct buf b = BUF_INIT;
	char text[200];
	va_list ap;
	long ms;
	int n;

	if (tty < 0)
		tty = isatty(2);
	if (cmd.quiet || !tty)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (long)(now.tv_sec - last.tv_sec) * 1000 +
	    (now.tv_nsec - last.tv_nsec) / 1000000;
	if (progress_shown && ms < PROGRESS_MS)
		return;
	last = now;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	buf_addf(&b, "\r\033[K%s: ", tool->name);
	term_puts(&b, text, strlen(text), false);
	file_write(2, b.p, b.len, "standard error", &ignored);
	buf_release(&b);
	progress_shown = true;
}

void
cmd_progress_end(void)
{
	struct err ignored;

	if (progress_shown)
		file_write(2, "\r\033[K", 4, "standard error", &ignored);
	progress_shown = false;
}

void
cmd_asked(struct store_where *where)
{
	*where = (struct store_where){ .dir = cmd.store,
	    .tenant = cmd.tenant, .user = cmd.user };
}

int
cmd_open(struct store **out, const struct store_where *where, bool write,
    struct err *e)
{
	if (store_open(out, where, STORE_READ, e) < 0)
		return -1;
	if (!write)
		return 0;
	/* only now, so that a name mistyped does not make a store */
	store_close(*out);
	*out = NULL;
	return store_open(out, where, STORE_WRITE, e);
}

int
cmd_misuse(struct err *e, const char *fmt, ...)
{
	char text[sizeof e->msg];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(e, ERR_USAGE, "%s; see %s -h", text, tool->name);
}

static int
status_of(enum err_code code)
{
	switch (code) {
	case ERR_USAGE:
		return EXIT_MISUSE;
	case ERR_BUSY:
	case ERR_NET:
		return EXIT_AGAIN;
	default:
		return EXIT_FAILED;
	}
}

int
cmd_exit(int r, const struct err *e)
{
	struct err closing;
	int status = r;

	cmd_progress_end();
	if (r < 0) {
		cmd_warn("%s", e->msg);
		status = status_of(e->code);
	}
	/* of what left otherwise, as into a file */
	if (audit_flush(&closing) < 0) {
		if (r >= 0)
			cmd_warn("%s", closing.msg);
		r = -1;
		if (status < EXIT_FAILED)
			status = status_of(closing.code);
	}
	if (out_close(&closing) < 0) {
		if (r >= 0)
			cmd_warn("%s", closing.msg);
		if (status < EXIT_FAILED)
			status = EXIT_FAILED;
	}
	return status;
}

/* Write an answer that needs no store, and end. */
static void
answer(struct buf *b)
{
	struct err e;
	int r;

	r = out_raw(b->p, b->len, &e);
	buf_release(b);
	exit(cmd_exit(r, &e));
}

/* Those lines of names that begin as the word does, the word's lead
 * ("--user=") in front. */
static void
add_names(struct buf *b, const struct buf *names, const char *word,
    size_t lead)
{
	const char *p = names->p;
	size_t n, len = strlen(word + lead);

	for (; *p != '\0'; p += n, p += *p != '\0') {
		n = strcspn(p, "\n");
		if (n < len || memcmp(p, word + lead, len) != 0)
			continue;
		buf_add(b, word, lead);
		buf_add(b, p, n);
		buf_addc(b, '\n');
	}
}

/* A line without a word tells the shell to complete by itself. */
static void
complete(int n, char **words, void (*more)(enum opt_comp, struct buf *))
{
	struct buf b = BUF_INIT, names = BUF_INIT;
	enum opt_comp comp;
	size_t lead;

	lead = opt_complete(tool, n, words, &b, &comp);
	if (comp == OPT_C_FILE)
		buf_adds(&b, "\tfile\n");
	else if (comp == OPT_C_DIR)
		buf_adds(&b, "\tdir\n");
	else if (comp != OPT_C_NONE && more != NULL)
		more(comp, &names);
	add_names(&b, &names, n > 0 ? words[n - 1] : "", lead);
	buf_release(&names);
	answer(&b);
}

/* Times are told in the zone of the store, if there is one already. */
static int
set_zone(struct err *e)
{
	struct store_where where;

	cmd_asked(&where);
	return store_zone(&where, e);
}

const struct opt_verb *
cmd_start(const struct opt_tool *t, int *argc, char ***argv,
    void (*more)(enum opt_comp, struct buf *))
{
	const struct opt_verb *verb;
	struct buf b = BUF_INIT;
	struct err e;
	int64_t now;
	int ask;

	tool = t;
	audit_tool = t->name;
	out_may = audit_flush;
	fill_streams();
	json_setup();
	child_said = said;
	opt_zone = set_zone;
	if (opt_parse(t, argc, *argv, &verb, &ask, &e) < 0 ||
	    (ask == 0 && date_clock(&now, &e) < 0)) {
		cmd_warn("%s", e.msg);
		exit(status_of(e.code));
	}
	if (ask == 'c')
		complete(*argc, *argv, more);
	if (ask == 'h')
		opt_help(t, verb, &b);
	if (ask == 'v')
		buf_addf(&b, "%s (memkit) %s\n", t->name, VERSION);
	if (ask != 0)
		answer(&b);
	return verb;
}
