/* limen: ISC licence, see LICENSE */
#ifndef CONF_H
#define CONF_H

#include <stdint.h>

#include "addr.h"
#include "sock.h"

#define NALLOW	64
#define NLISTEN 16

enum { LOG_QUIET, LOG_NORMAL, LOG_PACKETS };

/* what the options say; all of it fixed once the loop runs */
struct conf {
	const char *dir;     /* served */
	const char *uploads; /* -w, or NULL */
	const char *user, *iface;
	const char *ready;
	const char *listen[NLISTEN];
	int nlisten;
	int inherit; /* --fd, -1 */
	struct addr_net allow[NALLOW];
	int nallow;
	int refuse, nofollow, perclient, overwrite;
	int nolandlock, noseccomp;
	int loglevel, json;
	uint16_t port;
	unsigned rollover, retries, maxblk, maxwin;
	unsigned limit, perhost; /* transfers */
	int64_t maxsize;	 /* of an upload */
	int64_t served;		 /* -1, -n: transfers to serve; 0: no end */
	int64_t timeout;	 /* of all, ms; 0: none */
	int64_t rto;		 /* --retransmit, ms; 0: as asked */

	/* the client */
	const char *get, *put, *remote, *file, *out;
	int wait, netascii, plain;
	unsigned blksize, window; /* 0: not given */
};

#endif
