/*
 * Bug records of about 1 kB: p-records COUNT [FIRST [OF]].  They are those
 * from FIRST on of a collection of OF rows (default COUNT), in which no
 * module, tag, file, cause or word of a cause is in more than about a
 * thousand.  The same numbers give the same bytes.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VOCABULARY 4000
#define BYTES 1000		/* of a record */

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t
draw(uint64_t *s)
{
	uint64_t z = *s += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint64_t
groups(uint64_t of, uint64_t each)
{
	return of / each + 1;
}

/* Something that can be said, for a number. */
static void
word(char out[16], uint64_t n)
{
	static const char *const part[] = { "ka", "lo", "mi", "ter", "sun",
	    "vex", "or", "pla", "ni", "qui", "dro", "bel", "hu", "ga", "rim",
	    "fo" };
	uint64_t s = n * 7919 + 11;
	int i;

	out[0] = '\0';
	for (i = 0; i < 3; i++, s /= 16)
		strcat(out, part[s % 16]);
	strcat(out, part[n % 16]);
}

static void
put_words(uint64_t *s, int n)
{
	char w[16];

	while (n-- > 0) {
		word(w, draw(s) % VOCABULARY);
		printf("%s%s", w, n > 0 ? " " : "");
	}
}

/* Five words that mostly belong together, two that anybody says. */
static void
put_cause(uint64_t *s, uint64_t of)
{
	uint64_t cause = draw(s) % groups(of, 700);
	char w[16];
	int i;

	for (i = 0; i < 7; i++) {
		word(w, i < 5 ? draw(&cause) % groups(of, 150) :
		    draw(s) % groups(of, 20));
		printf("%s%s%c", i > 0 ? " " : "", w, i < 5 ? 'a' : 'o');
	}
}

static void
put_record(uint64_t i, uint64_t of)
{
	static const char *const severities[] = { "critical", "major", "major",
	    "minor", "minor", "minor", "trivial" };
	uint64_t s = i * 1000003 + 17;
	char a[16];
	int len, k;

	len = printf("{\"type\":\"record\",\"record_id\":\"BUG-%" PRIu64
	    "\",\"record_type\":\"bug_record\",\"title\":\"", i);
	put_words(&s, 8);
	printf("\",\"timestamp\":%" PRIu64 ",\"status\":\"%s\",\"tags\":[",
	    UINT64_C(1500000000000) + i * 60000,
	    draw(&s) % 6 == 0 ? "rejected" : "resolved");
	for (k = 0; k < 2; k++) {
		word(a, draw(&s) % groups(of, 400));
		printf("%s\"%s_%" PRIu64 "\"", k ? "," : "", a,
		    draw(&s) % 2);
	}
	printf("],\"fields\":{\"severity\":\"%s\",\"module\":\"module_%" PRIu64
	    "\",\"project\":\"app\",\"affected_files\":[",
	    severities[draw(&s) % 7], draw(&s) % groups(of, 800));
	for (k = 0; k < 2; k++)
		printf("%s\"src/part_%" PRIu64 "/file_%" PRIu64 ".c\"",
		    k ? "," : "", draw(&s) % 50, draw(&s) % groups(of, 500));
	printf("],\"root_cause\":\"");
	put_cause(&s, of);
	printf("\",\"assignee\":\"dev%" PRIu64 "\",\"fix_description\":\"",
	    draw(&s) % 40);
	put_words(&s, 12);
	printf("\"},\"text\":\"");
	for (len += 560; len < BYTES - 80; len += 88)
		put_words(&s, 9);
	printf("\"}\n");
}

int
main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t of = argc > 3 ? strtoull(argv[3], NULL, 10) : n, i;

	for (i = first; i < first + n; i++)
		put_record(i, of);
	return fflush(stdout) != 0;
}
