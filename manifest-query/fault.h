/* limen: ISC licence, see LICENSE */
#ifndef FAULT_H
#define FAULT_H

/* why some input cannot be used, for one line on stderr */
struct fault {
	char text[512];
};

/* fills in f and returns -1 */
int fault(struct fault *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
