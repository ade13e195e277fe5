/* limen: ISC licence, see LICENSE */
#ifndef SERVE_H
#define SERVE_H

#include <stdint.h>

#include "conf.h"
#include "file.h"
#include "log.h"
#include "sock.h"
#include "tftp_xfer.h"
#include "timers.h"
#include "tree.h"

/* in an event's number: it is the twin's */
#define CONN_TWIN (UINT32_C(1) << 31)

/* ms that the only transfer is waited for without a look around */
#define CONN_STAY 4

/* a transfer being served */
struct conn {
	struct tftp_xfer x;
	struct sock_path path; /* the client, and the address it asked */
	int sock, op;
	int twin;     /* -1, or gets what strangers send: sock is connected */
	int tried;    /* to have one */
	uint32_t gen; /* so that an old event is known for one */
	int32_t next; /* in its bucket, or in the free list */
	int blocked;  /* waits for room in the socket's queue */
	int plain;    /* no trains on this path */
	int copied;   /* no pages on this path, or of this file */
	int told;     /* its line is written */
	int kept;     /* an upload that is whole: only dallies */
	struct file file; /* its fd is -1 when closed */
	struct tree_upload up;
	struct tftp_opts opts; /* that the OACK says */
	char *name;	       /* as asked for */
	int64_t began;
};

/* what a granted request turns into one; the sockets, descriptors and name
 * become the transfer's */
struct opening {
	const struct sock_path *path;
	const struct tftp_pkt *req;
	int sock, fd;
	uint64_t size;
	char *name;
	struct tree_upload up;
};

/* blocks of a transfer that were read ahead */
struct ahead {
	uint32_t gen; /* whose, 0: nobody's */
	uint64_t first, count;
	long len; /* as packets, in bytes */
};
#define AHEAD_FEW  16	/* transfers that have much of it, */
#define AHEAD_ROOM 8192 /* bytes, and */
#define AHEAD_MANY 128	/* those that have any, the others */
#define AHEAD_LESS 2944 /* two Ethernet frames */
#define AHEAD_ALL \
	(AHEAD_FEW * AHEAD_ROOM + (AHEAD_MANY - AHEAD_FEW) * AHEAD_LESS)

struct serve {
	const struct conf *conf;
	struct log log;
	struct timers timers;
	int ep, uploads;
	int can;     /* enum sock_can */
	int pipe[2]; /* with SOCK_PAGES, _PAGES6; empty between calls */
	int listen[NLISTEN], nlisten;
	struct conn *conn; /* conf->limit of them */
	int32_t free, nbucket, *bucket;
	uint32_t gen;
	unsigned nconn, touched; /* touched: conn[] beyond was never used */
	unsigned nkept;		 /* those of nconn that only dally */
	unsigned serial;
	uint8_t key[16];
	uint8_t *buf;	    /* FILE_BUF: what is read, what is sent */
	struct ahead alone; /* what buf holds for the only transfer */
	struct ahead many[AHEAD_MANY];
	uint8_t *manybuf; /* AHEAD_ALL: AHEAD_FEW times AHEAD_ROOM, the rest */
	int64_t now, shown, served, failed;
};

/* 0, or -1 and errno */
int serve_init(struct serve *s, const struct conf *c);

/* a bound socket to take requests from; 0, or -1 and errno */
int serve_listen(struct serve *s, int fd);

/* one turn: waits until something happens, at most until deadline (-1:
 * none), with the signals of mask (of sigset_t) let in */
void serve_turn(struct serve *s, int64_t deadline, const void *mask);

/* what there is to wait for: transfers, nothing but uploads that are whole and
 * would acknowledge the last block again, or (with -1 and -n) nothing */
enum serve_left { SERVE_NOTHING, SERVE_DALLYING, SERVE_TRANSFERS };
enum serve_left serve_left(const struct serve *s);

/* ends everything: the peers are told, partial uploads are removed */
void serve_end(struct serve *s);

/* conn.c: which transfers there are */
void conn_open(struct serve *s, const struct opening *o);
struct conn *conn_find(struct serve *s, const union sock_addr *peer);
unsigned conn_count(struct serve *s, const union sock_addr *peer);

/* how many there are, those that only dally aside */
unsigned conn_busy(const struct serve *s);

/* a transfer that is long gets a twin: see sock_twin() */
void conn_twin(struct serve *s, struct conn *c);

/* does it send a file, or take one? */
int conn_sends(const struct conn *c);

/* frees it, saying nothing to the client */
void conn_close(struct serve *s, struct conn *c, const char *error);

/* writes its one line, if that was not done; error is NULL: all is well */
void conn_tell(struct serve *s, struct conn *c, const char *error);

/* how it stands, to be shown */
void conn_entry(
    const struct serve *s, const struct conn *c, struct log_entry *e);

/* flow.c: what goes to and fro; c may be gone after any of these */
void flow_go(struct serve *s, struct conn *c); /* what the core asks for */
void flow_event(struct serve *s, uint64_t data, unsigned events);
void flow_tick(struct serve *s, int i);
void flow_repeat(struct serve *s, struct conn *c);

/* tells the client that it is over, and frees it */
void flow_abort(struct serve *s, struct conn *c);

/* send.c: what leaves */
void send_packet(struct serve *s, const struct conn *c, const struct wr *w);

/* the blocks that the transfer asks for; 0 when no more can go now: c is
 * blocked until there is room */
int send_blocks(struct serve *s, struct conn *c);
void send_resume(struct serve *s, struct conn *c);

/* pages.c: large blocks, which go from the page cache through a pipe into the
 * packet, behind the headers that are written before each of them; what a
 * file system or a path does not take so is copied by send_blocks() */
void pages_init(struct serve *s);
void pages_end(struct serve *s);

/* does the system do that for this client's family? */
int pages_for(const struct serve *s, const struct conn *c);

/* how many of the blocks that c asks for go as one train; 0: better copied */
uint64_t pages_count(const struct conn *c);

/* sends that many; -1 when none has gone, errno EAGAIN: not now */
int pages_send(struct serve *s, struct conn *c, uint64_t n);

/* reads what the only transfer will ask for next */
void send_ahead(struct serve *s, struct conn *c);

#endif
