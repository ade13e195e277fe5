/* limen: ISC licence, see LICENSE */
#ifndef LNS_H
#define LNS_H

#include <stddef.h>
#include <stdint.h>

#include "l2tp_call.h"
#include "sock.h"
#include "timers.h"

struct bng;
struct sub;
struct lns_tunnel;

/*
 * The L2TP network server (RFC 2661): tunnels from access concentrators (the
 * relay of this suite, or any), whose calls are subscribers as those of PPPoE
 * are. Proxy LCP and authentication AVPs are taken and not looked at: PPP
 * begins anew, which every client stands.
 */
enum {
	LNS_HEAD = 12, /* before a PPP frame: L2TP, Ns, Nr, FF 03 */
	LNS_BUF = 2304,
	LNS_IDS = 65535, /* at most */
	LNS_TX = 32,	 /* messages in flight of a tunnel */
	LNS_RX = 16,
	LNS_WAITING = 1024, /* tunnels that have never stood */
	LNS_LINES = 64,
};

struct lns_call {
	struct l2tp_call l2;
	struct lns_tunnel *t; /* NULL: free */
	struct sub *s;
	uint32_t next, prev;  /* of the tunnel's calls */
	uint32_t next_queued; /* those that have something to send */
	uint32_t next_peer;   /* of one hash of tunnel and peer's id */
	uint8_t queued;
	uint8_t sequence, required; /* data is numbered; the LAC wants it so */
	uint16_t ns, nr;	    /* of data messages */
	int64_t asked;		    /* when ICRQ came */
	char where[40];		    /* calling number, or the peer's address */
};

/* tunnels that do not stand, the oldest first; of those that are asked for all
 * of a host are in one */
struct lns_line {
	struct lns_tunnel *first, *last;
	uint32_t n;
};

struct lns_tunnel {
	struct l2tp_cc cc;
	struct sock_path path;
	struct l2tp_cc_slot *slots;
	struct lns_tunnel *next_hash, *next_dirty;
	struct lns_line *line; /* NULL: it stands */
	struct lns_tunnel *older, *newer;
	uint32_t hash;
	uint32_t calls, first_queued, last_queued;
	uint16_t id, ncalls;
	uint8_t dirty;
};

struct lns {
	int fd;
	struct bng *bng;
	struct l2tp_cc_conf conf;
	struct lns_tunnel **tunnel; /* by id */
	struct lns_tunnel *hash[256], *dirty;
	struct lns_line line[LNS_LINES], over; /* over: they stood */
	uint32_t ntunnels, max_tunnels, waiting;
	uint16_t *order, next_id, ids; /* tunnel ids, 1 to ids, in that order */
	struct lns_call *call;	       /* by session id, 0 unused */
	uint32_t ncalls, free_first, free_last;
	uint32_t *by_peer, peer_mask; /* calls by tunnel and peer's id */
	struct timers tunnel_timers, call_timers;
	void *mem[2];
	uint8_t key[16];
	int nout;
	struct sock_msg out[SOCK_BATCH];
	uint8_t *outbuf, *inbuf;
	uint64_t bad, strays, forgotten;
};

/* opens the socket; ends the program when it cannot */
struct lns *lns_open(struct bng *b);

void lns_input(struct lns *l);
int64_t lns_deadline(const struct lns *l);
void lns_tick(struct lns *l);

/* the end of a turn: acknowledgements, then all that is to be sent */
void lns_flush(struct lns *l);

/* as access_room() and so on */
uint8_t *lns_room(struct lns *l, size_t *cap);
void lns_commit(struct lns *l, struct sub *s, size_t len);
void lns_hangup(struct lns *l, struct sub *s);
void lns_cut(struct lns *l, struct sub *s);

/* StopCCN to all; are there tunnels whose peers have not acknowledged? */
void lns_stop(struct lns *l);
int lns_busy(const struct lns *l);

void lns_close(struct lns *l);

/* lns_tunnel.c: the tunnels there are; -1: no memory */
int lns_tunnel_init(struct lns *l, uint32_t max);

/* the tunnel that this peer asked for under that id of its own, in a state
 * below that */
struct lns_tunnel *lns_tunnel_asked(const struct lns *l,
    const union sock_addr *peer, uint16_t ptid, unsigned below);

/* one for the SCCRQ that has come by path; NULL: there is no room */
struct lns_tunnel *lns_tunnel_new(
    struct lns *l, const struct sock_path *path, uint16_t ptid);

/* it is established, or down */
void lns_tunnel_stands(struct lns *l, struct lns_tunnel *t);
void lns_tunnel_over(struct lns *l, struct lns_tunnel *t);
void lns_tunnel_free(struct lns *l, struct lns_tunnel *t);

/* for lns_call.c; it has something to do at the end of the turn */
void lns_dirty(struct lns *l, struct lns_tunnel *t);

/* lns_call.c: the calls in them */
int lns_call_init(struct lns *l, uint32_t max);
void lns_call_message(
    struct lns *l, struct lns_tunnel *t, const struct l2tp_msg *m);
int lns_call_send(struct lns *l, struct lns_tunnel *t);
void lns_call_data(struct lns *l, struct lns_call *c, struct l2tp_hdr *h);
void lns_call_down(struct lns *l, struct lns_tunnel *t);
void lns_call_tick(struct lns *l);

#endif
