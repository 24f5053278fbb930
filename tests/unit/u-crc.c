#include "base/crc.h"

#include "tap.h"

#include <stdlib.h>

int
main(void)
{
	static unsigned char b[20000];
	uint32_t whole, parts;
	size_t i, n;
	int same = 1;

	/* RFC 3720, B.4 */
	is_int(crc32c(0, b, 32), 0x8a9136aa, "32 zeros");
	memset(b, 0xff, 32);
	is_int(crc32c(0, b, 32), 0x62a8ab43, "32 bytes of ones");
	for (i = 0; i < 32; i++)
		b[i] = (unsigned char)i;
	is_int(crc32c(0, b, 32), 0x46dd794e, "32 rising bytes");
	is_int(crc32c(0, "123456789", 9), 0xe3069283, "the digits");
	is_int(crc32c(0, b, 0), 0, "nothing");

	for (i = 0; i < sizeof b; i++)
		b[i] = (unsigned char)(i * 2654435761u >> 24);
	for (n = 0; n < sizeof b; n += n < 300 ? 1 : 997) {
		whole = crc32c(0, b + n % 7, n);
		parts = crc32c(crc32c(0, b + n % 7, n / 3),
		    b + n % 7 + n / 3, n - n / 3);
		if (whole != crc32c_table(0, b + n % 7, n) || whole != parts)
			same = 0;
		if (n + 7 > sizeof b - 1000)
			break;
	}
	ok(same, "any length and place, at once and in parts, with and "
	    "without the instruction");
	return done();
}
