/* Policies: what they say, and what is none. */
#include "tap.h"

#include "sync/policy.h"

static struct err e;

static struct policy
parsed(const char *s)
{
	struct policy p = { 7, 7, { 7, 7, 7 } };

	ok(policy_parse(&p, s, &e) == 0, "%s", s);
	return p;
}

static void
wrong(const char *s, const char *why)
{
	struct policy p = { 7, 7, { 7, 7, 7 } };

	ok(policy_parse(&p, s, &e) == -1 && e.code == ERR_USAGE, "%s", s);
	is_str(e.msg, why, "says why");
	ok(p.archive == 7 && p.remove[2] == 7, "and leaves the other one");
}

int
main(void)
{
	struct policy p = parsed("archive after 90 days, cold after 180, "
	    "delete cache after 30");

	is_int(p.archive, 90, "archive");
	is_int(p.cold, 180, "a number alone is days");
	is_int(p.remove[FILE_CACHE], 30, "delete one area");
	is_int(p.remove[FILE_INPUTS], POLICY_KEEP, "and no other");
	p = parsed("none");
	ok(p.archive == POLICY_KEEP && p.cold == POLICY_KEEP &&
	    p.remove[0] == POLICY_KEEP, "none keeps all");
	p = parsed("  delete all after 2 years,cold after 1 month,"
	    "archive after 3 weeks ");
	ok(p.remove[0] == 730 && p.remove[1] == 730 && p.remove[2] == 730,
	    "all areas");
	ok(p.cold == 30 && p.archive == 21, "units");
	p = parsed("archive after 0 day");
	is_int(p.archive, 0, "at once");

	wrong("", "policy, byte 1: archive, cold or delete wanted, not ''");
	wrong("Archive after 3", "policy, byte 1: archive, cold or delete "
	    "wanted, not 'Archive after 3'");
	wrong("archive in 3", "policy, byte 9: 'after' wanted, not 'in 3'");
	wrong("archive after -3", "policy, byte 15: a number up to 36500 "
	    "wanted, not '-3'");
	wrong("archive after 3 minutes", "policy, byte 17: days, weeks, "
	    "months, years or a comma wanted, not 'minutes'");
	wrong("archive after 3 days 4", "policy, byte 22: a comma wanted, not "
	    "'4'");
	wrong("delete after 3", "policy, byte 8: inputs, artifacts, cache or "
	    "all wanted, not 'after 3'");
	wrong("delete cache after 3, delete all after 4", "policy, byte 30: "
	    "that was said before");
	wrong("cold after 101 years", "policy: at most 36500 days");
	wrong("none at all", "policy, byte 6: nothing behind 'none' wanted, "
	    "not 'at all'");
	return done();
}
