/*
 * Scores that FIRST and NVD print for vectors.
 */
#include "tap.h"

#include "from/cvss.h"

static const struct {
	const char *vector;
	int score;		/* times ten */
} known[] = {
	/* examples of the user guides of 3.1 and 2.0, and of NVD */
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61 },
	{ "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75 },
	{ "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 78 },
	{ "CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 68 },
	{ "CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31 },
	{ "CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 42 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0 },
	{ "AV:N/AC:L/Au:N/C:N/I:N/A:C", 78 },
	{ "AV:N/AC:L/Au:N/C:C/I:C/A:C", 100 },
	{ "AV:L/AC:H/Au:N/C:C/I:C/A:C", 62 },
	{ "AV:N/AC:M/Au:N/C:N/I:P/A:N", 43 },
	{ "AV:N/AC:L/Au:N/C:N/I:N/A:N", 0 },
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H", -10 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", -10 },
	{ "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", -10 },
	{ "CVSS:3.1/", -10 }, { "", -10 }, { "7.5", -10 },
};

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof known / sizeof *known; i++)
		is_int((int)(cvss_base(known[i].vector) * 10 +
		    (known[i].score < 0 ? -.5 : .5)), known[i].score,
		    "'%s'", known[i].vector);
	is_str(cvss_word(9), "critical", "from 9 it is critical");
	is_str(cvss_word(8.9), "high", "from 7 high");
	is_str(cvss_word(4), "medium", "from 4 medium");
	is_str(cvss_word(3.9), "low", "below low");
	return done();
}
