/*
 * Locks between processes and within one.
 */
#include "tap.h"

#include "base/buf.h"
#include "base/lock.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct err e;

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A process that holds the lock for so long; it has it on return. */
static pid_t
holder(const char *path, int ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };
	struct lock l = LOCK_INIT;
	char c;
	int p[2];
	pid_t pid;

	if (pipe(p) < 0 || (pid = fork()) < 0)
		exit(2);
	if (pid == 0) {
		if (lock_take(&l, path, 0, &e) < 0 || write(p[1], "x", 1) != 1)
			_exit(1);
		nanosleep(&t, NULL);
		_exit(0);	/* without lock_drop, as after a crash */
	}
	close(p[1]);
	ok(read(p[0], &c, 1) == 1, "another process has the lock");
	close(p[0]);
	return pid;
}

static void
alone(void)
{
	struct lock l = LOCK_INIT, m = LOCK_INIT;
	struct buf b = BUF_INIT;
	struct stat sb;
	char want[64];

	lock_drop(&l);
	is_int(lock_take(&l, "lock", 0, &e), 0, "a free lock is taken");
	ok(l.fd >= 0, "and held");
	ok(stat("lock", &sb) == 0 && (sb.st_mode & 077) == 0, "privately");
	buf_read_file(&b, "lock", 1000, &e);
	snprintf(want, sizeof want, "%ld ", (long)getpid());
	ok(strncmp(b.p, want, strlen(want)) == 0 && b.len > 0 &&
	    b.p[b.len - 1] == '\n', "the file says by whom: %.*s",
	    (int)b.len - 1, b.p);
	buf_release(&b);
#ifdef __linux__	/* has open-file locks */
	is_int(lock_take(&m, "lock", 0, &e), -1, "this process neither twice");
	ok(m.fd == -1, "nothing is held then");
#endif
	lock_drop(&l);
	is_int(l.fd, -1, "dropped");
	ok(stat("lock", &sb) == 0 && sb.st_size == 0, "nobody is named now");
	is_int(lock_take(&m, "lock", 0, &e), 0, "and free again");
	lock_drop(&m);
	is_int(lock_take(&l, "none/lock", 0, &e), -1, "no folder, no lock");
	is_int(e.code, ERR_SYS, "%s", e.msg);
	ok(symlink("lock", "link") == 0, "a link");
	is_int(lock_take(&l, "link", 0, &e), -1, "is not followed");
	is_int(e.code, ERR_SYS, "%s", e.msg);
}

static void
waiting(void)
{
	struct lock l = LOCK_INIT;
	pid_t pid = holder("lock", 60000);
	int64_t start;
	char want[64];

	is_int(lock_take(&l, "lock", 0, &e), -1, "it is not free");
	is_int(e.code, ERR_BUSY, "but busy");
	snprintf(want, sizeof want, "process %ld ", (long)pid);
	ok(strstr(e.msg, want) != NULL, "the holder is named: %s", e.msg);
	start = now_ms();
	is_int(lock_take(&l, "lock", 120, &e), -1, "a while later neither");
	ok(now_ms() - start >= 120, "and not a moment before");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_int(lock_take(&l, "lock", 1000, &e), 0, "it ends with its process");
	lock_drop(&l);
	pid = holder("lock", 150);
	is_int(lock_take(&l, "lock", 20000, &e), 0, "whoever waits gets it");
	lock_drop(&l);
	waitpid(pid, NULL, 0);
	pid = holder("lock", 100);
	is_int(lock_take(&l, "lock", -1, &e), 0, "also who waits for ever");
	lock_drop(&l);
	waitpid(pid, NULL, 0);
}

/* What stands in the file is not trusted. */
static void
odd_file(void)
{
	static const char *const odd[] = { "", "\n", "12", "x y\n",
	    "99999999999999999999 h\n", "7 \033[2J\n" };
	struct lock l = LOCK_INIT, m = LOCK_INIT;
	size_t i;

	lock_take(&l, "lock", 0, &e);
	for (i = 0; i < sizeof odd / sizeof *odd; i++) {
		if (ftruncate(l.fd, 0) < 0 || pwrite(l.fd, odd[i],
		    strlen(odd[i]), 0) < 0)
			break;
#ifdef __linux__
		is_int(lock_take(&m, "lock", 0, &e), -1, "odd file %zu", i);
		ok(strchr(e.msg, '\033') == NULL, "%s", e.msg);
#endif
	}
	/* a lock that somebody removed is no lock; the new file is */
	unlink("lock");
	is_int(lock_take(&m, "lock", 0, &e), 0, "removed and made again");
	lock_drop(&m);
	lock_drop(&l);
}

/* Ten processes add one to a number twenty times each. */
static void
counting(void)
{
	struct lock l = LOCK_INIT;
	struct buf b = BUF_INIT;
	int i, k, n, failed = 0, status;
	FILE *f;

	f = fopen("n", "w");
	fputs("0", f);
	fclose(f);
	fflush(stdout);
	for (i = 0; i < 10; i++) {
		if (fork() != 0)
			continue;
		for (k = 0; k < 20; k++) {
			if (lock_take(&l, "lock", 30000, &e) < 0)
				_exit(1);
			f = fopen("n", "r+");
			if (fscanf(f, "%d", &n) != 1)
				_exit(1);
			rewind(f);
			fprintf(f, "%d", n + 1);
			fclose(f);
			lock_drop(&l);
		}
		_exit(0);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	is_int(failed, 0, "ten processes had their turns");
	buf_read_file(&b, "n", 100, &e);
	is_str(b.p, "200", "one at a time");
	buf_release(&b);
}

int
main(void)
{
	char top[] = "/tmp/u-lock.XXXXXX";

	if (mkdtemp(top) == NULL || chdir(top) < 0)
		return 2;
	alone();
	waiting();
	odd_file();
	counting();
	unlink("lock");
	unlink("link");
	unlink("n");
	if (chdir("/") < 0 || rmdir(top) < 0)
		ok(0, "the folder of this test is gone");
	return done();
}
