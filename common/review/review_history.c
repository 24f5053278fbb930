#include "review/review_work.h"

#include "base/date.h"

#include <string.h>

#define PARTNER_TIMES 3		/* fixes of both, at least */
#define PARTNER_SHARE 0.4	/* of the fixes of the one, by n_eff */

static size_t
find(const struct review *r, const struct review_file *f)
{
	size_t i;

	if (r->churn == NULL)
		return CHURN_NONE;
	i = churn_find(r->churn, f->path);
	return i != CHURN_NONE || f->was == NULL ? i :
	    churn_find(r->churn, f->was);
}

bool
review_risk(const struct review *r, const struct review_file *f,
    struct risk *risk, struct buf *message)
{
	size_t file = find(r, f), n;
	char when[DATE_LEN + 1];
	const int64_t *t;

	if (file == CHURN_NONE)
		return false;
	churn_risk(r->churn, file, r->how.now_ms, risk);
	t = churn_fixes(r->churn, file, &n);
	date_format(when, churn_start(r->churn));
	buf_addf(message, "%lld changes since %.7s, %zu of them fixes",
	    (long long)churn_touches(r->churn, file), when, n);
	if (n > 0) {
		date_format(when, t[n - 1]);
		buf_addf(message, ", the last on %.10s", when);
	}
	return true;
}

int
review_partners(struct review *r, const struct review_file *f,
    struct err *e)
{
	struct churn_partner p[REVIEW_PARTNERS];
	size_t file = find(r, f), i, n;
	struct buf b = BUF_INIT;
	const char *path;
	struct risk risk, both = { .severity = 0.5 };
	int status = 0;

	if (file == CHURN_NONE)
		return 0;
	churn_risk(r->churn, file, r->how.now_ms, &risk);
	n = churn_partners(r->churn, file, r->how.now_ms, p, REVIEW_PARTNERS);
	for (i = 0; status == 0 && i < n; i++) {
		path = churn_path(r->churn, p[i].file);
		if (p[i].times < PARTNER_TIMES || p[i].n_eff <
		    PARTNER_SHARE * risk.file ||
		    map_get(&r->paths, path) != NULL)
			continue;
		buf_reset(&b);
		buf_addf(&b, "usually fixed together with %s (%lld times), "
		    "which is not in this change", path,
		    (long long)p[i].times);
		risk = (struct risk){ .file = p[i].n_eff };
		both.file = p[i].n_eff;
		status = review_add(r, REVIEW_PARTNER, f, risk_confidence(
		    risk_evidence(&both), both.severity), path, b.p, NULL, e);
	}
	buf_release(&b);
	return status;
}
