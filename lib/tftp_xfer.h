/* limen: ISC licence, see LICENSE */
#ifndef TFTP_XFER_H
#define TFTP_XFER_H

#include <stddef.h>
#include <stdint.h>

#include "tftp.h"
#include "tftp_rto.h"

/*
 * One TFTP transfer, at either end and in either direction (RFC 1350, 2347,
 * 2348, 2349, 7440), without a socket, a file or a clock:
 *
 *	tftp_xfer_start(&x, &conf, role, now)
 *	tftp_xfer_input(&x, now, &pkt)	      from the peer's address only
 *	tftp_xfer_repeat(&x, now)	      the same request came again
 *	tftp_xfer_tick(&x, now)		      when x.deadline has passed
 *	while ((act = tftp_xfer_next(&x)))    drain after each of them
 *		perform it
 *
 * The first word of either end ("hello": the request, the OACK) is made by
 * the driver, who knows names and options, and kept to be sent again. Data
 * stays with the driver: SEND asks for blocks by number, who then tells how
 * many went (tftp_xfer_sent); WRITE hands over what came. An END is the last
 * action. Blocks are counted from 1 in 64 bits; only packets carry 16.
 *
 * A server sends nothing unasked: until the peer has answered from the port
 * that asked, each request is worth one packet and no timer repeats it; but
 * an OACK, hardly longer than what asked for it, goes once more after
 * conf.repeat, a second at least. An acknowledgement that acknowledges
 * nothing new never causes more than one repetition, and never in lockstep
 * (RFC 1123 section 4.2.3.1). Without progress it ends after two minutes, or
 * later when retries or the client's timeout option (three times it) ask for
 * that.
 */
enum tftp_role {
	TFTP_SERVE_READ,  /* server, answers a RRQ: sends data */
	TFTP_SERVE_WRITE, /* server, answers a WRQ: receives */
	TFTP_GET,	  /* client, sends a RRQ: receives */
	TFTP_PUT,	  /* client, sends a WRQ: sends data */
};

enum tftp_act { /* lowest first */
	TFTP_ACT_NONE = 0,
	TFTP_ACT_WRITE = 1,   /* data, len at offset (block 1: 0) */
	TFTP_ACT_COMMIT = 2,  /* all is written: make it last */
	TFTP_ACT_HELLO = 4,   /* the request, or the OACK */
	TFTP_ACT_SENDACK = 8, /* ACK of ackno */
	TFTP_ACT_FAIL = 16,   /* ERROR code, text */
	TFTP_ACT_END = 32,    /* over: see result */
	TFTP_ACT_SEND = 64,   /* count blocks from first on: tftp_xfer_sent */
};

enum tftp_result {
	TFTP_RUNNING,
	TFTP_DONE,
	TFTP_PEER,    /* the peer sent an ERROR: code; its text is in the packet
		       */
	TFTP_SILENT,  /* the peer answers no more */
	TFTP_UNASKED, /* a server: nothing ever came from the port that asked */
	TFTP_FAILED,  /* we gave up: code, text */
};

struct tftp_conf {
	unsigned blksize, window;
	unsigned timeout;  /* seconds, the client's option; 0: as measured */
	unsigned retries;  /* without progress */
	unsigned rollover; /* block number that follows 65535: 0 or 1 */
	int64_t patience;  /* server: for the first answer, ms */
	/* client: between requests, ms, doubled each time unless wait */
	int64_t hello;
	unsigned wait;		/* client: ask until somebody answers */
	struct tftp_opts asked; /* client: its request's options */
	int64_t repeat; /* ms before a repetition, at least; 0: as measured */
};

struct tftp_xfer {
	enum tftp_role role;
	enum tftp_result result;
	struct tftp_conf conf;
	int state;
	unsigned todo;		 /* actions to be drained */
	unsigned confirmed;	 /* the peer has answered */
	unsigned oack;		 /* server: an OACK is the hello */
	struct tftp_opts agreed; /* client: by the server's OACK */
	int64_t deadline;	 /* -1: none */

	/* sending: [base, next) is on its way, high was the highest sent */
	uint64_t base, next, high;
	uint64_t size, last; /* in bytes, the final block; or UINT64_MAX */
	uint64_t first, count;
	unsigned owed; /* repeated windows that may come back as second ACKs */
	unsigned fast; /* this base was sent again on a second ACK */

	/* receiving */
	uint64_t expected;
	unsigned run;	 /* blocks since the last ACK */
	unsigned gapped; /* the gap before expected was told */
	const uint8_t *data;
	size_t len;
	uint64_t offset;
	uint16_t ackno;

	struct tftp_rto rto;
	uint64_t timed; /* the block that is timed, 0: none */
	int64_t timed_at, sent_at;
	int64_t since; /* when it last got further */
	unsigned tries;
	unsigned resent; /* blocks or ACKs sent again: for the log */

	uint16_t code;
	const char *text; /* static */
};

void tftp_xfer_start(struct tftp_xfer *x, const struct tftp_conf *conf,
    enum tftp_role role, int64_t now);

/*
 * server: options were asked for and a hello answers them; otherwise the
 * first DATA or ACK does. Right after tftp_xfer_start.
 */
void tftp_xfer_oack(struct tftp_xfer *x);

/* sending: the file has that many bytes; right after tftp_xfer_start */
void tftp_xfer_size(struct tftp_xfer *x, uint64_t size);

/* sending a file of unknown length: block n is the final one */
void tftp_xfer_last(struct tftp_xfer *x, uint64_t n);

/* a packet from the peer; NULL: one that tftp_get() would not take */
void tftp_xfer_input(
    struct tftp_xfer *x, int64_t now, const struct tftp_pkt *p);

/* server: the same request again */
void tftp_xfer_repeat(struct tftp_xfer *x, int64_t now);

void tftp_xfer_tick(struct tftp_xfer *x, int64_t now);

/* n blocks from x->first on have been sent */
void tftp_xfer_sent(struct tftp_xfer *x, int64_t now, uint64_t n);

/* ends it with an ERROR to the peer; text is kept, not copied */
void tftp_xfer_fail(struct tftp_xfer *x, unsigned code, const char *text);

enum tftp_act tftp_xfer_next(struct tftp_xfer *x);

/* has data been asked for or sent: past the requests and options? */
int tftp_xfer_flowing(const struct tftp_xfer *x);

/* is it only kept to acknowledge the last block again? */
int tftp_xfer_dallying(const struct tftp_xfer *x);

#endif
