/* limen: ISC licence, see LICENSE */
#ifndef PRESS_H
#define PRESS_H

#include "fault.h"
#include "graph.h"

/*
 * Replaces the own size of every store path by the number of bytes that the
 * shell command makes of the data of its regular files, joined in byte order
 * of their paths. As many at a time as there are processors; with a line of
 * progress when stderr is a terminal. 0, or -1 and f.
 */
int press_sizes(struct graph *g, const char *command, struct fault *f);

#endif
