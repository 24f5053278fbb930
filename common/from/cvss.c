/*
 * The formulas as they stand in the specifications.
 */
#include "from/cvss.h"

#include <math.h>
#include <string.h>

struct weight {
	const char *metric;	/* "AV:N" */
	double w;
};

/* The weight of a metric in a vector, or -1: it is not there. */
static double
weight(const char *vector, const char *metric, const struct weight *w)
{
	size_t n = strlen(metric), k;
	const char *p;

	for (p = vector; p != NULL; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, metric, n) == 0 && p[n] == ':')
			break;
	}
	for (; p != NULL && w->metric != NULL; w++) {
		k = strlen(w->metric);
		if (strncmp(p, w->metric, k) == 0 &&
		    (p[k] == '/' || p[k] == '\0'))
			return w->w;
	}
	return -1;
}

static const struct weight impact3[] = { { "C:H", .56 }, { "C:L", .22 },
    { "C:N", 0 }, { "I:H", .56 }, { "I:L", .22 }, { "I:N", 0 },
    { "A:H", .56 }, { "A:L", .22 }, { "A:N", 0 }, { NULL, 0 } };
static const struct weight exploit3[] = { { "AV:N", .85 }, { "AV:A", .62 },
    { "AV:L", .55 }, { "AV:P", .2 }, { "AC:L", .77 }, { "AC:H", .44 },
    { "PR:N", .85 }, { "PR:L", .62 }, { "PR:H", .27 }, { "UI:N", .85 },
    { "UI:R", .62 }, { NULL, 0 } };
/* with the scope changed */
static const struct weight rights3[] = { { "PR:N", .85 }, { "PR:L", .68 },
    { "PR:H", .5 }, { NULL, 0 } };
static const struct weight scope3[] = { { "S:U", 0 }, { "S:C", 1 },
    { NULL, 0 } };

/* Appendix A of 3.1: up to the next tenth, in whole numbers. */
static double
roundup(double x)
{
	long n = lround(x * 100000);

	return n % 10000 == 0 ? (double)n / 100000 :
	    (double)(n / 10000 + 1) / 10;
}

static double
base3(const char *v)
{
	double c = weight(v, "C", impact3), i = weight(v, "I", impact3);
	double a = weight(v, "A", impact3), s = weight(v, "S", scope3);
	double av = weight(v, "AV", exploit3), ac = weight(v, "AC", exploit3);
	double ui = weight(v, "UI", exploit3);
	double pr = weight(v, "PR", s > 0 ? rights3 : exploit3);
	double iss, impact, sum;

	if (c < 0 || i < 0 || a < 0 || s < 0 || av < 0 || ac < 0 || ui < 0 ||
	    pr < 0)
		return -1;
	iss = 1 - (1 - c) * (1 - i) * (1 - a);
	impact = s > 0 ? 7.52 * (iss - .029) - 3.25 * pow(iss - .02, 15) :
	    6.42 * iss;
	if (impact <= 0)
		return 0;
	sum = impact + 8.22 * av * ac * pr * ui;
	if (s > 0)
		sum *= 1.08;
	return roundup(fmin(sum, 10));
}

static const struct weight weights2[] = { { "AV:L", .395 }, { "AV:A", .646 },
    { "AV:N", 1 }, { "AC:H", .35 }, { "AC:M", .61 }, { "AC:L", .71 },
    { "Au:M", .45 }, { "Au:S", .56 }, { "Au:N", .704 }, { "C:N", 0 },
    { "C:P", .275 }, { "C:C", .66 }, { "I:N", 0 }, { "I:P", .275 },
    { "I:C", .66 }, { "A:N", 0 }, { "A:P", .275 }, { "A:C", .66 },
    { NULL, 0 } };

static double
base2(const char *v)
{
	double c = weight(v, "C", weights2), i = weight(v, "I", weights2);
	double a = weight(v, "A", weights2), av = weight(v, "AV", weights2);
	double ac = weight(v, "AC", weights2), au = weight(v, "Au", weights2);
	double impact;

	if (c < 0 || i < 0 || a < 0 || av < 0 || ac < 0 || au < 0)
		return -1;
	impact = 10.41 * (1 - (1 - c) * (1 - i) * (1 - a));
	if (impact <= 0)
		return 0;
	return round((.6 * impact + .4 * 20 * av * ac * au - 1.5) * 1.176 *
	    10) / 10;
}

double
cvss_base(const char *vector)
{
	if (strncmp(vector, "CVSS:3.0/", 9) == 0 ||
	    strncmp(vector, "CVSS:3.1/", 9) == 0)
		return base3(vector + 9);
	return strncmp(vector, "CVSS:", 5) == 0 ? -1 : base2(vector);
}

const char *
cvss_word(double score)
{
	return score >= 9 ? "critical" : score >= 7 ? "high" :
	    score >= 4 ? "medium" : "low";
}
