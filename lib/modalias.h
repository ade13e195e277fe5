/* limen: ISC licence, see LICENSE */
#ifndef MODALIAS_H
#define MODALIAS_H

/* Does a device's modalias match a pattern of modules.alias, as depmod writes
 * them: "*", "?", "[0-9A]" and what stands for itself? */
int modalias_match(const char *pattern, const char *modalias);

#endif
