/* Co-processes: what they answer, and what they may do to us. */
#include "tap.h"

#include "base/alloc.h"
#include "base/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char said[64][512];
static int said_n;

static void
hear(const char *name, const char *line)
{
	if (said_n < 64)
		snprintf(said[said_n++], sizeof said[0], "%s: %s", name, line);
}

static struct child *
run(const char *script)
{
	char *argv[] = { "sh", "-c", NULL, NULL };
	struct child *c = NULL;
	struct err e;

	argv[2] = xstrdup(script);
	if (child_start(&c, "it", argv, &e) < 0)
		printf("# %s\n", e.msg);
	free(argv[2]);
	return c;
}

/* Its answer, or the error in brackets. */
static const char *
ask(struct child *c, const char *line, int wait_ms, size_t most)
{
	static char text[600];
	struct err e;
	char *p;
	size_t n;

	if (child_ask(c, line, strlen(line), wait_ms, most, &p, &n, &e) < 0)
		snprintf(text, sizeof text, "[%d %s]", e.code, e.msg);
	else
		snprintf(text, sizeof text, "%.*s", (int)n, p);
	return text;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
begins(const char *s, const char *with)
{
	bool is = strncmp(s, with, strlen(with)) == 0;

	if (!is)
		printf("#  got: %s\n# want: %s...\n", s, with);
	return is;
}

static void
test_well(void)
{
	struct child *c = run("while read -r l; do echo \"<$l>\"; done");

	is_str(ask(c, "one", 5000, 100), "<one>", "a line for a line");
	is_str(ask(c, "two", 5000, 100), "<two>", "and again");
	is_str(ask(c, "", 5000, 100), "<>", "an empty one");
	child_free(c);
	child_free(NULL);
	ok(1, "freed");
}

static void
test_large(void)
{
	struct child *c = run("exec cat");
	char *big = xmalloc(4000001);
	struct err e;
	char *p = NULL;
	size_t n = 0;

	memset(big, 'x', 4000000);
	big[4000000] = '\0';
	ok(child_ask(c, big, 4000000, 20000, 4000000, &p, &n, &e) == 0 &&
	    n == 4000000 && memcmp(p, big, n) == 0,
	    "4 MB there and back at the same time");
	is_str(ask(c, "small", 5000, 100), "small", "then a small one");
	ok(begins(ask(c, big, 20000, 1000),
	    "[2 'it' answered with more than 1000 bytes"),
	    "more than is allowed");
	ok(begins(ask(c, "x", 5000, 100), "[8 'it' is not running any more"),
	    "of no more use");
	child_free(c);
	free(big);
}

static void
test_ends(void)
{
	struct child *c;

	c = run("echo gone >&2; exit 4");
	is_str(ask(c, "x", 5000, 100), "[8 'it' ended with status 4 before it "
	    "answered; it said: gone]", "one that ends");
	child_free(c);
	c = run("kill -9 $$");
	ok(begins(ask(c, "x", 5000, 100), "[8 'it' was killed by signal 9"),
	    "one that is killed");
	child_free(c);
	c = run("exec <&-; printf 'an'; exec >&-; sleep 60");
	ok(begins(ask(c, "x", 5000, 100), "[8 'it' closed its end"),
	    "one that closes its streams");
	child_free(c);
	c = run("printf 'half an answer'");
	ok(begins(ask(c, "x", 5000, 100), "[8 'it' ended with status 0"),
	    "half an answer is none");
	child_free(c);
}

static void
test_hangs(void)
{
	struct child *c = run("trap '' TERM; sleep 60; echo late");
	double t = now();

	ok(begins(ask(c, "x", 300, 100), "[8 'it' did not answer in time"),
	    "one that hangs");
	child_free(c);
	c = run("trap '' TERM; read -r l; echo a; sleep 60; sleep 60");
	is_str(ask(c, "x", 5000, 100), "a", "one that answers");
	child_free(c);		/* and then stays */
	ok(now() - t < 10, "nobody waits for them");
}

static void
test_said(void)
{
	struct child *c;

	said_n = 0;
	child_said = hear;
	c = run("echo one >&2; echo two >&2; read -r l; echo answer; "
	    "printf three >&2");
	is_str(ask(c, "x", 5000, 100), "answer", "an answer");
	child_free(c);
	child_said = NULL;
	ok(said_n == 3, "three lines were told");
	is_str(said[0], "it: one", "with the name");
	is_str(said[2], "it: three", "the last without its end");
}

static void
test_stop(void)
{
	static volatile sig_atomic_t stop = 1;
	struct child *c = run("sleep 60");

	child_stop = &stop;
	ok(begins(ask(c, "x", 60000, 100), "[5 interrupted"), "stopped");
	child_stop = NULL;
	child_free(c);
}

static void
test_none(void)
{
	char *argv[] = { "/nowhere/at/all", NULL };
	struct child *c = NULL;
	struct err e;

	if (child_start(&c, "it", argv, &e) == 0) {
		/* its vfork is a fork, which does not tell */
		ok(getenv("MEM_VALGRIND") != NULL, "one that is not there "
		    "# SKIP valgrind");
		child_free(c);
		return;
	}
	ok(e.code == ERR_SYS && begins(e.msg, "cannot run '/nowhere/at/all'"),
	    "one that is not there");
}

/* The default is to die of it, as a tool does whose reader goes away. */
static void
test_sigpipe(void)
{
	struct child *c = run("exec <&-; sleep 1; exit 0");
	sigset_t pending;

	signal(SIGPIPE, SIG_DFL);
	ok(begins(ask(c, "x", 5000, 100), "[8 "), "nobody reads: no signal");
	sigpending(&pending);
	ok(!sigismember(&pending, SIGPIPE), "none is left over");
	child_free(c);
}

/* All that one tells, or the error in brackets. */
static const char *
listen(struct child *c)
{
	static char text[1000];
	size_t n, at = 0;
	const char *p;
	struct err e;
	int r;

	while ((r = child_read(c, &p, &n, &e)) == 1 && at + n < sizeof text) {
		memcpy(text + at, p, n);
		at += n;
	}
	text[at] = '\0';
	if (r < 0)
		snprintf(text + at, sizeof text - at, "[%d %s]", e.code,
		    e.msg);
	child_free(c);
	return text;
}

static void
test_telling(void)
{
	struct child *c;
	char want[80];

	is_str(listen(run("echo one; sleep 0.1; echo two")), "one\ntwo\n",
	    "one that tells");
	is_str(listen(run("cat; echo done")), "done\n",
	    "it finds the end of its input");
	snprintf(want, sizeof want, "half[%d no more]", ERR_INPUT);
	is_str(listen(run("printf half; echo it: no more >&2; exit 3")), want,
	    "what it said last is why");
	snprintf(want, sizeof want, "[%d 'it' ended with status 4 before it "
	    "answered]", ERR_NET);
	is_str(listen(run("exit 4")), want, "one that says nothing");
	snprintf(want, sizeof want, "[%d 'it' was killed by signal 9]",
	    ERR_NET);
	is_str(listen(run("kill -9 $$")), want, "one that is killed");
	said_n = 0;
	child_said = hear;
	c = run("echo hush >&2");
	child_quiet(c);
	listen(c);
	is_int(said_n, 0, "a quiet one");
	listen(run("echo loud >&2"));
	is_int(said_n, 1, "and another");
	child_said = NULL;
}

/* A program that only prints. */
static const char *
print(const char *script, int wait_ms, size_t most)
{
	char *argv[] = { "sh", "-c", NULL, NULL };
	static char text[600];
	struct buf out = BUF_INIT;
	struct err e;

	argv[2] = xstrdup(script);
	if (child_print("it", argv, wait_ms, most, &out, &e) < 0)
		snprintf(text, sizeof text, "[%d %s]", e.code, e.msg);
	else
		snprintf(text, sizeof text, "%s", out.p);
	free(argv[2]);
	buf_release(&out);
	return text;
}

static void
printing(void)
{
	is_str(print("echo a; echo b", 5000, 100), "a\nb\n", "all of it");
	is_str(print("cat; echo end", 5000, 100), "end\n", "it reads nothing");
	is_str(print(":", 5000, 100), "", "nothing");
	ok(strstr(print("echo a; exit 3", 5000, 100), "status 3") != NULL,
	    "one that fails");
	ok(strstr(print("yes", 5000, 100), "more than 100 bytes") != NULL,
	    "too much");
	ok(strstr(print("sleep 60", 200, 100), "in time") != NULL, "too late");
	ok(strstr(print("kill -9 $$", 5000, 100), "signal 9") != NULL,
	    "killed");
	said_n = 0;
	child_said = hear;
	is_str(print("echo hush >&2; echo a", 5000, 100), "a\n",
	    "what it says beside it");
	ok(strstr(print("echo hush >&2; exit 3", 5000, 100), "hush") == NULL,
	    "is in no message");
	ok(strstr(print("echo hush >&2; exit 3", 5000, 100), "status 3 before "
	    "it answered; what it wrote to standard error") != NULL,
	    "which says that there was something");
	is_int(said_n, 0, "and nobody is told");
	child_said = NULL;
}

/* A descriptor of ours, whichever it is, is there as well. */
static void
test_kept(void)
{
	char *argv[] = { "sh", "-c",
	    "read x; { read y <&3 || read y <&4; } 2>/dev/null; echo $x $y",
	    NULL };
	struct child *c = NULL;
	struct err e;
	int ends[2], i, k;

	for (i = CHILD_KEPT; i < CHILD_KEPT + 3; i++) {
		if (pipe(ends) < 0 || write(ends[1], "kept\n", 5) != 5 ||
		    dup2(ends[0], i + 20) < 0 || dup2(i + 20, i) < 0)
			printf("# no pipe\n");
		for (k = 3; k < 64; k++)
			fcntl(k, F_SETFD, FD_CLOEXEC);
		if (child_start_with(&c, "it", argv, i, &e) < 0)
			printf("# %s\n", e.msg);
		is_str(ask(c, "and", 5000, 100), "and kept",
		    "descriptor %d is inherited", i);
		child_free(c);
		c = run("read x; { read y <&3; } 2>/dev/null; echo $x $y");
		is_str(ask(c, "none", 5000, 100), "none",
		    "and is not unless it was asked for");
		child_free(c);
		close(ends[0]);
		close(ends[1]);
		close(i);
		close(i + 20);
	}
}

/* So many bytes after a line, or the error in brackets. */
static const char *
get(struct child *c, size_t n, int wait_ms)
{
	static char text[600];
	const char *p;
	struct err e;

	if (child_get(c, n, wait_ms, &p, &e) < 0)
		snprintf(text, sizeof text, "[%d %s]", e.code, e.msg);
	else
		snprintf(text, sizeof text, "%.*s", (int)n, p);
	return text;
}

static const char *
line(struct child *c)
{
	static char text[600];
	struct err e;
	char *p;
	size_t n;

	if (child_line(c, 5000, 100, &p, &n, &e) < 0)
		snprintf(text, sizeof text, "[%d %s]", e.code, e.msg);
	else
		snprintf(text, sizeof text, "%s", p);
	return text;
}

static void
test_bytes(void)
{
	struct child *c = run("read -r n; head -c $n >it.$$; echo $n; "
	    "cat it.$$; echo more; rm it.$$; read -r x; sleep 60");
	char *big = xmalloc(3000000);
	const char *p;
	struct err e;

	memset(big, '\n', 3000000);
	ok(child_send(c, "3000000", 7, 5000, &e) == 0 &&
	    child_put(c, big, 3000000, 20000, &e) == 0, "bytes after a line");
	is_str(line(c), "3000000", "a line before bytes");
	ok(child_get(c, 3000000, 20000, &p, &e) == 0 &&
	    memcmp(p, big, 3000000) == 0, "which come as they are");
	is_str(line(c), "more", "and a line behind them");
	is_str(get(c, 0, 100), "", "none are there at once");
	ok(child_no_more(c, &e) == 0, "and there are no more");
	is_str(get(c, 1, 100), "[8 'it' did not answer in time]",
	    "one that does not come");
	is_str(get(c, 1, 100), "[8 'it' is not running any more]",
	    "of no more use");
	child_free(c);

	c = run("echo 5; printf abc");
	is_str(line(c), "5", "one that says 5");
	ok(begins(get(c, 5, 5000), "[8 'it' ended with status 0"),
	    "and has 3");
	child_free(c);
	c = run("printf '1\\nab'; sleep 60");
	is_str(line(c), "1", "one that says 1");
	is_str(get(c, 1, 5000), "a", "and has it");
	ok(child_no_more(c, &e) < 0 && e.code == ERR_INPUT, "and more");
	child_free(c);
	c = run("exec 0<&-; head -c 900000 /dev/zero; sleep 60");
	ok(child_put(c, big, 3000000, 5000, &e) < 0 && e.code == ERR_NET,
	    "one that does not listen");
	child_free(c);
	free(big);
}

/* It talks, and does not listen: that is waited for, not looked at again and
 * again. */
static void
test_deaf(void)
{
	struct child *c = run("head -c 900000 /dev/zero; sleep 60");
	char *big = xcalloc(1, 3000000);
	clock_t before;
	struct err e;

	before = clock();
	ok(child_put(c, big, 3000000, 700, &e) < 0 && e.code == ERR_NET,
	    "one that talks and does not listen");
	ok(clock() - before < CLOCKS_PER_SEC / 4, "is waited for quietly");
	child_free(c);
	free(big);
}

int
main(void)
{
	test_bytes();
	test_deaf();
	test_well();
	test_kept();
	test_large();
	test_ends();
	test_hangs();
	test_said();
	test_stop();
	test_none();
	test_sigpipe();
	test_telling();
	printing();
	return done();
}
