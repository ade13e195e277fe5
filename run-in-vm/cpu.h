/* limen: ISC licence, see LICENSE */
#ifndef CPU_H
#define CPU_H

#include <stdint.h>

/*
 * The first processor of a text such as /proc/cpuinfo, as a key: another
 * model, stepping, microcode or set of features is another one, its present
 * speed and number are not. Under KVM a guest sees the host's, and one that
 * was saved goes on only with the same.
 */
uint64_t cpu_key(const char *cpuinfo);

#endif
