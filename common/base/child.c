#include "base/child.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAID 400		/* longest line of standard error kept */
#define LINES 100		/* that are handed on */
#define LEAVE_MS 200		/* to leave by itself */
#define TERM_MS 300		/* and after SIGTERM */
#define LOOK_MS 100		/* how often child_stop is looked at */
#define READ ((size_t)64 << 10)

extern char **environ;

void (*child_said)(const char *, const char *);
const volatile sig_atomic_t *child_stop;

struct child {
	char *name;		/* own */
	pid_t pid;		/* 0: reaped */
	int in, out, said;	/* own; -1: closed */
	int status;		/* once it is reaped */
	struct buf reply;	/* what came of its output */
	size_t used;		/* of it, handed out */
	char line[SAID + 1];	/* of its standard error, in the making */
	size_t n;
	char last[SAID + 1];	/* the last whole one */
	int lines;		/* that were handed on */
	bool quiet;		/* none is */
	bool secret;		/* none, and the error has none either */
	bool bad;
};

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- starting ---------------------------------------------------------- */

struct ends {
	int of[3][2];		/* pipes: input, output, error */
};

static void
ends_close(struct ends *p)
{
	int i;

	for (i = 0; i < 3; i++) {
		shut(&p->of[i][0]);
		shut(&p->of[i][1]);
	}
}

/* None of them is inherited but by dup2 in the child. */
static int
ends_make(struct ends *p, struct err *e)
{
	int i, k;

	memset(p, -1, sizeof *p);
	for (i = 0; i < 3; i++) {
		if (pipe(p->of[i]) < 0) {
			err_sys(e, "cannot make a pipe");
			ends_close(p);
			return -1;
		}
		for (k = 0; k < 2; k++)
			fcntl(p->of[i][k], F_SETFD, FD_CLOEXEC);
	}
	return 0;
}

/* With the signals as a program expects them: what we ignore or block is our
 * own affair. */
static int
spawn(pid_t *pid, const struct ends *p, char *const *argv, int keep)
{
	posix_spawn_file_actions_t act;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	int r;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	sigaddset(&usual, SIGINT);
	sigaddset(&usual, SIGTERM);
	if ((r = posix_spawnattr_init(&attr)) != 0)
		return r;
	if ((r = posix_spawn_file_actions_init(&act)) != 0) {
		posix_spawnattr_destroy(&attr);
		return r;
	}
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigdefault(&attr, &usual);
	posix_spawnattr_setsigmask(&attr, &none);
	r = posix_spawn_file_actions_adddup2(&act, p->of[0][0], 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&act, p->of[1][1], 1);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&act, p->of[2][1], 2);
	/* onto itself it would go with the others */
	if (r == 0 && keep >= 0)
		r = posix_spawn_file_actions_adddup2(&act, keep,
		    keep != CHILD_KEPT ? CHILD_KEPT : CHILD_KEPT + 1);
	if (r == 0)
		r = posix_spawnp(pid, argv[0], &act, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&act);
	posix_spawnattr_destroy(&attr);
	return r;
}

int
child_start(struct child **out, const char *name, char *const *argv,
    struct err *e)
{
	return child_start_with(out, name, argv, -1, e);
}

int
child_start_with(struct child **out, const char *name, char *const *argv,
    int keep, struct err *e)
{
	struct child *c;
	struct ends p;
	pid_t pid;
	int r;

	if (ends_make(&p, e) < 0)
		return -1;
	if ((r = spawn(&pid, &p, argv, keep)) != 0) {
		ends_close(&p);
		errno = r;
		return err_sys(e, "cannot run '%s'", argv[0]);
	}
	c = xcalloc(1, sizeof *c);
	c->name = xstrdup(name);
	c->pid = pid;
	c->in = p.of[0][1];
	c->out = p.of[1][0];
	c->said = p.of[2][0];
	p.of[0][1] = p.of[1][0] = p.of[2][0] = -1;
	ends_close(&p);
	fcntl(c->in, F_SETFL, O_NONBLOCK);
	fcntl(c->out, F_SETFL, O_NONBLOCK);
	fcntl(c->said, F_SETFL, O_NONBLOCK);
	buf_init(&c->reply);
	*out = c;
	return 0;
}

/* --- what it says ------------------------------------------------------ */

static void
say(struct child *c)
{
	c->line[c->n] = '\0';
	if (c->n > 0) {
		memcpy(c->last, c->line, c->n + 1);
		if (child_said != NULL && !c->quiet && c->lines < LINES)
			child_said(c->name, c->line);
		if (child_said != NULL && !c->quiet && c->lines++ == LINES)
			child_said(c->name, "... (it says more than is told "
			    "here)");
		if (c->lines > LINES)
			c->lines = LINES + 1;
	}
	c->n = 0;
}

/* Lines that are too long are cut; an end of the file ends a line. */
static void
hear(struct child *c)
{
	char b[4096];
	ssize_t n, i;

	while (c->said >= 0) {
		n = read(c->said, b, sizeof b);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		for (i = 0; i < n; i++) {
			if (b[i] == '\n' || b[i] == '\0')
				say(c);
			else if (c->n < SAID)
				c->line[c->n++] = b[i];
		}
		if (n <= 0) {
			say(c);
			shut(&c->said);
		}
		/* one that never stops must not keep us here */
		if (n < (ssize_t)sizeof b)
			return;
		break;
	}
}

/* --- its end ----------------------------------------------------------- */

/* Who it left behind is in its group, which keeps its number until it is
 * reaped itself: order matters. */
static void
collect(struct child *c)
{
	kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
}

/* Has it ended?  Waits so long. */
static bool
reap(struct child *c, int wait_ms)
{
	struct timespec t = { 0, 2000000 };
	int64_t until = date_monotonic() + wait_ms;
	siginfo_t info;

	while (c->pid > 0) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)c->pid, &info,
		    WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid != 0) {
			collect(c);
			break;
		}
		if (date_monotonic() >= until)
			return false;
		hear(c);
		nanosleep(&t, NULL);
	}
	return true;
}

static void
end(struct child *c, bool gently)
{
	shut(&c->in);
	shut(&c->out);
	if (gently && !reap(c, LEAVE_MS)) {
		kill(-c->pid, SIGTERM);
		reap(c, TERM_MS);
	}
	if (c->pid > 0)
		collect(c);
	hear(c);
	say(c);
	shut(&c->said);
}

void
child_free(struct child *c)
{
	if (c == NULL)
		return;
	end(c, true);
	buf_release(&c->reply);
	free(c->name);
	if (c->secret)
		mem_wipe(c, sizeof *c);
	free(c);
}

/* It is of no more use, e says why; what it said last may say more. */
static int
give_up(struct child *c, struct err *e)
{
	size_t n = strlen(e->msg);

	end(c, false);
	c->bad = true;
	if (c->secret && c->last[0] != '\0' && n < sizeof e->msg)
		snprintf(e->msg + n, sizeof e->msg - n, "; what it wrote to "
		    "standard error may hold a secret, and is not told: run it "
		    "by hand to see it");
	else if (c->last[0] != '\0' && n < sizeof e->msg)
		snprintf(e->msg + n, sizeof e->msg - n, "; it said: %s",
		    c->last);
	return -1;
}

static int
has_ended(struct child *c, struct err *e)
{
	if (!reap(c, LEAVE_MS))
		err_set(e, ERR_NET, "'%s' closed its end", c->name);
	else if (WIFSIGNALED(c->status))
		err_set(e, ERR_NET, "'%s' was killed by signal %d", c->name,
		    WTERMSIG(c->status));
	else
		err_set(e, ERR_NET, "'%s' ended with status %d before it "
		    "answered", c->name, WEXITSTATUS(c->status));
	return give_up(c, e);
}

/* --- asking ------------------------------------------------------------ */

/*
 * As write(2), but one that reads no more is EPIPE and no signal: a tool
 * leaves SIGPIPE alone, for those who read what it prints.
 */
static ssize_t
put(int fd, const char *p, size_t n)
{
	sigset_t pipe_only, was, waiting;
	ssize_t r;
	int error, sig;

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigpending(&waiting);
	sigprocmask(SIG_BLOCK, &pipe_only, &was);
	r = write(fd, p, n);
	error = errno;
	if (r < 0 && error == EPIPE && !sigismember(&waiting, SIGPIPE)) {
		sigpending(&waiting);	/* none when it is ignored */
		if (sigismember(&waiting, SIGPIPE))
			sigwait(&pipe_only, &sig);
	}
	sigprocmask(SIG_SETMASK, &was, NULL);
	errno = error;
	return r;
}

/* Some of its output; 1, 0 nothing yet, -1 there is no more. */
static int
get(struct child *c)
{
	ssize_t n = read(c->out, buf_reserve(&c->reply, READ), READ);

	if (n > 0) {
		c->reply.len += (size_t)n;
		c->reply.p[c->reply.len] = '\0';
		return 1;
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

#define READING 1
#define WRITING 2

/* Wait until something can be done; 0, or -1 with the reason. */
static int
wait_for(struct child *c, int what, int64_t until, struct err *e)
{
	struct pollfd p[3] = {
	    { .fd = what & READING ? c->out : -1, .events = POLLIN },
	    { .fd = c->said, .events = POLLIN },
	    { .fd = what & WRITING ? c->in : -1, .events = POLLOUT } };
	int64_t left = until - date_monotonic();

	if (child_stop != NULL && *child_stop)
		return err_set(e, ERR_BUSY, "interrupted");
	if (left <= 0)
		return err_set(e, ERR_NET, "'%s' did not answer in time",
		    c->name);
	if (poll(p, 3, left < LOOK_MS ? (int)left : LOOK_MS) < 0 &&
	    errno != EINTR)
		return err_sys(e, "cannot wait for '%s'", c->name);
	hear(c);
	return 0;
}

static int
is_bad(const struct child *c, struct err *e)
{
	return c->bad ? err_set(e, ERR_NET, "'%s' is not running any more",
	    c->name) : 0;
}

static int
too_much(struct child *c, size_t most, struct err *e)
{
	err_set(e, ERR_INPUT, "'%s' answered with more than %zu bytes",
	    c->name, most);
	return give_up(c, e);
}

static int
talk(struct child *c, const struct buf *line, int wait_ms, size_t most,
    char **end_of, struct err *e)
{
	int64_t until = date_monotonic() + wait_ms;
	size_t sent = 0, seen = 0;
	ssize_t n;
	int r;

	for (;;) {
		if (wait_for(c, sent < line->len ? READING | WRITING : READING,
		    until, e) < 0)
			return give_up(c, e);
		if (sent < line->len) {
			n = put(c->in, line->p + sent, line->len - sent);
			if (n > 0)
				sent += (size_t)n;
			else if (n < 0 && errno != EAGAIN && errno != EINTR)
				return has_ended(c, e);
		}
		if ((r = get(c)) < 0)
			return has_ended(c, e);
		*end_of = memchr(c->reply.p + seen, '\n', c->reply.len - seen);
		if (*end_of != NULL)
			break;
		seen = c->reply.len;
		if (seen > most)
			break;
	}
	if ((*end_of == NULL ? seen : (size_t)(*end_of - c->reply.p)) > most)
		return too_much(c, most, e);
	if (sent < line->len) {
		err_set(e, ERR_INPUT, "'%s' answered before it had read the "
		    "question", c->name);
		return give_up(c, e);
	}
	return 0;
}

int
child_ask(struct child *c, const char *line, size_t len, int wait_ms,
    size_t most, char **reply, size_t *n, struct err *e)
{
	struct buf whole = BUF_INIT;
	char *nl;
	int r;

	if (is_bad(c, e) < 0)
		return -1;
	/* what it says of its own is nobody's answer */
	if (c->used < c->reply.len) {
		err_set(e, ERR_INPUT, "'%s' answered more than it was asked",
		    c->name);
		return give_up(c, e);
	}
	buf_reset(&c->reply);
	c->used = 0;
	buf_add(&whole, line, len);
	buf_addc(&whole, '\n');
	r = talk(c, &whole, wait_ms, most, &nl, e);
	buf_release(&whole);
	if (r < 0)
		return -1;
	*nl = '\0';
	c->used = (size_t)(nl - c->reply.p) + 1;
	*reply = c->reply.p;
	*n = c->used - 1;
	return 0;
}

/* --- lines, and bytes, each way ----------------------------------------- */

static int
put_all(struct child *c, const char *p, size_t len, int64_t until,
    struct err *e)
{
	size_t sent = 0;
	ssize_t n;

	if (is_bad(c, e) < 0)
		return -1;
	while (sent < len) {
		n = put(c->in, p + sent, len - sent);
		if (n > 0)
			sent += (size_t)n;
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return has_ended(c, e);
		else if (wait_for(c, WRITING, until, e) < 0)
			return give_up(c, e);
	}
	return 0;
}

int
child_send(struct child *c, const char *line, size_t len, int wait_ms,
    struct err *e)
{
	struct buf whole = BUF_INIT;
	int r;

	buf_add(&whole, line, len);
	buf_addc(&whole, '\n');
	r = put_all(c, whole.p, whole.len, date_monotonic() + wait_ms, e);
	buf_release(&whole);
	return r;
}

int
child_put(struct child *c, const void *p, size_t n, int wait_ms,
    struct err *e)
{
	return put_all(c, p, n, date_monotonic() + wait_ms, e);
}

/* What was handed out is done with. */
static void
drop_used(struct child *c)
{
	if (c->used == 0)
		return;
	memmove(c->reply.p, c->reply.p + c->used, c->reply.len - c->used);
	buf_cut(&c->reply, c->reply.len - c->used);
	c->used = 0;
}

/* Some more of its output, in time. */
static int
more(struct child *c, int64_t until, struct err *e)
{
	int r = get(c);

	if (r < 0)
		return has_ended(c, e);
	if (r == 0 && wait_for(c, READING, until, e) < 0)
		return give_up(c, e);
	return 0;
}

int
child_line(struct child *c, int wait_ms, size_t most, char **p, size_t *n,
    struct err *e)
{
	int64_t until = date_monotonic() + wait_ms;
	size_t seen = c->used;
	char *nl;

	if (is_bad(c, e) < 0)
		return -1;
	while ((nl = memchr(c->reply.p + seen, '\n', c->reply.len - seen)) ==
	    NULL) {
		drop_used(c);
		seen = c->reply.len;
		if (seen > most)
			break;
		if (more(c, until, e) < 0)
			return -1;
	}
	if (nl == NULL || (size_t)(nl - c->reply.p) - c->used > most)
		return too_much(c, most, e);
	*nl = '\0';
	*p = c->reply.p + c->used;
	*n = (size_t)(nl - *p);
	c->used = (size_t)(nl - c->reply.p) + 1;
	return 0;
}

int
child_get(struct child *c, size_t n, int wait_ms, const char **p,
    struct err *e)
{
	int64_t until = date_monotonic() + wait_ms;

	if (is_bad(c, e) < 0)
		return -1;
	drop_used(c);
	while (c->reply.len < n)
		if (more(c, until, e) < 0)
			return -1;
	*p = c->reply.p;
	c->used = n;
	return 0;
}

int
child_no_more(struct child *c, struct err *e)
{
	if (is_bad(c, e) < 0)
		return -1;
	if (c->used == c->reply.len && get(c) == 0)
		return 0;
	err_set(e, ERR_INPUT, "'%s' answered more than it was asked",
	    c->name);
	return give_up(c, e);
}

/* --- one that tells ---------------------------------------------------- */

/* Its own name before what it said is of no interest to anybody. */
static int
told(struct child *c, struct err *e)
{
	size_t n = strlen(c->name);
	const char *s = c->last;

	if (*s == '\0' || WIFSIGNALED(c->status))
		return has_ended(c, e);
	if (strncmp(s, c->name, n) == 0 && s[n] == ':' && s[n + 1] == ' ')
		s += n + 2;
	c->bad = true;
	return err_set(e, ERR_INPUT, "%s", s);
}

void
child_quiet(struct child *c)
{
	c->quiet = true;
}

int
child_read(struct child *c, const char **p, size_t *n, struct err *e)
{
	int r;

	if (is_bad(c, e) < 0)
		return -1;
	buf_reset(&c->reply);
	shut(&c->in);
	do {
		if (wait_for(c, READING, INT64_MAX, e) < 0)
			return give_up(c, e);
	} while ((r = get(c)) == 0);
	*p = c->reply.p;
	*n = c->reply.len;
	if (r == 1)
		return 1;
	if (!reap(c, LEAVE_MS))
		return has_ended(c, e);
	end(c, false);
	return WIFEXITED(c->status) && WEXITSTATUS(c->status) == 0 ? 0 :
	    told(c, e);
}

/* --- one that prints --------------------------------------------------- */

int
child_print(const char *name, char *const *argv, int wait_ms, size_t most,
    struct buf *out, struct err *e)
{
	int64_t until = date_monotonic() + wait_ms;
	struct child *c;
	int r = 0;

	if (child_start(&c, name, argv, e) < 0)
		return -1;
	c->quiet = c->secret = true;
	shut(&c->in);
	while (r == 0 && get(c) >= 0) {
		if (c->reply.len > most)
			r = err_set(e, ERR_INPUT, "'%s' printed more than %zu "
			    "bytes", c->name, most);
		else
			r = wait_for(c, READING, until, e);
	}
	if (r < 0)
		give_up(c, e);
	else if (!reap(c, LEAVE_MS) || !WIFEXITED(c->status) ||
	    WEXITSTATUS(c->status) != 0)
		r = has_ended(c, e);
	else
		buf_add(out, c->reply.p, c->reply.len);
	buf_wipe(&c->reply);		/* it may be a secret */
	child_free(c);
	return r;
}

int
child_print_sh(const char *name, const char *command, int wait_ms,
    size_t most, struct buf *out, struct err *e)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" },
	    (char *)(uintptr_t)command, NULL };

	return child_print(name, argv, wait_ms, most, out, e);
}
