/*
 * Times of anybody: what is read lies in the range and comes back from
 * what is written; a period ends after it began.
 */
#include "fuzz.h"

#include "base/date.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
round_trip(int64_t ms)
{
	char s[DATE_LEN + 1], local[32];
	struct date d;
	int64_t back;
	int wyear, week;

	must(ms >= DATE_MIN && ms <= DATE_MAX);
	date_format(s, ms);
	must(strlen(s) == DATE_LEN && date_machine(s, &back) && back == ms);
	date_format_local(local, ms);
	must(strlen(local) == 16);
	date_split(ms, &d);
	/* a repeated time is the first; at the ends the year is held */
	back = date_join(&d);
	must((back <= ms && ms - back <= 86400000) ||
	    ms < DATE_MIN + 86400000);
	date_iso_week(d.year, d.month, d.day, &wyear, &week);
	must(week >= 1 && week <= 53);
	must(abs(wyear - d.year) <= 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const zones[] = { "UTC", "Europe/Berlin",
	    "America/Sao_Paulo", "Pacific/Apia" };
	char *s;
	int64_t ms, start, end;
	struct err e;

	if (len == 0)
		return 0;
	/* where there are no zones it is UTC every time */
	(void)date_zone(zones[data[0] % 4], &e);
	if ((s = malloc(len)) == NULL)
		exit(71);
	memcpy(s, data + 1, len - 1);
	s[len - 1] = '\0';
	if (date_machine(s, &ms))
		round_trip(ms);
	if (date_parse(s, INT64_C(1795167000000), &start, &end, &e) == 0) {
		must(start >= DATE_MIN && end <= DATE_MAX + 1);
		must(start <= end);	/* a day left out is empty */
		if (start <= DATE_MAX)
			round_trip(start);
	} else
		must(e.code == ERR_USAGE);
	(void)date_zone(s, &e);
	free(s);
	return 0;
}
