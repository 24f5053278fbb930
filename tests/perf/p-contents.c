/*
 * What cutting and summing up cost: p-contents [-s N] <EVENTS
 *
 * EVENTS are JSON Lines as p-events writes them; N of them (22) make a
 * session.  One line of JSON: segments, and seconds of CPU for finding the
 * words, for cutting, and for the summaries.
 */
#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "toc/cut.h"
#include "toc/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct turn *
read_events(size_t *n)
{
	struct turn *t = NULL;
	size_t cap = 0, room = 0;
	char *line = NULL;
	struct err e;
	ssize_t len;
	json_t *o;

	for (*n = 0; (len = getline(&line, &room, stdin)) > 0; ++*n) {
		if ((o = json_read(line, (size_t)len, &e)) == NULL) {
			fprintf(stderr, "p-contents: %s\n", e.msg);
			exit(2);
		}
		t = xgrow(t, *n, &cap, sizeof *t);
		memset(&t[*n], 0, sizeof *t);
		t[*n].text = xstrdup(get_str(o, "text", NULL));
		t[*n].len = strlen(t[*n].text);
		t[*n].time_ms = json_integer_value(json_object_get(o,
		    "timestamp"));
		t[*n].role = str_eq(get_str(o, "role", NULL), "user") ?
		    ROLE_USER : ROLE_ASSISTANT;
		t[*n].type = t[*n].role == ROLE_USER ? EVENT_USER_MESSAGE :
		    EVENT_ASSISTANT_MESSAGE;
		json_decref(o);
	}
	free(line);
	return t;
}

static void
session(struct summariser *s, struct turn *t, size_t n, size_t *segments,
    double spent[2])
{
	struct cut rules = CUT_INIT;
	struct summary out;
	size_t at, k, seen, back;
	double before;

	for (at = 0; at < n; at += k) {
		before = cpu();
		k = cut_next(&rules, t + at, n - at, &seen);
		back = cut_back(&rules, t, at, t[at].time_ms);
		spent[0] += cpu() - before;
		before = cpu();
		summary_turns(s, t + at - back, k + back, back, &out);
		summary_release(&out);
		spent[1] += cpu() - before;
		++*segments;
	}
}

int
main(int argc, char **argv)
{
	struct turn_reader *r = turn_reader_new();
	struct summariser *s = summariser_new();
	size_t n, i, each = 22, segments = 0, some;
	double spent[2] = { 0, 0 }, words = 0, before;
	struct turn *t;
	int opt;

	alloc_name = "p-contents";
	json_setup();
	while ((opt = getopt(argc, argv, "s:")) == 's')
		each = strtoul(optarg, NULL, 10);
	if (opt != -1 || optind != argc || each == 0) {
		fprintf(stderr, "usage: p-contents [-s events] <events\n");
		return 64;
	}
	t = read_events(&n);
	for (i = 0; i < n; i += some) {
		some = n - i < each ? n - i : each;
		before = cpu();
		for (size_t k = i; k < i + some; k++)
			turn_read(r, &t[k]);
		words += cpu() - before;
		session(s, t + i, some, &segments, spent);
		for (size_t k = i; k < i + some; k++)
			turn_release(&t[k]);
	}
	printf("{\"type\":\"contents\",\"events\":%zu,\"segments\":%zu,"
	    "\"words_s\":%.3f,\"cut_s\":%.3f,\"summary_s\":%.3f}\n", n,
	    segments, words, spent[0], spent[1]);
	turn_reader_free(r);
	summariser_free(s);
	return 0;
}
