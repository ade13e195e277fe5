/* limen: ISC licence, see LICENSE */
#ifndef NTH_H
#define NTH_H

/*
 * Word n, from 0, of those that stand in a row at words, "a\0b\0c\0": as
 * little to store as can be, nothing to relocate. "unknown" behind the last.
 */
const char *nth(const char *words, unsigned n);

#endif
