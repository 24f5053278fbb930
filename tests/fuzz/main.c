/*
 * A fuzz target without a fuzzer: runs it once for every file of the
 * folders and files named, as one TAP test.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int runs;

static void
run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = NULL;
	size_t n = 0, got, cap = 0;

	if (f == NULL) {
		perror(path);
		exit(2);
	}
	do {
		if (n == cap) {
			cap = cap * 2 + 4096;
			if ((p = realloc(p, cap)) == NULL)
				exit(71);
		}
		got = fread(p + n, 1, cap - n, f);
		n += got;
	} while (got > 0);
	fclose(f);
	/* exactly n bytes, so that a sanitizer sees one read too far */
	if (n > 0 && (p = realloc(p, n)) == NULL)
		exit(71);
	printf("# %s\n", path);
	LLVMFuzzerTestOneInput(p, n);
	free(p);
	runs++;
}

static void
run_path(const char *path)
{
	char name[4096];
	struct dirent *d;
	struct stat st;
	DIR *dir;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	if ((dir = opendir(path)) == NULL)
		return;		/* no corpus yet: the count says so */
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, d->d_name);
		run_path(name);
	}
	closedir(dir);
}

int
main(int argc, char **argv)
{
	int i;

	/* after a crash the last line says which file it was */
	setvbuf(stdout, NULL, _IOLBF, 0);
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (i = 1; i < argc; i++)
		run_path(argv[i]);
	printf("%s 1 - %d inputs of the corpus\n1..1\n",
	    runs > 0 ? "ok" : "not ok", runs);
	return runs == 0;
}
