/* limen: ISC licence, see LICENSE */
#ifndef CONF_H
#define CONF_H

#include <stdint.h>

/* what the command line asked for */
struct conf {
	const char *target;
	const char *watch;   /* -w REGEX, or NULL */
	const char *script;  /* -s FILE */
	const char *command; /* -C CMD */
	const char *prompt;  /* -p REGEX */
	const char *bad;     /* -x REGEX, NULL: the default, "": none */
	const char *key;     /* -k, what stops an autoboot */
	const char *log;     /* -l FILE */
	int64_t time;	     /* -t in ms, -1: the default of the mode */
	int pace;	     /* -c in ms */
	int escape;	     /* the character that leaves, -1: none */
	long baud;
	int monitor, all, readonly, stamp, verbose;
};

#endif
