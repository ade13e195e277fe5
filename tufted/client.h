/* limen: ISC licence, see LICENSE */
#ifndef CLIENT_H
#define CLIENT_H

#include <signal.h>

#include "conf.h"
#include "file.h"
#include "log.h"
#include "sock.h"
#include "tftp_xfer.h"

/* --get and --put: one file from or to another host's server; signals are
 * blocked, *stop turns non-zero by one. The exit status. */
int client_run(const struct conf *c, const volatile sig_atomic_t *stop);

#define CLIENT_ADDRS 8 /* of one name */

struct client {
	const struct conf *conf;
	const char *host;
	union sock_addr own; /* that it sends from */
	union sock_addr addr[CLIENT_ADDRS];
	int naddr, at;	  /* addresses of the host, the one asked last */
	unsigned refused; /* those that are of no use, a bit each */
	struct log log;
	struct tftp_xfer x;
	struct file file;
	struct sock_path to;
	struct tftp_opts ask;
	int sock, plain, locked, kept;
	int gone;				 /* errno: there is nobody */
	int can;				 /* enum sock_can */
	int64_t now, asked, began, shown, until; /* began: to be answered */
	const char *name;			 /* at the server */
	char out[1024], tmp[1088], error[256];
	uint8_t *buf;
};

/* request.c: what is asked for, of whom. This fills in the host, the socket,
 * the file's names and the file at this end, or dies */
void request_open(struct client *k);

/* turns to the next address of the host that is not refused; -1 and errno:
 * there is none */
int request_next(struct client *k);

/* (re)starts the transfer from its request on; the request's bytes */
void request_start(struct client *k);
void request_put(const struct client *k, struct wr *w);

#endif
