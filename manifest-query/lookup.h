/* limen: ISC licence, see LICENSE */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "graph.h"
#include "manifest.h"

/* Where the links of an image lead, within the image and its store paths. */
enum lookup_end { LOOKUP_THERE, LOOKUP_NOWHERE, LOOKUP_LOOP };

struct lookup;

/* g holds the closure, or is empty when it is not known; both stay the
 * caller's and must outlive the result */
struct lookup *lookup_new(const struct manifest *im, const struct graph *g);
void lookup_free(struct lookup *l);

/* where entry e, a symlink, ends. What lies in /dev, /proc, /run, /sys or
 * /tmp counts as there: it comes into being later. So does what cannot be
 * looked at because the store path is not on this machine. */
enum lookup_end lookup_link(struct lookup *l, uint32_t e);

#endif
