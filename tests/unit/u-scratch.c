/*
 * Folders for work in progress: many processes make them at once, each sweeps
 * what others left, and none loses its own.
 */
#include "base/file.h"
#include "store/scratch.h"
#include "tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 6
#define TIMES 40

/* 0, or what went wrong: exit status. */
static int
work(void)
{
	struct scratch s;
	struct stat sb;
	struct err e;
	int i;

	for (i = 0; i < TIMES; i++) {
		if (scratch_open(&s, "store", "test", &e) < 0) {
			printf("# %s\n", e.msg);
			return 1;
		}
		if (stat(s.path, &sb) < 0 || stat(s.lock_path, &sb) < 0)
			return 2;
		scratch_close(&s);
	}
	return 0;
}

static void
at_once(void)
{
	int i, status, bad = 0;

	for (i = 0; i < PROCESSES; i++)
		if (fork() == 0)
			_exit(work());
	for (i = 0; i < PROCESSES; i++)
		bad += wait(&status) < 0 || status != 0;
	is_int(bad, 0, "all that are made at once are there");
}

static void
left_over(void)
{
	struct scratch s;
	struct stat sb;
	struct err e;

	if (fork() == 0) {
		scratch_open(&s, "store", "dead", &e);
		_exit(0);
	}
	wait(NULL);
	is_int(scratch_open(&s, "store", "next", &e), 0, "one more is made");
	is_int(stat("store/tmp", &sb) == 0 ? (int)sb.st_nlink : 0, 3,
	    "and what one left who died is gone");
	scratch_close(&s);
	is_int(stat("store/tmp", &sb) == 0 ? (int)sb.st_nlink : 0, 2,
	    "as it is itself, at its end");
}

int
main(void)
{
	char dir[] = "/tmp/u-scratch.XXXXXX";
	struct err e;

	if (mkdtemp(dir) == NULL || chdir(dir) < 0 || mkdir("store", 0700) < 0)
		return 1;
	at_once();
	left_over();
	if (chdir("/") == 0)
		file_remove_tree(dir, &e);
	return done();
}
