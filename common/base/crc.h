/*
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4): finds damage, proves nothing
 * against an attacker.
 */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of what was summed before (0: nothing) and these bytes. */
uint32_t crc32c(uint32_t before, const void *, size_t);

/* The same without the processor's instruction, for tests. */
uint32_t crc32c_table(uint32_t before, const void *, size_t);

#endif
