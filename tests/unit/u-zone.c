/*
 * Zones against the C library's, in all of the system's zones.
 */
#include "tap.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/zone.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

static const char *const names[] = { "Europe/Berlin", "Europe/Dublin",
    "Europe/Lisbon", "America/New_York", "America/St_Johns",
    "America/Sao_Paulo", "America/Havana", "Africa/Casablanca",
    "Africa/Cairo", "Asia/Kolkata", "Asia/Tehran", "Asia/Gaza",
    "Asia/Pyongyang", "Australia/Lord_Howe", "Pacific/Apia",
    "Pacific/Auckland", "Pacific/Chatham", "Antarctica/Troll",
    "America/Nuuk", "EST5EDT", "Etc/GMT+12" };

#define ZONES (sizeof names / sizeof *names)

static int64_t
seconds(int year, int month, int day)
{
	struct date d = { .year = year, .month = month, .day = day };

	return date_join_utc(&d) / 1000;
}

/* How often it says something else than the C library, from year to year. */
static int
differs(const struct zone *z, int from, int to)
{
	int64_t s = seconds(from, 1, 1), end = seconds(to, 1, 1), back;
	struct date d;
	struct tm tm;
	time_t t;
	int wrong = 0;

	for (; s < end; s += 40000) {	/* less than half a day */
		t = (time_t)s;
		localtime_r(&t, &tm);
		d = (struct date){ tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, 0, 0 };
		back = date_join_utc(&d) / 1000;
		wrong += zone_offset(z, s) != back - s;
	}
	return wrong;
}

static void
against_libc(void)
{
	char tz[80];
	struct zone *z;
	struct err e;
	size_t i;
	int wrong;

	for (i = 0; i < ZONES; i++) {
		if (zone_open(&z, names[i], &e) < 0) {
			ok(true, "%s # SKIP not on this system", names[i]);
			continue;
		}
		snprintf(tz, sizeof tz, ":%s", names[i]);
		setenv("TZ", tz, 1);
		tzset();
		/* before 1970 files may leave out what others have */
		wrong = differs(z, 1970, 2110);
		is_int(wrong, 0, "%s", names[i]);
		zone_free(z);
	}
}

static void
rules(void)
{
	static const char *const good[] = { "UTC0",
	    "CET-1CEST,M3.5.0,M10.5.0/3",
	    "<+0330>-3:30", "IST-1GMT0,M10.5.0,M3.5.0/1",
	    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "EST5EDT,J60/2,J300/2",
	    "EST5EDT,59,299",
	    "IST-2IDT,M3.4.4/26,M10.5.0" };
	static const char *const bad[] = { "", "U0", "CET", "CET-1CEST",
	    "CET-25", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
	    "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0",
	    "CET-1CEST,J0,J1", "CET-1CEST,366,1", "<+03-3", "UTC0 ",
	    "CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,,", "UTC0\n" };
	struct zone *z;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof good / sizeof *good; i++) {
		if (!ok(zone_rule(&z, good[i], &e) == 0, "rule %s", good[i]))
			continue;
		setenv("TZ", good[i], 1);
		tzset();
		is_int(differs(z, 1975, 2060), 0, "as the C library has it");
		zone_free(z);
	}
	/* summer all year (RFC 8536, 3.3.1): not all libraries know it */
	ok(zone_rule(&z, "EST5EDT,0/0,J365/25", &e) == 0, "all summer");
	for (i = 0; i < 4000; i++)
		if (zone_offset(z, (int64_t)i * 40000) != -4 * 3600)
			break;
	is_int((int64_t)i, 4000, "is summer");
	zone_free(z);
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(zone_rule(&z, bad[i], &e) == -1 && e.code == ERR_USAGE,
		    "no rule: '%s'", bad[i]);
}

static void
bad_names(void)
{
	static const char *const bad[] = { "../etc/passwd", "/etc/localtime",
	    "Europe//Berlin", "Europe/../UTC", "Nowhere/City", "Europe",
	    "posixrules\n", ".", "zone.tab", "tzdata.zi", "leapseconds" };
	struct zone *z;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(zone_open(&z, bad[i], &e) == -1 && e.code == ERR_USAGE,
		    "no zone: '%s'", bad[i]);
	ok(zone_open(&z, "UTC", &e) == 0 && zone_offset(z, 0) == 0, "UTC");
	zone_free(z);
	is_int(zone_offset(NULL, 0), 0, "NULL is UTC");
}

/* Each byte of a file changed, and each beginning of it. */
static void
damage(void)
{
	struct buf b = BUF_INIT;
	struct zone *z;
	struct err e;
	size_t i, read = 0;
	int64_t sum = 0;

	if (buf_read_file(&b, "/usr/share/zoneinfo/Europe/Berlin", 1 << 20,
	    &e) < 0) {
		ok(true, "damage # SKIP no zones on this system");
		return;
	}
	for (i = 0; i < b.len; i++) {
		b.p[i] = (char)(b.p[i] ^ 0xff);
		if (zone_read(&z, b.p, b.len, &e) == 0) {
			sum += zone_offset(z, 1700000000);
			zone_free(z);
			read++;
		}
		b.p[i] = (char)(b.p[i] ^ 0xff);
	}
	ok(read < b.len && sum != 1, "damage is found, or does no harm");
	for (i = 0, read = 0; i < b.len; i++)
		if (zone_read(&z, b.p, i, &e) == 0) {
			zone_free(z);
			read++;
		}
	is_int((int64_t)read, 0, "a file that was cut off");
	is_int(zone_read(&z, b.p, b.len, &e), 0, "the whole one");
	zone_free(z);
	buf_release(&b);
}

static void
local(void)
{
	static const struct { const char *tz; int32_t offset; } of[] = {
		{ "", 0 }, { "Asia/Kolkata", 19800 },
		{ ":Asia/Kolkata", 19800 }, { "<+05>-5", 18000 },
		{ ":/usr/share/zoneinfo/Asia/Kolkata", 19800 },
		{ "nonsense", 0 } };
	struct zone *z;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof of / sizeof *of; i++) {
		setenv("TZ", of[i].tz, 1);
		if (ok(zone_open(&z, "local", &e) == 0, "TZ=%s", of[i].tz)) {
			is_int(zone_offset(z, 1700000000), of[i].offset,
			    "is so far from UTC");
			zone_free(z);
		}
	}
	unsetenv("TZ");
	ok(zone_open(&z, "local", &e) == 0, "without TZ");
	zone_free(z);
}

int
main(void)
{
	unsetenv("TZDIR");
	against_libc();
	rules();
	bad_names();
	damage();
	local();
	return done();
}
