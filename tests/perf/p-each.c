/*
 * CPU of cold processes, query by query:
 *
 *	p-each [-n runs] QUERIES command ... [--vs command ...]
 *
 * For each line "class TAB query" the command is run with the query as its
 * last argument, in turn with the other one, and "class TAB nanoseconds" is
 * printed, and those of the other after another TAB: user and system time of
 * the cheapest of the runs (5).  What the commands print is thrown away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS 32

struct command {
	char *argv[ARGS + 2];
	int argc;
	double best_ns;
};

static double
ns_of(struct timeval t)
{
	return (double)t.tv_sec * 1e9 + (double)t.tv_usec * 1e3;
}

static void
run(struct command *c, char *query)
{
	struct rusage ru;
	int null, status;
	double ns;
	pid_t pid;

	c->argv[c->argc] = query;
	if ((pid = fork()) == 0) {
		null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		execvp(c->argv[0], c->argv);
		fprintf(stderr, "p-each: %s: %s\n", c->argv[0],
		    strerror(errno));
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &ru) < 0) {
		perror("p-each");
		exit(2);
	}
	/* 1: found nothing */
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		fprintf(stderr, "p-each: %s failed for '%s'\n", c->argv[0],
		    query);
		exit(2);
	}
	ns = ns_of(ru.ru_utime) + ns_of(ru.ru_stime);
	if (c->best_ns < 0 || ns < c->best_ns)
		c->best_ns = ns;
}

/* The arguments up to --vs or the end; what follows. */
static char **
take(struct command *c, char **argv)
{
	while (*argv != NULL && strcmp(*argv, "--vs") != 0 && c->argc < ARGS)
		c->argv[c->argc++] = *argv++;
	return *argv != NULL ? argv + 1 : argv;
}

int
main(int argc, char **argv)
{
	static struct command a, b;
	char line[4096], *query;
	int i, runs = 5;
	FILE *f;

	argv++;
	if (argc > 2 && strcmp(argv[0], "-n") == 0) {
		runs = (int)strtol(argv[1], NULL, 10);
		argv += 2;
	}
	if (argv[0] == NULL || argv[1] == NULL || runs < 1) {
		fprintf(stderr, "usage: p-each [-n runs] queries command ... "
		    "[--vs command ...]\n");
		return 64;
	}
	if ((f = fopen(argv[0], "r")) == NULL) {
		perror(argv[0]);
		return 2;
	}
	take(&b, take(&a, argv + 1));
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if ((query = strchr(line, '\t')) == NULL)
			continue;
		*query++ = '\0';
		a.best_ns = b.best_ns = -1;
		for (i = 0; i < runs; i++) {
			run(&a, query);
			if (b.argc > 0)
				run(&b, query);
		}
		printf("%s\t%.0f", line, a.best_ns);
		if (b.argc > 0)
			printf("\t%.0f", b.best_ns);
		printf("\n");
	}
	fclose(f);
	return 0;
}
