#include "docs/xlsx_format.h"

#include "base/date.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define LAST_DAY 2958465.999999	/* 9999-12-31 */

/* Only the first section counts: the others are of negative numbers, zero and
 * text.  m is of months beside y or d, of minutes beside h or s. */
struct xlsx_format
xlsx_format_of(const char *s)
{
	bool date = false, time = false, m = false, elapsed = false,
	    point = false, percent = false, digits = false, power = false;
	struct xlsx_format f = { XLSX_GENERAL, 0 };
	size_t n;

	for (; *s != '\0' && *s != ';'; s++)
		switch (*s) {
		case '"':
			n = strcspn(s + 1, "\"");
			s += s[n + 1] != '\0' ? n + 1 : n;
			break;
		case '\\':
		case '_':
		case '*':
			s += s[1] != '\0';
			break;
		case '[':		/* [Red], [$-409], [h] */
			elapsed |= strchr("hHmMsS", s[1]) != NULL &&
			    s[1] != '\0' && (s[2] == ']' || s[2] == s[1]);
			n = strcspn(s, "]");
			s += s[n] != '\0' ? n : n - 1;
			break;
		case 'y': case 'Y': case 'd': case 'D': case 'e':
			date = true;
			break;
		case 'h': case 'H': case 's': case 'S':
			time = true;
			break;
		case 'm': case 'M':
			m = true;
			break;
		case 'G':		/* General; G and g are of eras, too */
			if (strncmp(s, "General", 7) == 0)
				s += 6;
			break;
		case 'E':
			power = true;
			break;
		case '%':
			percent = true;
			break;
		case '.':
			point = true;
			break;
		case '0': case '#': case '?':
			digits = true;
			f.decimals += point && f.decimals < 15;
			break;
		case '@':
			f.kind = XLSX_TEXT;
			break;
		default:
			break;
		}
	if (m && !time)
		date = true;
	if (elapsed)
		f.kind = XLSX_ELAPSED;
	else if (date || time)
		f.kind = date && time ? XLSX_DATE_TIME : date ? XLSX_DATE :
		    XLSX_TIME;
	else if (percent)
		f.kind = XLSX_PERCENT;
	else if (digits && !power)
		f.kind = XLSX_FIXED;
	return f;
}

struct xlsx_format
xlsx_format_id(int64_t id)
{
	struct xlsx_format f = { XLSX_GENERAL, 0 };

	if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 ||
	    (id >= 50 && id <= 54) || id == 57 || id == 58)
		f.kind = XLSX_DATE;
	else if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) ||
	    id == 55 || id == 56 || id == 45 || id == 47)
		f.kind = XLSX_TIME;
	else if (id == 22)
		f.kind = XLSX_DATE_TIME;
	else if (id == 46)
		f.kind = XLSX_ELAPSED;
	else if (id == 9 || id == 10)
		f.kind = XLSX_PERCENT;
	else if ((id >= 1 && id <= 4) || (id >= 37 && id <= 40))
		f.kind = XLSX_FIXED;
	else if (id == 49)
		f.kind = XLSX_TEXT;
	if (id == 2 || id == 4 || id == 10 || id == 39 || id == 40)
		f.decimals = 2;
	return f;
}

/* Days from 1900 on, of which 29 February was one by mistake. */
static int64_t
to_ms(double days, bool from_1904)
{
	double base = from_1904 ? -24107 : days < 60 ? -25568 : -25569;

	/* to a second: what is below it is what doubles leave */
	return (int64_t)floor((days + base) * 86400 + 0.5) * 1000;
}

static void
show_date(char *out, enum xlsx_kind kind, double days, bool from_1904)
{
	struct date d;
	int64_t s;

	if (kind == XLSX_ELAPSED) {
		s = (int64_t)floor(days * 86400 + 0.5);
		snprintf(out, XLSX_SHOWN, "%" PRId64 ":%02d:%02d", s / 3600,
		    (int)(s / 60 % 60), (int)(s % 60));
		return;
	}
	date_split_utc(to_ms(days, from_1904), &d);
	if (kind == XLSX_TIME)
		snprintf(out, XLSX_SHOWN, "%02d:%02d:%02d", d.hour, d.min,
		    d.sec);
	else if (kind == XLSX_DATE)
		snprintf(out, XLSX_SHOWN, "%04d-%02d-%02d", d.year, d.month,
		    d.day);
	else
		snprintf(out, XLSX_SHOWN, "%04d-%02d-%02dT%02d:%02d:%02d",
		    d.year, d.month, d.day, d.hour, d.min, d.sec);
}

void
xlsx_show(char out[XLSX_SHOWN], const struct xlsx_format *f,
    const char *value, bool from_1904)
{
	char *end;
	double x = strtod(value, &end);
	int n = 0;

	if (end == value || *end != '\0' || !isfinite(x)) {
		snprintf(out, XLSX_SHOWN, "%s", value);
		return;
	}
	switch (f->kind) {
	case XLSX_DATE:
	case XLSX_TIME:
	case XLSX_DATE_TIME:
	case XLSX_ELAPSED:
		if (x >= 0 && x <= LAST_DAY - (from_1904 ? 1462 : 0))
			show_date(out, f->kind, x, from_1904);
		else
			snprintf(out, XLSX_SHOWN, "%.15g", x);
		return;
	case XLSX_PERCENT:
		x *= 100;
		/* FALLTHROUGH */
	case XLSX_FIXED:
		if (fabs(x) < 1e15)
			n = snprintf(out, XLSX_SHOWN, "%.*f", f->decimals, x);
		else
			n = snprintf(out, XLSX_SHOWN, "%.15g", x);
		break;
	default:
		/* 0.30000000000000004 is shown as 0.3 */
		n = snprintf(out, XLSX_SHOWN, "%.15g", x);
	}
	if (f->kind == XLSX_PERCENT && n > 0 && n < XLSX_SHOWN - 1)
		memcpy(out + n, "%", 2);
}
