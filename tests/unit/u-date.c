/*
 * Time: the calendar against a slow walk and the C library, zones, what
 * machines and people write.
 */
#include "tap.h"

#include "base/date.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define MIN	INT64_C(60000)
#define HOUR	(60 * MIN)
#define DAY	(24 * HOUR)
#define NOW	INT64_C(1795167000000)	/* Friday 2026-11-20T09:30:00Z */

static const char *
iso(int64_t ms)
{
	static char s[4][DATE_LEN + 1];
	static int i;

	i = (i + 1) % 4;
	date_format(s[i], ms);
	return s[i];
}

/* Every day from 0001-01-01 to 9999-12-31, walked by hand. */
static void
calendar(void)
{
	int y, m, d, last, wd = 1, wrong = 0, wy, w, back = 0;
	int64_t ms = DATE_MIN;
	struct date got;

	for (y = 1; y <= 9999; y++)
		for (m = 1; m <= 12; m++) {
			last = m == 2 ? 28 + (y % 4 == 0 && (y % 100 != 0 ||
			    y % 400 == 0)) : 30 + ((m + m / 8) % 2);
			wrong += date_days_in(y, m) != last;
			for (d = 1; d <= last; d++, ms += DAY) {
				date_split_utc(ms, &got);
				wrong += got.year != y || got.month != m ||
				    got.day != d || got.hour != 0 ||
				    date_join_utc(&got) != ms ||
				    date_weekday(y, m, d) != wd;
				wd = wd % 7 + 1;
				if (d != 1 && d != last)
					continue;
				date_iso_week(y, m, d, &wy, &w);
				back += date_week_start(wy, w) > ms ||
				    date_week_start(wy, w) + 7 * DAY <= ms ||
				    w < 1 || w > 53;
			}
		}
	is_int(wrong, 0, "each day of 9999 years");
	is_int(back, 0, "each is in its week");
	is_int(ms, DATE_MAX + 1, "and then they end");
	date_split_utc(-1, &got);
	ok(got.year == 1969 && got.month == 12 && got.day == 31 &&
	    got.hour == 23 && got.min == 59 && got.sec == 59 && got.ms == 999,
	    "before 1970");
}

/* ISO weeks as strftime has them. */
static void
weeks(void)
{
	int i, wy, w, wrong = 0;
	char s[16], want[16];
	struct tm tm;
	time_t t;

	for (i = -20000; i < 60000; i++) {
		t = (time_t)i * 86400;
		gmtime_r(&t, &tm);
		strftime(want, sizeof want, "%G-%V-%u", &tm);
		date_iso_week(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		    &wy, &w);
		snprintf(s, sizeof s, "%04d-%02d-%d", wy, w,
		    date_weekday(tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday));
		wrong += strcmp(s, want) != 0;
	}
	is_int(wrong, 0, "ISO weeks of 1915 to 2134");
	is_str(iso(date_week_start(2020, 53)), "2020-12-28T00:00:00.000Z",
	    "the start of 2020-W53");
	is_str(iso(date_week_start(2026, 1)), "2025-12-29T00:00:00.000Z",
	    "a week starts in the year before");
}

static void
machine(void)
{
	static const struct {
		const char *text, *want;	/* NULL: refused */
	} t[] = {
		{ "2024-01-29T08:00:00Z", "2024-01-29T08:00:00.000Z" },
		{ "2024-01-29t08:00:00.5z", "2024-01-29T08:00:00.500Z" },
		{ "2024-01-29 08:00:00.123456789+01:00",
		    "2024-01-29T07:00:00.123Z" },
		{ "2024-01-29T08:00:00,12", "2024-01-29T08:00:00.120Z" },
		{ "2024-01-29T08:00:00.000+0530", "2024-01-29T02:30:00.000Z" },
		{ "2024-01-29T08:00-08", "2024-01-29T16:00:00.000Z" },
		{ "2024-01-29 08:00:00 UTC", "2024-01-29T08:00:00.000Z" },
		{ "2024-01-29 08:00:00 -0000", "2024-01-29T08:00:00.000Z" },
		{ "2024-01-29T08:00", "2024-01-29T08:00:00.000Z" },
		{ "2024-02-29", "2024-02-29T00:00:00.000Z" },
		{ "2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z" },
		{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z" },
		{ "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z" },
		{ "0", "1970-01-01T00:00:00.000Z" },
		{ "1706515200", "2024-01-29T08:00:00.000Z" },
		{ "1706515200.25", "2024-01-29T08:00:00.250Z" },
		{ "1706515200123", "2024-01-29T08:00:00.123Z" },
		{ "1706515200123.9", "2024-01-29T08:00:00.123Z" },
		{ "-1", "1969-12-31T23:59:59.000Z" },
		{ "-0.5", "1969-12-31T23:59:59.500Z" },
		{ "99999999999", "5138-11-16T09:46:39.000Z" },
		{ "100000000000", "1973-03-03T09:46:40.000Z" },
		{ "253402300799999", "9999-12-31T23:59:59.999Z" },
		{ "253402300800000", NULL }, { "1706515200123456", NULL },
		{ "99999999999999999999999", NULL },
		{ "0001-01-01T00:00:00+00:01", NULL },
		{ "9999-12-31T23:59:59-00:01", NULL },
		{ "0000-12-31T00:00:00Z", NULL }, { "2023-02-29", NULL },
		{ "2024-13-01", NULL }, { "2024-00-01", NULL },
		{ "2024-01-32", NULL }, { "2024-01-00", NULL },
		{ "2024-01-29T24:00:00Z", NULL },
		{ "2024-01-29T08:60:00Z", NULL },
		{ "2024-01-29T08:00:61Z", NULL },
		{ "2024-01-29T08:00:00.Z", NULL },
		{ "2024-01-29T08:00:00+24:00", NULL },
		{ "2024-01-29T08:00:00+01:60", NULL },
		{ "2024-01-29T08:00:00+1", NULL },
		{ "2024-01-29T08:00:00ZZ", NULL },
		{ "2024-01-29T08:00:00 ", NULL },
		{ "2024-01-29T08", NULL }, { "2024-1-29", NULL },
		{ "2024-01", NULL },
		{ "", NULL }, { " 1", NULL }, { "-", NULL }, { ".5", NULL },
		{ "1.", NULL }, { "1e9", NULL },
		{ "0x10", NULL }, { "1 ", NULL },
		{ "yesterday", NULL }, { "12024-01-29T08:00:00Z", NULL },
		{ "2024-01-29T-1:00:00Z", NULL },
	};
	int64_t ms;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		ms = 42;
		if (t[i].want == NULL)
			ok(!date_machine(t[i].text, &ms) && ms == 42,
			    "'%s' is no time", t[i].text);
		else
			is_str(date_machine(t[i].text, &ms) ? iso(ms) : NULL,
			    t[i].want, "'%s'", t[i].text);
	}
	is_str(iso(INT64_MIN), "0001-01-01T00:00:00.000Z", "no year below 1");
	is_str(iso(INT64_MAX), "9999-12-31T23:59:59.999Z", "nor over 9999");
}

/* "START END" of what is parsed; END as what START + n ms is, if short. */
static const char *
period(const char *text)
{
	static char s[2 * DATE_LEN + 8];
	struct err e = { 0 };
	int64_t from, to;

	if (date_parse(text, NOW, &from, &to, &e) < 0)
		return e.code == ERR_USAGE ? "refused" : "another code";
	if (to == from + 1)
		snprintf(s, sizeof s, "%s", iso(from));
	else
		snprintf(s, sizeof s, "%s %s", iso(from), iso(to));
	return s;
}

#define D(from, to)	from "T00:00:00.000Z " to "T00:00:00.000Z"

static void
words(void)
{
	static const char *const t[][2] = {
		{ "now", "2026-11-20T09:30:00.000Z" },
		{ "today", D("2026-11-20", "2026-11-21") },
		{ "Yesterday", D("2026-11-19", "2026-11-20") },
		{ "tomorrow", D("2026-11-21", "2026-11-22") },
		{ "2026", D("2026-01-01", "2027-01-01") },
		{ "2024-02", D("2024-02-01", "2024-03-01") },
		{ "2026-12", D("2026-12-01", "2027-01-01") },
		{ "2024-02-29", D("2024-02-29", "2024-03-01") },
		{ "2026-W47", D("2026-11-16", "2026-11-23") },
		{ "2026-w53", D("2026-12-28", "2027-01-04") },
		{ "2024-01-29T08:00", "2024-01-29T08:00:00.000Z "
		    "2024-01-29T08:01:00.000Z" },
		{ "2024-01-29 08:00:05+01:00", "2024-01-29T07:00:05.000Z "
		    "2024-01-29T07:00:06.000Z" },
		{ "2024-01-29T08:00:05.250Z", "2024-01-29T08:00:05.250Z" },
		{ "1706515200", "2024-01-29T08:00:00.000Z" },
		{ "1706515200123", "2024-01-29T08:00:00.123Z" },
		{ "3 days ago", "2026-11-17T09:30:00.000Z" },
		{ "3.days.ago", "2026-11-17T09:30:00.000Z" },
		{ "3d", "2026-11-17T09:30:00.000Z" },
		{ "2h", "2026-11-20T07:30:00.000Z" },
		{ "90m", "2026-11-20T08:00:00.000Z" },
		{ "90 min ago", "2026-11-20T08:00:00.000Z" },
		{ "30 sec", "2026-11-20T09:29:30.000Z" },
		{ "30s", "2026-11-20T09:29:30.000Z" },
		{ "2w", "2026-11-06T09:30:00.000Z" },
		{ "a week ago", "2026-11-13T09:30:00.000Z" },
		{ "an Hour  ago", "2026-11-20T08:30:00.000Z" },
		{ "1 month ago", "2026-10-20T09:30:00.000Z" },
		{ "9 months ago", "2026-02-20T09:30:00.000Z" },
		{ "2 years ago", "2024-11-20T09:30:00.000Z" },
		{ "last week", D("2026-11-09", "2026-11-16") },
		{ "this week", D("2026-11-16", "2026-11-23") },
		{ "last_month", D("2026-10-01", "2026-11-01") },
		{ "this month", D("2026-11-01", "2026-12-01") },
		{ "last year", D("2025-01-01", "2026-01-01") },
		{ "last 3 days", "2026-11-17T09:30:00.000Z "
		    "2026-11-20T09:30:00.000Z" },
		{ "friday", D("2026-11-20", "2026-11-21") },
		{ "last friday", D("2026-11-13", "2026-11-14") },
		{ "thu", D("2026-11-19", "2026-11-20") },
		{ "last-thursday", D("2026-11-19", "2026-11-20") },
		{ "saturday", D("2026-11-14", "2026-11-15") },
		{ "Last Saturday", D("2026-11-14", "2026-11-15") },
		{ "0001", D("0001-01-01", "0002-01-01") },
		{ "9999", "9999-01-01T00:00:00.000Z "
		    "9999-12-31T23:59:59.999Z" },	/* iso() stops there */
		{ "", "refused" }, { " ", "refused" }, { "0000", "refused" },
		{ "20261120", "refused" }, { "5", "refused" },
		{ "2026-13", "refused" }, { "2025-W53", "refused" },
		{ "2026-W00", "refused" }, { "2026-W54", "refused" },
		{ "2026-W4", "refused" }, { "3 days days ago", "refused" },
		{ "3 dogs ago", "refused" }, { "ago", "refused" },
		{ "days ago", "refused" }, { "last", "refused" },
		{ "last dog", "refused" }, { "last 3 days ago", "refused" },
		{ "this monday", "refused" }, { "mond", "refused" },
		{ "999999999 years ago", "refused" },
		{ "99999999d", "refused" }, { "2h30m", "refused" },
		{ "1234567890 days ago", "refused" }, { "3 ago", "refused" },
		{ "2026-11-20T25:00", "refused" }, { "3 s m ago", "refused" },
		{ "9999999999999999", "refused" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaa", "refused" },
	};
	struct err e;
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		is_str(period(t[i][0]), t[i][1], "'%s'", t[i][0]);
	ok(date_parse("soon", NOW, NULL, NULL, &e) < 0 &&
	    strstr(e.msg, "'soon'") && strstr(e.msg, "2026-W47"),
	    "the message says what is understood");
}

static void
berlin(void)
{
	struct date d = { 2026, 3, 29, 2, 30, 0, 0, 0 };
	char s[32];

	is_str(period("2026-03-29"), "2026-03-28T23:00:00.000Z "
	    "2026-03-29T22:00:00.000Z", "a day of 23 hours");
	is_str(period("2026-10-25"), "2026-10-24T22:00:00.000Z "
	    "2026-10-25T23:00:00.000Z", "a day of 25 hours");
	is_str(iso(date_join(&d)), "2026-03-29T01:30:00.000Z",
	    "a skipped time is moved forward");
	d.month = 10;
	d.day = 25;
	is_str(iso(date_join(&d)), "2026-10-25T00:30:00.000Z",
	    "a repeated time is the first");
	date_split(INT64_C(1793489400000), &d);
	ok(d.day == 1 && d.hour == 0 && d.min == 30 && d.offset_min == 60 &&
	    d.month == 11, "split in winter");
	date_format_local(s, INT64_C(1782844200000));
	is_str(s, "2026-06-30 20:30", "shown in summer");
	is_str(period("2026-11-20T09:30"), "2026-11-20T08:30:00.000Z "
	    "2026-11-20T08:31:00.000Z", "people write local time");
	is_str(period("2026-11-20T09:30Z"), "2026-11-20T09:30:00.000Z "
	    "2026-11-20T09:31:00.000Z", "or say where");
	is_str(period("2026-W44"), "2026-10-25T23:00:00.000Z "
	    "2026-11-01T23:00:00.000Z", "a week");
	is_str(period("26 days ago"), "2026-10-25T09:30:00.000Z",
	    "the same time of day, over a change of clocks");
	is_str(period("624h"), "2026-10-25T09:30:00.000Z",
	    "hours are hours");
	is_str(period("27 days ago"), "2026-10-24T08:30:00.000Z",
	    "a day more, before the change");
	is_str(period("0001"), "0001-01-01T00:00:00.000Z "
	    "0001-12-31T23:06:32.000Z", "the first year, by the sun");
}

/* Local days must tile the time line, whatever a zone did. */
static void
tiling(const char *zone)
{
	int64_t day, next, ms, bad = 0;
	char text[16];
	struct err e = { 0 };
	struct date d;
	int i;

	if (date_zone(zone, &e) < 0) {
		ok(false, "%s: %s", zone, e.msg);
		return;
	}
	date_parse("1969-12-31", NOW, NULL, &next, &e);
	for (i = 0; i < 25000; i++) {
		date_split_utc(i * DAY, &d);
		snprintf(text, sizeof text, "%04u-%02u-%02u",
		    (unsigned)d.year % 10000, (unsigned)d.month % 100,
		    (unsigned)d.day % 100);
		day = next;
		if (date_parse(text, NOW, &ms, &next, &e) < 0 || ms != day ||
		    next < day)
			bad++;
		/* a skipped day (Samoa's) has no time of its own */
		date_split(ms, &d);
		if (next > day && (d.day != atoi(text + 8) ||
		    date_join(&d) > ms))
			bad++;
		ms += 13 * HOUR + 1;
		date_split(ms, &d);
		if (date_join(&d) != ms)
			bad++;
	}
	is_int(bad, 0, "25,000 days in %s", zone);
}

static void
zones(void)
{
	static const char *const bad[] = { "Nowhere/City", "../etc/passwd",
	    "/etc/localtime", "Europe", "Europe//Berlin", "tzdata.zi",
	    "CET-1;x", "zone.tab", "Europe/Berlin/", "a b", "\n" };
	struct err e;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(date_zone(bad[i], &e) < 0 && e.code == ERR_USAGE,
		    "no zone: %s", *bad[i] == '\n' ? "newline" : bad[i]);
	is_str(period("today"), D("2026-11-20", "2026-11-21"),
	    "a bad zone changes nothing");
	if (date_zone("Europe/Berlin", &e) < 0) {
		ok(strstr(e.msg, "tzdata"), "skip: no zones here, and it says "
		    "what to install");
		return;
	}
	berlin();
	tiling("America/Sao_Paulo");	/* changed clocks at midnight */
	tiling("Pacific/Apia");		/* left out 2011-12-30 */
	tiling("Australia/Lord_Howe");	/* by half an hour */
	tiling("Africa/Monrovia");	/* 44:30 from UTC until 1972 */
	tiling("Asia/Kathmandu");
	setenv("TZ", "XXX-3", 1);
	ok(date_zone("UTC", &e) == 0, "back to UTC");
	is_str(period("today"), D("2026-11-20", "2026-11-21"), "it is UTC");
	ok(date_zone("", &e) == 0, "the empty name is UTC");
}

static void
clocks(void)
{
	int64_t now = date_real();
	struct err e = { 0 };

	ok(now > NOW - 400 * DAY && llabs(now / 1000 - time(NULL)) <= 1,
	    "the real clock");
	setenv("MEM_NOW", "later", 1);
	ok(date_clock(&now, &e) < 0 && e.code == ERR_USAGE &&
	    strstr(e.msg, "MEM_NOW: 'later'"), "MEM_NOW must be a time");
	ok(llabs(date_now() - date_real()) < 5000, "or it does not count");
	setenv("MEM_NOW", "2026-11-20T09:30:00Z", 1);
	is_int(date_now(), NOW, "MEM_NOW");
	setenv("MEM_NOW", "1706515200", 1);
	is_int(date_now(), NOW, "is read once");
	ok(date_clock(&now, &e) == 0 && now == NOW, "in both ways");
	ok(date_real() != NOW, "the real clock does not look at it");
}

int
main(void)
{
	unsetenv("MEM_NOW");
	calendar();
	weeks();
	machine();
	words();
	zones();
	clocks();
	return done();
}
