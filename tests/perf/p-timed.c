/*
 * Time whole processes: p-timed [-n runs] command ... [--vs command ...]
 *
 * Runs them in turn (A B A B ...), so that both see the same noise, and
 * prints one JSON object: medians of user+sys CPU and of wall time in
 * milliseconds, the largest peak of memory in KiB, and the median of the
 * ratio of CPU, pair by pair.  Output of the commands is thrown away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 1000

struct figures {
	double cpu_ms[RUNS_MAX], wall_ms[RUNS_MAX];
	long rss_kib;
	int status;
};

static double
ms_of(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
run(char **argv, struct figures *f, int i)
{
	double start = now_ms();
	struct rusage ru;
	int null, status;
	pid_t pid = fork();

	if (pid == 0) {
		null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		execvp(argv[0], argv);
		fprintf(stderr, "p-timed: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &ru) < 0) {
		perror("p-timed");
		exit(2);
	}
	f->wall_ms[i] = now_ms() - start;
	f->cpu_ms[i] = ms_of(ru.ru_utime) + ms_of(ru.ru_stime);
	if (ru.ru_maxrss > f->rss_kib)
		f->rss_kib = ru.ru_maxrss;
	f->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	if (f->status > 3) {
		fprintf(stderr, "p-timed: %s: status %d\n", argv[0], f->status);
		exit(2);
	}
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void
print(const char *name, struct figures *f, int n)
{
	printf("\"%s\":{\"cpu_ms\":%.3f,\"wall_ms\":%.3f,\"rss_kib\":%ld,"
	    "\"status\":%d}", name, median(f->cpu_ms, n),
	    median(f->wall_ms, n), f->rss_kib, f->status);
}

int
main(int argc, char **argv)
{
	static struct figures a, b;
	static double ratio[RUNS_MAX];
	char **other = NULL;
	int i, n = 5;

	argv++;
	if (argc > 2 && strcmp(argv[0], "-n") == 0) {
		n = (int)strtol(argv[1], NULL, 10);
		argv += 2;
	}
	if (*argv == NULL || n < 1 || n > RUNS_MAX) {
		fprintf(stderr, "usage: p-timed [-n runs] command ... "
		    "[--vs command ...]\n");
		return 64;
	}
	for (i = 0; argv[i] != NULL; i++)
		if (strcmp(argv[i], "--vs") == 0) {
			argv[i] = NULL;
			other = &argv[i + 1];
			break;
		}
	for (i = 0; i < n; i++) {
		run(argv, &a, i);
		if (other == NULL)
			continue;
		run(other, &b, i);
		ratio[i] = b.cpu_ms[i] > 0 ? a.cpu_ms[i] / b.cpu_ms[i] : 0;
	}
	printf("{\"runs\":%d,", n);
	print("a", &a, n);
	if (other != NULL) {
		printf(",");
		print("b", &b, n);
		printf(",\"cpu_ratio\":%.3f", median(ratio, n));
	}
	printf("}\n");
	return 0;
}
