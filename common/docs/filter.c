#include "docs/filter.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)
#define SAID 200		/* bytes of its first line */
#define LOOK_MS 100
#define NOT_THERE 127		/* what sh says of a command it has not */

struct docs_filtering {
	const struct docs_filter *filter;	/* borrowed */
	const struct docs_filters *all;		/* borrowed */
	struct docs_in *in;	/* borrowed */
	pid_t pid;		/* 0: reaped */
	int to, from, said;	/* own; -1: closed */
	char *room;		/* own; PIECE bytes for it */
	size_t have, sent;
	bool in_end;		/* there is no more for it */
	char line[SAID + 1];	/* it said first */
	size_t n;
	bool line_end;
	int64_t until, got;
};

void
docs_filters_add(struct docs_filters *f, const char *key, const char *command,
    const char *as)
{
	struct docs_filter *one;

	f->v = xreallocarray(f->v, f->n + 1, sizeof *f->v);
	one = &f->v[f->n++];
	one->key = xstrdup(key);
	one->command = xstrdup(command);
	one->as = as != NULL ? xstrdup(as) : NULL;
}

void
docs_filters_release(struct docs_filters *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		free(f->v[i].key);
		free(f->v[i].command);
		free(f->v[i].as);
	}
	free(f->v);
	f->v = NULL;
	f->n = 0;
}

static bool
has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && name[n - k - 1] == '.' &&
	    str_same(name + n - k, suffix);
}

const struct docs_filter *
docs_filters_find(const struct docs_filters *f, const char *type,
    const char *name)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (strchr(f->v[i].key, '/') != NULL ?
		    str_same(f->v[i].key, type) :
		    has_suffix(name, f->v[i].key))
			return &f->v[i];
	return NULL;
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- in the child ------------------------------------------------------ */

static void
at_most(int what, int64_t n)
{
	struct rlimit l;

	if (getrlimit(what, &l) < 0)
		return;
	if (l.rlim_max == RLIM_INFINITY || (rlim_t)n < l.rlim_max)
		l.rlim_max = (rlim_t)n;
	l.rlim_cur = l.rlim_max;
	setrlimit(what, &l);
}

static _Noreturn void
become(const struct docs_filter *f, const struct docs_filters *all,
    const int ends[3])
{
	sigset_t none;
	int i;

	setpgid(0, 0);
	for (i = 0; i < 3; i++)
		if (dup2(ends[i], i) < 0)
			_exit(NOT_THERE);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	at_most(RLIMIT_AS, all->memory);
	/* the clock ends it; this, what has left its group, too */
	at_most(RLIMIT_CPU, all->time_ms / 1000 + 1);
	at_most(RLIMIT_FSIZE, all->output);
	at_most(RLIMIT_CORE, 0);
	execl("/bin/sh", "sh", "-c", f->command, (char *)NULL);
	_exit(NOT_THERE);
}

/* --- here -------------------------------------------------------------- */

static void
hear(struct docs_filtering *g)
{
	char b[512];
	ssize_t n = read(g->said, b, sizeof b), i;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	for (i = 0; i < n && !g->line_end; i++) {
		if (b[i] == '\n' || g->n == SAID)
			g->line_end = g->n > 0;
		else
			g->line[g->n++] = (char)((unsigned char)b[i] < 0x20 ?
			    ' ' : b[i]);
	}
	if (n <= 0)
		shut(&g->said);
}

/* Whoever reads no more is no error: it may know enough. */
static int
feed(struct docs_filtering *g, struct err *e)
{
	int64_t n;
	ssize_t w;

	if (g->sent == g->have && !g->in_end) {
		if ((n = docs_in_read(g->in, g->room, PIECE, e)) < 0)
			return -1;
		g->have = (size_t)n;
		g->sent = 0;
		g->in_end = n == 0;
	}
	if (g->in_end) {
		shut(&g->to);
		return 0;
	}
	w = write(g->to, g->room + g->sent, g->have - g->sent);
	if (w > 0)
		g->sent += (size_t)w;
	else if (errno != EAGAIN && errno != EINTR)
		shut(&g->to);
	return 0;
}

static void
end(struct docs_filtering *g, int *status)
{
	shut(&g->to);
	shut(&g->from);
	if (g->pid > 0) {
		kill(-g->pid, SIGKILL);
		kill(g->pid, SIGKILL);
		while (waitpid(g->pid, status, 0) < 0 && errno == EINTR)
			;
	}
	g->pid = 0;
	shut(&g->said);
}

/* It has closed its output: how does it end? */
static int
ended(struct docs_filtering *g, struct err *e)
{
	siginfo_t info = { 0 };
	struct pollfd p;
	int status = 0;

	shut(&g->to);
	while (waitid(P_PID, (id_t)g->pid, &info,
	    WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0 &&
	    date_monotonic() < g->until) {
		p = (struct pollfd){ .fd = g->said, .events = POLLIN };
		if (poll(&p, 1, g->said >= 0 ? 5 : 2) > 0)
			hear(g);
	}
	if (g->said >= 0)
		hear(g);
	if (info.si_pid == 0) {
		end(g, &status);
		return err_set(e, ERR_INPUT, "its filter took longer than %"
		    PRId64 " s; docs.filterTime in memkit.conf(5) allows more",
		    g->all->time_ms / 1000);
	}
	end(g, &status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	g->line[utf8_check(g->line, g->n)] = '\0';
	if (WIFSIGNALED(status))
		return err_set(e, ERR_INPUT, "its filter was killed by signal "
		    "%d%s%s", WTERMSIG(status), g->n > 0 ? ": " : "", g->line);
	return err_set(e, ERR_INPUT, "its filter ended with status %d%s%s",
	    WEXITSTATUS(status), g->n > 0 ? ": " : "", g->line);
}

static int64_t
got(struct docs_filtering *g, ssize_t n, struct err *e)
{
	g->got += n;
	if (g->got <= g->all->output)
		return n;
	return err_set(e, ERR_INPUT, "its filter printed more than %" PRId64
	    " bytes; docs.filterBytes in memkit.conf(5) allows more",
	    g->all->output);
}

static int64_t
pump(void *arg, void *p, size_t max, struct err *e)
{
	struct docs_filtering *g = arg;
	struct pollfd of[3];
	ssize_t n;

	if (g->pid == 0)
		return 0;
	for (;;) {
		of[0] = (struct pollfd){ .fd = g->from, .events = POLLIN };
		of[1] = (struct pollfd){ .fd = g->to, .events = POLLOUT };
		of[2] = (struct pollfd){ .fd = g->said, .events = POLLIN };
		if (date_monotonic() >= g->until)
			return err_set(e, ERR_INPUT, "its filter took longer "
			    "than %" PRId64 " s; docs.filterTime in "
			    "memkit.conf(5) allows more",
			    g->all->time_ms / 1000);
		if (poll(of, 3, LOOK_MS) <= 0)
			continue;
		if (of[2].revents != 0)
			hear(g);
		if (of[1].revents != 0 && feed(g, e) < 0)
			return -1;
		if (of[0].revents == 0)
			continue;
		n = read(g->from, p, max);
		if (n > 0)
			return got(g, n, e);
		if (n == 0)
			return ended(g, e);
		if (errno != EAGAIN && errno != EINTR)
			return err_sys(e, "cannot read from a filter");
	}
}

static int
pipes(int of[3][2], struct err *e)
{
	int i, k;

	memset(of, -1, 3 * sizeof *of);
	for (i = 0; i < 3; i++) {
		if (pipe(of[i]) < 0) {
			err_sys(e, "cannot make a pipe");
			for (k = 0; k < i; k++) {
				close(of[k][0]);
				close(of[k][1]);
			}
			return -1;
		}
		for (k = 0; k < 2; k++)
			fcntl(of[i][k], F_SETFD, FD_CLOEXEC);
	}
	return 0;
}

int
docs_filter_open(struct docs_filtering **out, const struct docs_filter *f,
    const struct docs_filters *all, struct docs_in *in, struct docs_in *text,
    struct err *e)
{
	struct docs_filtering *g;
	int of[3][2], i, ends[3];
	pid_t pid;

	if (pipes(of, e) < 0)
		return -1;
	for (i = 0; i < 3; i++)
		ends[i] = of[i][i == 0 ? 0 : 1];
	if ((pid = fork()) == 0)
		become(f, all, ends);
	for (i = 0; i < 3; i++)
		close(ends[i]);
	if (pid < 0) {
		err_sys(e, "cannot run a filter");
		for (i = 0; i < 3; i++)
			close(of[i][i == 0 ? 1 : 0]);
		return -1;
	}
	setpgid(pid, pid);	/* whoever comes first */
	g = xcalloc(1, sizeof *g);
	g->filter = f;
	g->all = all;
	g->in = in;
	g->pid = pid;
	g->to = of[0][1];
	g->from = of[1][0];
	g->said = of[2][0];
	fcntl(g->to, F_SETFL, O_NONBLOCK);
	fcntl(g->from, F_SETFL, O_NONBLOCK);
	fcntl(g->said, F_SETFL, O_NONBLOCK);
	g->room = xmalloc(PIECE);
	g->until = date_monotonic() + all->time_ms;
	*text = (struct docs_in){ .read = pump, .arg = g, .name = in->name,
	    .size = -1, .most = INT64_MAX };
	*out = g;
	return 0;
}

void
docs_filter_close(struct docs_filtering *g)
{
	int status;

	if (g == NULL)
		return;
	end(g, &status);
	free(g->room);
	free(g);
}
