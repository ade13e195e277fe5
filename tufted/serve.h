/* limen: ISC licence, see LICENSE */
#ifndef SERVE_H
#define SERVE_H

#include <stdint.h>

#include "conf.h"
#include "file.h"
#include "log.h"
#include "sigpoll.h"
#include "sock.h"
#include "tftp_xfer.h"
#include "timers.h"
#include "tree.h"

/* ms that the only transfer is waited for without a look around */
#define PORT_STAY 4

/* a socket that transfers leave from: its number is their TID */
struct port {
	int fd, twin; /* -1, or gets what strangers send: fd is connected */
	enum { PORT_ALONE, PORT_UPLOAD, PORT_SHARED } kind;
	unsigned n;	   /* transfers; 0: there is no such port */
	int tried;	   /* to have a twin */
	int blocked;	   /* some wait for room in its queue */
	struct port *next; /* shared, too; or free, too */
	struct conn *last; /* whose packet came last */
	union sock_addr local;
};

enum { BY_HOST, BY_PEER, NCHAIN };

/* a transfer being served */
struct conn {
	struct tftp_xfer x;
	struct sock_path path; /* the client, and the address it asked */
	struct port *port;
	int op;
	uint32_t gen;	      /* 0: none, else another one each time */
	int32_t next[NCHAIN]; /* in its buckets, or in the free list */
	int blocked;	      /* waits for room in the port's queue */
	int queued;	      /* a block of it is in serve.out */
	int plain;	      /* no trains on this path */
	int copied;	      /* no pages on this path, or of this file */
	int told;	      /* its line is written */
	int kept;	      /* an upload that is whole: only dallies */
	struct file file;     /* its fd is -1 when closed */
	struct tree_upload up;
	struct tftp_opts asked; /* by the request */
	struct tftp_opts opts;	/* that the OACK says */
	char *name;		/* as asked for */
	int64_t began;
};

/* what a granted request turns into one; the port, descriptor and name
 * become the transfer's */
struct opening {
	const struct sock_path *path;
	const struct tftp_pkt *req;
	struct port *port;
	int fd;
	uint64_t size;
	char *name;
	struct tree_upload up;
};

#define PAGES_HEAD 8192 /* bytes of a block that pages.c may have to copy */

/* blocks of a transfer that were read ahead */
struct ahead {
	uint32_t gen; /* whose, 0: nobody's */
	uint64_t first, count;
	long len; /* as packets, in bytes; of buf only */
};

/* blocks that wait to leave a port together */
struct out {
	struct port *port; /* NULL: those of all ports leave at once */
	struct sock_msg msg[SOCK_BATCH];
	struct conn *conn[SOCK_BATCH];
	uint32_t gen[SOCK_BATCH];
	size_t n, used; /* of them, bytes of buf */
};

struct serve {
	const struct conf *conf;
	struct log log;
	struct timers timers;
	void *timermem;
	int ep, uploads;
	int can;     /* enum sock_can */
	int pipe[2]; /* with SOCK_PAGES, _PAGES6; empty between calls */
	int listen[NLISTEN], nlisten;
	struct conn *conn; /* conf->limit of them */
	struct port *port; /* and of these */
	struct port *freeport, *shared;
	unsigned nport; /* port[] beyond was never used */
	int32_t free, nbucket, *bucket[NCHAIN];
	uint32_t gen;
	unsigned nconn, touched; /* touched: conn[] beyond was never used */
	unsigned nkept;		 /* those of nconn that only dally */
	unsigned serial;
	uint8_t key[16];
	uint8_t *buf; /* FILE_BUF: what is read, what is sent */
	struct ahead alone;
	struct ahead piped; /* and the pipe, without headers, behind head */
	uint8_t head[TFTP_HDR + PAGES_HEAD];
	struct out out;	  /* or for many of them */
	const char *said; /* the text of the ERROR at hand, or "" */
	int64_t now, shown, served, failed;
	int64_t evict_at; /* before that no transfer is stuck */
};

/* 0, or -1 and errno */
int serve_init(struct serve *s, const struct conf *c);

/* a bound socket to take requests from; 0, or -1 and errno */
int serve_listen(struct serve *s, int fd);

/* is this source served? Without -a: private and link-local ones
 * (RFC 1918, 3927, 4193, 4291) */
int serve_allows(const struct conf *c, const union sock_addr *a);

/* receives up to n (at most SOCK_BATCH) datagrams with no data to keep:
 * requests, ACKs; they lie in buf. The count, or -1 */
int serve_recv(struct serve *s, int fd, struct sock_msg *m, int n);

/* one turn: waits until something happens, at most until deadline (-1:
 * none), with signals let in as sig has it */
void serve_turn(struct serve *s, int64_t deadline, struct sigpoll *sig);

/* what there is to wait for: transfers, nothing but uploads that are whole and
 * would acknowledge the last block again, or (with -1 and -n) nothing */
enum serve_left { SERVE_NOTHING, SERVE_DALLYING, SERVE_TRANSFERS };
enum serve_left serve_left(const struct serve *s);

/* ends everything: the peers are told, partial uploads are removed */
void serve_end(struct serve *s);

/* conn.c: which transfers there are; first of all, at the limit, one that only
 * dallies makes room for another, and for its port */
void conn_room(struct serve *s);
void conn_open(struct serve *s, const struct opening *o);

/* at the limit: the transfer that is longest without progress, if that is ten
 * seconds, ends so that another has its place; 0, or -1: there is none */
int conn_evict(struct serve *s);

struct conn *conn_find(struct serve *s, const union sock_addr *peer);
unsigned conn_count(struct serve *s, const union sock_addr *peer);

/* how many there are, those that only dally aside */
unsigned conn_busy(const struct serve *s);

/* does it send a file, or take one? */
int conn_sends(const struct conn *c);

/* frees it, saying nothing to the client */
void conn_close(struct serve *s, struct conn *c, const char *error);

/* writes its one line, if that was not done; error is NULL: all is well */
void conn_tell(struct serve *s, struct conn *c, const char *error);

/* how it stands, to be shown */
void conn_entry(
    const struct serve *s, const struct conn *c, struct log_entry *e);

/* port.c: one for what is asked for at a local address, for port_leave() to
 * give back; NULL and errno. Not old, where what the client still sends to a
 * transfer that it has left would be taken for its next one's. */
struct port *port_get(struct serve *s, const union sock_addr *local,
    const struct tftp_pkt *req, const struct port *old);
void port_leave(struct serve *s, struct port *p);

/* the only transfer, when it is long, gets its port connected: see
 * sock_twin() */
void port_connect(struct serve *s, struct conn *c);

/* the port, or with *twin the port's twin, that an event tells of */
struct port *port_told(struct serve *s, uint64_t data, int *twin);

/* c waits for room in its port's queue; that is there again */
void port_wait(struct serve *s, struct conn *c);
void port_resume(struct serve *s, struct port *p);

/* flow.c: what goes to and fro; c may be gone after any of these */
void flow_go(struct serve *s, struct conn *c); /* what the core asks for */
void flow_event(struct serve *s, uint64_t data, unsigned events);
void flow_tick(struct serve *s, uint32_t i);
void flow_repeat(struct serve *s, struct conn *c);

/* tells the client that it is over, and why, and frees it */
void flow_abort(struct serve *s, struct conn *c, const char *why);

/* send.c: what leaves */
void send_packet(struct serve *s, const struct conn *c, const struct wr *w);

/* the blocks that the transfer asks for; 0 when no more can go now: c is
 * blocked until there is room */
int send_blocks(struct serve *s, struct conn *c);

/* puts a packet for each block that c asks for into buf; bytes, or -1: that
 * cannot be, and ends it */
long send_fill(struct conn *c, uint8_t *buf);

/* datagrams of data that have left, in the log */
void send_log(
    struct serve *s, const struct conn *c, const uint8_t *b, size_t len);

/* out.c: what the transfers of the port that out names have to send goes in one
 * system call, at the end */
void out_end(struct serve *s);
int out_add(struct serve *s, struct conn *c); /* see send_blocks() */

/* pages.c: large blocks, which go from the page cache through a pipe into the
 * packet, behind the headers that are written before each of them; what a
 * file system or a path does not take so is copied by send_blocks() */
void pages_init(struct serve *s);
void pages_end(struct serve *s);

/* does the system do that for this client's family? */
int pages_for(const struct serve *s, const struct conn *c);

/* how many of the blocks that c asks for go as one train; 0: better copied */
uint64_t pages_count(const struct conn *c);

/* brings that many into the pipe, before their time */
void pages_ahead(struct serve *s, struct conn *c, uint64_t n);

/* sends that many; -1 when none has gone, errno EAGAIN: not now */
int pages_send(struct serve *s, struct conn *c, uint64_t n);

/* reads what the only transfer will ask for next */
void send_ahead(struct serve *s, struct conn *c);

#endif
