/*
 * Answers of any model that proposes facts: what is kept of one lies in the
 * turns that it was shown, among what is said there.
 */
#include "fuzz.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/utf8.h"
#include "ltm/live_check.h"

#include <string.h>

static const char *const said[] = {
	"I live in vim all day, you know. Coffee is not for me.",
	"For this session, run 4 jobs. > no. What about 5?",
	"\xe4\xbb\xa3\xe7\xa0\x81 dark  mode \n\n> it was I who said so.",
};

#define TURNS (sizeof said / sizeof *said)

static struct live_rules rules = LIVE_RULES_INIT;
static struct live_shown shown[TURNS];
static struct turn_reader *reader;

static void
setup(void)
{
	struct err e;
	size_t i;

	json_setup();
	must(live_rules_built_in(&rules, &e) == 0);
	reader = turn_reader_new();
	for (i = 0; i < TURNS; i++) {
		shown[i].seq = (int64_t)i + 1;
		shown[i].id[0] = (char)('A' + i);
		shown[i].text = xstrdup(said[i]);
		shown[i].len = strlen(said[i]);
		live_listen(&rules, said[i], shown[i].len, &shown[i].says);
		must(shown[i].says.n > 0);
	}
}

static void
check(const struct live_proposal *p)
{
	const struct live_shown *s;
	size_t i;
	bool in = false;

	must(p->seq >= 1 && p->seq <= (int64_t)TURNS);
	s = &shown[p->seq - 1];
	for (i = 0; i < s->says.n; i++)
		in = in || (p->at >= s->says.v[i].at && p->at + p->len <=
		    s->says.v[i].at + s->says.v[i].len);
	must(in && p->len > 0);
	must(utf8_check(s->text + p->at, p->len) == p->len);
	must(p->value.len == 0 || (p->value.at >= p->at &&
	    p->value.at + p->value.len <= p->at + p->len));
	must(p->sure >= 0 && p->sure <= LIVE_MODEL_SURE);
	must(utf8_check(p->key, strlen(p->key)) == strlen(p->key));
	must(strlen(p->key) <= 200 && strlen(p->content) <= 300);
	must(*p->content != '\0' && p->kind != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct live_proposals got = LIVE_PROPOSALS_INIT;
	int64_t all = 0;
	struct err e;
	size_t i;
	json_t *o;

	if (reader == NULL)
		setup();
	if ((o = json_read((const char *)data, len, &e)) == NULL)
		return 0;
	if (live_check(&rules, reader, o, shown, TURNS, &got, &e) == 0) {
		must(got.n <= 4 * TURNS);
		for (i = 0; i < got.n; i++)
			check(&got.v[i]);
		for (i = 0; i < LIVE_DROPS; i++)
			all += got.dropped[i];
		must(all + (int64_t)got.n == got.came);
	} else
		must(got.n == 0 && e.code == ERR_INPUT);
	live_proposals_release(&got);
	json_decref(o);
	return 0;
}
