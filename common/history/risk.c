#include "history/risk.h"

#include <math.h>

#define COMPONENT 0.1
#define CHURN 0.3

double
risk_decay(double n_eff, int64_t age_ms)
{
	return age_ms <= 0 ? n_eff :
	    n_eff * exp2(-(double)age_ms / (double)RISK_HALF_MS);
}

double
risk_weight(size_t files)
{
	return files > 0 ? 1 / sqrt((double)files) : 0;
}

double
risk_evidence(const struct risk *r)
{
	return log2(1 + r->file) + CHURN * log2(1 + r->churn) +
	    COMPONENT * log2(1 + r->component);
}

double
risk_confidence(double evidence, double severity)
{
	double c = 0.40 + 0.11 * evidence + 0.10 * (severity - 0.5);

	return c < 0 ? 0 : c > RISK_CAP ? RISK_CAP : c;
}
