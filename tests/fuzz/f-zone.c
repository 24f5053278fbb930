/*
 * Compiled zones and rules of anybody: what is read answers for any time.
 */
#include "fuzz.h"

#include "base/date.h"
#include "base/period.h"
#include "base/zone.h"

#include <stdlib.h>
#include <string.h>

static void
use(struct zone *z)
{
	static const int64_t at[] = { DATE_MIN, -1, 0, INT64_C(1763640000000),
	    INT64_C(4102444800000), DATE_MAX };
	struct period p;
	size_t i;

	for (i = 0; i < sizeof at / sizeof *at; i++) {
		must(abs(zone_offset(z, at[i] / 1000)) <= 26 * 3600);
		period_at(&p, z, PERIOD_DAY, at[i]);
		period_at(&p, z, PERIOD_YEAR, at[i]);
	}
	zone_free(z);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct zone *z;
	struct err e;
	char *s;

	if (zone_read(&z, data, len, &e) == 0)
		use(z);
	if ((s = malloc(len + 1)) == NULL)
		exit(71);
	memcpy(s, data, len);
	s[len] = '\0';
	if (zone_rule(&z, s, &e) == 0)
		use(z);
	free(s);
	return 0;
}
