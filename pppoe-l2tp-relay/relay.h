/* limen: ISC licence, see LICENSE */
#ifndef RELAY_H
#define RELAY_H

#include <stddef.h>
#include <stdint.h>

#include "ctl.h"
#include "ethport.h"
#include "heap.h"
#include "kpath.h"
#include "l2tp_call.h"
#include "l2tp_cc.h"
#include "l2tp_why.h"
#include "netname.h"
#include "pcapfile.h"
#include "pppoe_ac.h"
#include "sock.h"

/*
 * What the files of the relay share. A call is a PPPoE session and the L2TP
 * call that carries it. It has a number, in turn, so that many lie in memory as
 * packets meet them, and each number a session id that nobody can guess (RFC
 * 2661 section 9.1). A tunnel is one control connection to an LNS and the calls
 * in it. Nothing scans: calls are found by number or id from either side,
 * deadlines stand in a heap (tunnels) and in a queue (calls, whose time to come
 * up is the same for all).
 */
enum {
	RELAY_LNS = 16,	    /* LNSs on the command line */
	RELAY_ADDRS = 8,    /* addresses of one name */
	RELAY_TEXT = 63,    /* bytes kept of a circuit or remote id */
	RELAY_CONFREQ = 88, /* bytes kept of the client's last ConfReq */
	RELAY_MAX = 65000,  /* sessions */
	RELAY_LINE = 64,    /* bytes of a cache line */
};

struct relay_conf {
	struct netname port;
	const char *portname;
	struct pppoe_ac_conf ac;
	struct l2tp_cc_conf cc;
	const char *lns[RELAY_LNS];
	int nlns;
	uint16_t local_port;
	int balance, per_session, hide, verbose;
	int kernel; /* KERNEL_NO, ... */
	uint32_t tx_speed, rx_speed;
	unsigned mtu; /* MSS clamp; 0: none */
	int promisc, have_mac, background;
	const char *capture, *capture_lns, *dir;
};

/* calls in a row, by number; 0 is none */
struct list {
	uint16_t first, last;
};
struct link {
	uint16_t next, prev;
};

/* what the LNS has said (kick.c) */
enum {
	RELAY_LCP_SILENT,
	RELAY_LCP_ASKED, /* Configure-Request, nothing else */
	RELAY_LCP_HEARD,
};

struct relay_count {
	uint64_t frames, bytes;
};

struct tunnel;

/* what a call keeps for its set-up only, away from what packets need */
struct call_words {
	int64_t asked; /* when the LNS's ConfReq came */
	uint8_t ncircuit, nremote, nconf;
	char circuit[RELAY_TEXT], remote[RELAY_TEXT];
	uint8_t conf[RELAY_CONFREQ];
};

/* begins with what each packet needs, one line of the processor's cache, down
 * to the ids of l2 */
struct call {
	struct pppoe_session *pppoe; /* NULL once that has ended */
	struct tunnel *t;
	struct relay_count up, down;
	uint16_t ns, nr; /* data messages */
	uint8_t sequence, lcp, kernel, used;
	struct l2tp_call l2;
	struct link queue, in_tunnel, timer, hand, kick;
	uint8_t queued, timed, tries;
	uint32_t tried; /* LNSs, a bit each */
	int64_t since;
	struct call_words *words;
} __attribute__((aligned(RELAY_LINE)));

struct lns {
	const char *name; /* as given */
	char host[256];
	uint16_t port;
	unsigned bit;
	union sock_addr addr[RELAY_ADDRS];
	int naddr, at; /* addresses, the one in use */
	int numeric;   /* no name to look up */
	int asking;    /* the resolver is at it */
	int64_t asked; /* when it answered last, -1: never */
	int failed;    /* addresses that failed in a row */
	int64_t dead_until, last_failure, penalty;
	char why[L2TP_WHY];	/* of the last failure */
	struct tunnel *t;	/* shared by its calls, or NULL */
	struct tunnel *waiting; /* for an address, or for their turn */
	struct tunnel *waiting_last;
	struct tunnel *opening;	 /* in set-up, or NULL */
	uint32_t calls, refused; /* those since one came up */
	uint64_t connects, failures, lost;
};

struct tunnel {
	struct l2tp_cc cc;
	struct heap_node due;
	struct lns *lns;
	struct l2tp_cc_slot *slots;
	union sock_addr peer;
	struct list urgent, fresh, calls; /* ICCN and CDN; ICRQ; all */
	struct tunnel *next;		  /* of the dirty or waiting ones */
	uint32_t ncalls;
	uint16_t id, segmax; /* datagrams longer than this are not cut by GSO */
	uint8_t opened, dirty, was_up, refused;
	int udp, pppol2tp; /* of the kernel's tunnel, -1: it has none */
};

struct wire;
struct path;

struct relay {
	const struct relay_conf *conf;
	int64_t now;
	struct ethport port;
	struct pppoe_ac ac;
	void *ac_mem;
	uint16_t *call_of;  /* by PPPoE slot */
	struct call *calls; /* by number, 1 to ncalls */
	void *calls_mem;    /* where they lie */
	struct call_words *words;
	uint32_t ncalls, used;
	uint16_t *sid_of, *of_sid; /* by number; numbers, by session id */
	struct list free, timer, kick;
	struct tunnel **tunnels; /* by tunnel id, 1 to ntunnels */
	uint16_t *free_ids;
	uint32_t ntunnels, nfree, free_at, live;
	struct heap heap;
	struct tunnel *dirty;
	struct lns lns[RELAY_LNS];
	int nlns;
	uint32_t serial;
	uint8_t key[16]; /* random: the order of ids comes of it */
	struct wire *wire;
	struct path *path;
	struct kpath *kpath; /* NULL: all stays in user space */
	struct tunnel *ktunnel[KPATH_TUNNELS];
	struct ctl ctl;
	int resolver; /* to who looks names up, -1: nobody does */
	struct pcapfile pcap;
	int64_t start;
	uint64_t lost_up, lost_down, strays, forged, bad, kicks, clamped;
	int stopping, gone; /* gone: port, or poll */
};

/* list.c: queues of calls by one of their links, at offset off of a call */
void list_add(struct relay *r, struct list *l, size_t off, uint16_t n);
void list_del(struct relay *r, struct list *l, size_t off, uint16_t n);

/* call.c */
int call_init(struct relay *r);
void call_open(
    struct relay *r, struct pppoe_session *s, const struct pppoe_disc *d);
void call_client_left(struct relay *r, struct pppoe_session *s);
void call_message(struct relay *r, struct tunnel *t, const struct l2tp_msg *m);
void call_iccn_sent(struct relay *r, const struct tunnel *t, uint16_t sid);
int call_send(struct relay *r, struct tunnel *t);
void call_tunnel_down(struct relay *r, struct tunnel *t, const char *why);
void call_drop(struct relay *r, struct call *c, const char *why);
void call_tick(struct relay *r);
int64_t call_deadline(const struct relay *r);
struct call *call_of_sid(struct relay *r, unsigned sid);
struct call *call_of_client(struct relay *r, const struct pppoe_session *s);
char *call_name(const struct call *c, char *b, size_t cap);

/* tunnel.c */
int tunnel_init(struct relay *r);
struct tunnel *tunnel_get(struct relay *r, struct lns *l);
void tunnel_input(struct relay *r, struct tunnel *t, const struct l2tp_hdr *h);
void tunnel_dirty(struct relay *r, struct tunnel *t);
void tunnel_open(struct relay *r, struct tunnel *t);
void tunnel_fail(struct relay *r, struct tunnel *t, const char *why);
void tunnel_idle(struct relay *r, struct tunnel *t);
void tunnel_refused(struct relay *r, const union sock_addr *peer);
void tunnel_tick(struct relay *r);
void tunnel_turn(struct relay *r);
void tunnel_stop(struct relay *r);
int tunnel_live(const struct relay *r);
int64_t tunnel_deadline(const struct relay *r);

/* lns.c */
int lns_add(struct relay *r, const char *name, const char **why);
struct lns *lns_pick(struct relay *r, uint32_t tried);
void lns_ready(struct lns *l);
void lns_failed(struct relay *r, struct lns *l, const char *why);
void lns_settled(struct relay *r, struct tunnel *t);
int lns_wait(struct relay *r, struct tunnel *t);
void lns_answer(struct relay *r, unsigned i, const union sock_addr *a, int n);

/* resolve.c: names are looked up by a child, so that nothing waits for it; the
 * descriptor to ask it by, or -1 */
int resolve_start(void);
int resolve_ask(int fd, unsigned i, const char *host);
int resolve_now(const char *host, union sock_addr a[RELAY_ADDRS]);
void resolve_input(struct relay *r);

/* wire.c: the UDP side, in batches */
int wire_open(struct relay *r);
void wire_close(struct relay *r);
int wire_fd(const struct relay *r, int i);
void wire_control(
    struct relay *r, const struct tunnel *t, const uint8_t *p, size_t n);
void wire_data(struct relay *r, struct tunnel *t, uint8_t *p, size_t n);
void wire_flush(struct relay *r);
void wire_input(struct relay *r, int fd);
int wire_socket(int family);

/* path.c: frames and data messages, the fast way */
int path_init(struct relay *r);
void path_access(struct relay *r);
void path_flush(struct relay *r);
void path_ahead(
    const struct relay *r, const uint8_t *p, size_t len, size_t seg);
void path_datagram(
    struct relay *r, const union sock_addr *from, uint8_t *p, size_t n);
void path_discovery(struct relay *r);
void path_kick(struct relay *r, struct call *c);

/* kick.c: the client's first ConfReq again for an LNS that missed it; frames
 * are given to kick_client() and kick_lns() until lcp is RELAY_LCP_HEARD */
void kick_client(struct call *c, const uint8_t *p, size_t n);
void kick_lns(struct relay *r, struct call *c, const uint8_t *p, size_t n);
void kick_stop(struct relay *r, struct call *c);
void kick_tick(struct relay *r);
int64_t kick_deadline(const struct relay *r);

/* report.c */
void note(const struct relay *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
enum ctl_result report_command(
    void *arg, const char *line, struct wr *w, long *at);

#endif
