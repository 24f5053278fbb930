/*
 * Scores of vulnerabilities: the base score of a vector of CVSS 3.0, 3.1
 * (FIRST, "Common Vulnerability Scoring System v3.1: Specification", 7.1) or
 * 2.0 (FIRST, "A Complete Guide to CVSS 2.0", 3.2.1).  Vectors of 4.0 have
 * no formula but tables of expert opinion, and are not read.
 */
#ifndef FROM_CVSS_H
#define FROM_CVSS_H

/* 0 to 10, one decimal; -1: it is no such vector, or not whole. */
double	cvss_base(const char *vector);

/* What NVD calls a score: "critical" from 9, "high" from 7, "medium" from 4,
 * else "low". */
const char *cvss_word(double score);

#endif
