#include "ltm/live_around.h"

bool
live_veto(const struct live_rules *l, const struct live_text *t,
    enum live_where where, size_t from, size_t to)
{
	const struct live_veto *v;
	size_t i, k, end = 0, at;

	for (i = 0; i < l->nvetoes; i++) {
		v = &l->veto[i];
		if (v->where != where)
			continue;
		for (k = 0; k < v->say.n; k++) {
			if (where >= LIVE_BEGINS_VALUE) {
				end = live_phrase(v->say.v[k], t, from, to);
				if (end > 0 && (where != LIVE_IS_VALUE ||
				    end == to))
					return true;
				continue;
			}
			at = live_phrase_find(v->say.v[k], t, from, to,
			    &end);
			if (at < to)
				return true;
		}
	}
	return false;
}

bool
live_sentence_vetoed(const struct live_rules *l, const struct live_text *t,
    size_t from, size_t to)
{
	/* its beginning with and without the phrases there */
	size_t lead = live_lead(l, t, from, to, NULL);

	return live_veto(l, t, LIVE_IN_SENTENCE, from, to) ||
	    live_veto(l, t, LIVE_BEGINS_SENTENCE, from, to) ||
	    (lead < to && live_veto(l, t, LIVE_BEGINS_SENTENCE, lead, to));
}
