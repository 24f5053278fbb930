/*
 * A small model for tests: mkmodel PIECE ... >FILE; the first is what a word
 * that cannot be cut is, "##" begins those that go on a word.
 */
#include "tests/unit/model-file.h"

int
main(int argc, char **argv)
{
	struct buf b = BUF_INIT;

	if (argc < 2) {
		fputs("usage: mkmodel piece ... >file\n", stderr);
		return 64;
	}
	small_model(&b, (const char *const *)argv + 1, (size_t)argc - 1, 0);
	if (fwrite(b.p, 1, b.len, stdout) != b.len || fclose(stdout) != 0) {
		perror("mkmodel");
		return 2;
	}
	buf_release(&b);
	return 0;
}
