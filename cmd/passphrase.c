#include "cmd/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/hash.h"

#define WAIT_MS 60000
#define ROOM (PASSPHRASE_MOST + 2)	/* and an end of line */
#define CTRL_C 3

/* --- the terminal ------------------------------------------------------ */

/* What was typed up to the end of a line; 0, or -1 with errno. */
static int
read_line(int tty, struct buf *out)
{
	ssize_t n;

	for (;;) {
		n = read(tty, out->p + out->len, ROOM - out->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -1 : 0;
		out->len += (size_t)n;
		out->p[out->len] = '\0';
		if (memchr(out->p, '\n', out->len) != NULL ||
		    out->len == ROOM || out->p[out->len - 1] == CTRL_C)
			return 0;
	}
}

/*
 * Echo is off meanwhile.  Ctrl-C then ends the line rather than the process,
 * and signals from elsewhere wait, so that the terminal is as it was before
 * either takes effect.
 */
static int
ask(int tty, const char *prompt, struct buf *out, struct err *e)
{
	struct termios old, quiet;
	sigset_t block, mask;
	int r;

	if (tcgetattr(tty, &old) < 0)
		return err_sys(e, "cannot ask for the passphrase");
	quiet = old;
	quiet.c_lflag &= (tcflag_t)~(ECHO | ISIG);
	quiet.c_cc[VEOL] = CTRL_C;
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigaddset(&block, SIGTSTP);
	sigprocmask(SIG_BLOCK, &block, &mask);
	buf_reserve(out, ROOM + 1);	/* growing would leave copies */
	r = tcsetattr(tty, TCSAFLUSH, &quiet) < 0 ||
	    file_write(tty, prompt, strlen(prompt), "terminal", e) < 0 ||
	    read_line(tty, out) < 0 ?
	    err_sys(e, "cannot ask for the passphrase") : 0;
	if (r == 0)
		r = file_write(tty, "\n", 1, "terminal", e);
	tcsetattr(tty, TCSAFLUSH, &old);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (r == 0 && memchr(out->p, CTRL_C, out->len) != NULL)
		r = err_set(e, ERR_BUSY, "no passphrase was given");
	return r;
}

static int
ask_twice(int tty, struct buf *out, struct err *e)
{
	struct buf again = BUF_INIT;
	int r = ask(tty, "passphrase again: ", &again, e);

	if (r == 0 && (again.len != out->len ||
	    !hash_same(again.p, out->p, out->len)))
		r = err_set(e, ERR_INPUT, "the two passphrases differ");
	buf_wipe(&again);
	return r;
}

static int
from_terminal(bool made_now, struct buf *out, struct err *e)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), r;

	if (tty < 0)
		return err_set(e, ERR_USAGE, "there is no terminal to ask for "
		    "the passphrase: give --pass-file or --pass-command");
	r = ask(tty, "passphrase: ", out, e);
	if (r == 0 && made_now)
		r = ask_twice(tty, out, e);
	close(tty);
	return r;
}

/* --- all --------------------------------------------------------------- */

static int
from_command(const char *command, struct buf *out, struct err *e)
{
	buf_reserve(out, ROOM + 1);
	return child_print_sh("--pass-command", command, WAIT_MS, ROOM, out,
	    e);
}

static int
check(struct buf *out, bool made_now, struct err *e)
{
	char *eol = memchr(out->p, '\n', out->len);

	if (eol != NULL && eol != out->p + out->len - 1)
		return err_set(e, ERR_INPUT, "the passphrase is more than one "
		    "line");
	if (eol != NULL)
		buf_cut(out, out->len - 1);
	if (out->len > PASSPHRASE_MOST)
		return err_set(e, ERR_INPUT, "the passphrase is longer than "
		    "%d bytes", PASSPHRASE_MOST);
	if (out->len == 0 || (made_now && out->len < PASSPHRASE_LEAST))
		return err_set(e, ERR_INPUT, out->len == 0 ? "the passphrase "
		    "is empty" : "the passphrase has fewer than %d bytes",
		    PASSPHRASE_LEAST);
	return 0;
}

int
passphrase_get(const struct passphrase_how *how, bool made_now,
    struct buf *out, struct err *e)
{
	int r;

	if (how->file != NULL && how->command != NULL)
		return err_set(e, ERR_USAGE, "--pass-file and --pass-command "
		    "do not go together");
	if (how->file != NULL)
		r = file_read_private(out, how->file, ROOM, e);
	else if (how->command != NULL)
		r = from_command(how->command, out, e);
	else
		r = from_terminal(made_now, out, e);
	return r < 0 ? -1 : check(out, made_now, e);
}
