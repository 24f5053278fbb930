/*
 * What the processor can do, on x86-64: CPU_HAS(SSE4_2), AVX2, AVX512BW.
 *
 * glibc has asked it already.  The compiler's own __builtin_cpu_supports
 * brings a constructor that asks again at every start, and each question is
 * a trap on a virtual machine: together a twentieth of the start of a tool.
 */
#ifndef BASE_CPU_H
#define BASE_CPU_H

#if defined(__x86_64__) && defined(__GNUC__)
#if defined(__has_include)
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif
#endif

#ifdef CPU_FEATURE_ACTIVE
#define CPU_HAS(name) (CPU_FEATURE_ACTIVE(name) != 0)
#else
#define CPU_HAS_SSE4_2 "sse4.2"
#define CPU_HAS_AVX2 "avx2"
#define CPU_HAS_AVX512BW "avx512bw"
#define CPU_HAS(name) (__builtin_cpu_supports(CPU_HAS_##name) != 0)
#endif
#endif

#endif
