/*
 * How well the live flow tells what users say: q-live [-v] FILE, in the form
 * of tests/data/live.  A find is right when its kind is the turn's and what is
 * labelled stands in its words; a turn is found when one of its finds is
 * right.  Prints precision, recall and counts as JSON; -v what was wrong.
 * q-live -t N FILE reads it so often, for measuring.
 */
#include "base/buf.h"
#include "base/json.h"
#include "ltm/live_fill.h"
#include "ltm/live_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct figures {
	int turns, facts, found, finds, right;
	bool tell;
};

/* "\n" is a new line. */
static void
unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (s[0] == '\\' && s[1] == 'n') {
			*to++ = '\n';
			s++;
		} else
			*to++ = *s;
	}
	*to = '\0';
}

static void
turn(const struct live_rules *rules, struct figures *f, const char *kind,
    const char *value, char *text)
{
	struct live_finds finds = LIVE_FINDS_INIT;
	bool fact = strcmp(kind, "none") != 0, found = false;
	struct buf b = BUF_INIT;
	size_t i;

	unescape(text);
	live_read(rules, text, strlen(text), &finds);
	f->turns++;
	f->facts += fact;
	for (i = 0; i < finds.n; i++) {
		const struct live_rule *r = finds.v[i].rule;
		bool right;

		buf_reset(&b);
		live_fill(&b, r->content != NULL ? r->content : "{value}",
		    text, &finds.v[i].m, false);
		right = fact && strcmp(r->kind, kind) == 0 &&
		    strstr(b.p, value) != NULL;
		f->finds++;
		f->right += right;
		found = found || right;
		if (f->tell && !right)
			printf("wrong: %s '%s' of: %s\n", r->name, b.p, text);
	}
	f->found += found;
	if (f->tell && fact && !found)
		printf("missed: %s '%s' of: %s\n", kind, value, text);
	live_finds_release(&finds);
	buf_release(&b);
}

static int
read_turns(const struct live_rules *rules, const char *path,
    struct figures *f)
{
	char line[8192], *value, *text;
	FILE *in = fopen(path, "r");

	if (in == NULL)
		return -1;
	while (fgets(line, sizeof line, in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || (value = strchr(line, '\t')) == NULL ||
		    (text = strchr(value + 1, '\t')) == NULL)
			continue;
		*value++ = '\0';
		*text++ = '\0';
		turn(rules, f, line, value, text);
	}
	fclose(in);
	return 0;
}

int
main(int argc, char **argv)
{
	struct live_rules rules = LIVE_RULES_INIT;
	struct figures f = { .turns = 0 };
	struct err e = { 0 };
	int times = 1, i = 1;

	json_setup();
	if (argc > i && strcmp(argv[i], "-v") == 0)
		f.tell = i++ > 0;
	else if (argc > i + 1 && strcmp(argv[i], "-t") == 0) {
		times = atoi(argv[i + 1]);
		i += 2;
	}
	if (argc != i + 1 || live_rules_built_in(&rules, &e) < 0) {
		fprintf(stderr, "q-live: %s\n", e.msg[0] != '\0' ? e.msg :
		    "q-live [-v | -t n] file");
		return 2;
	}
	while (times-- > 0)
		if (read_turns(&rules, argv[i], &f) < 0)
			return 2;
	printf("{\"turns\": %d, \"facts\": %d, \"finds\": %d, \"right\": %d, "
	    "\"precision\": %.3f, \"recall\": %.3f}\n", f.turns, f.facts,
	    f.finds, f.right, f.finds > 0 ? (double)f.right / f.finds : 0.0,
	    f.facts > 0 ? (double)f.found / f.facts : 0.0);
	live_rules_release(&rules);
	return 0;
}
