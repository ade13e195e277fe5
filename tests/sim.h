/* limen: ISC licence, see LICENSE */
#ifndef SIM_H
#define SIM_H

#include <stddef.h>
#include <stdint.h>

/*
 * For unit/relay_bng.c, relay_slow.c and lns.c: PPPoE clients, the relay and
 * bng in one process, of the tools' own files; only sockets and the main loops
 * are not theirs. What one sends is given to sim_put(), and comes to the other
 * as lines that lose, double, delay and reorder have it.
 */
enum {
	SIM_CLIENTS = 6,
	SIM_MAX = 24,  /* sessions, in either tool */
	SIM_USERS = 4, /* of the clients: those have addresses of their own */
};
#define SIM_POOL 0x0a000100U /* the first address for clients */
#define SIM_OWN	 0x0a000900U /* + client: its own */

enum sim_to { SIM_CLIENT, SIM_AC, SIM_LAC, SIM_LNS };

/* the clock, in ms, and what differs between runs */
struct sim_how {
	int64_t now;
	unsigned loss, dup, delay;     /* of the lines: %, %, ms */
	unsigned far;		       /* the LNS is, more: ms each way */
	int per_session, secret, hide; /* the relay's options */
	int bad_line;		       /* bng's --lossy and --delay */
	uint32_t max;		       /* sessions, 0: SIM_MAX */
	uint32_t host;		       /* the relay's address, 0: loopback */
	uint16_t port;
};
extern struct sim_how sim;

uint32_t sim_rnd(uint32_t n);
void sim_put(enum sim_to to, const void *p, size_t n);

/* a session as one of the tools has it */
struct sim_session {
	uint16_t pppoe, sid, psid; /* 0: none of that */
	uint8_t mac[6];
	uint32_t addr;
};

/* start may follow kill, which takes all memory of before */
void sim_relay_start(void);
void sim_relay_frame(uint8_t *p, size_t n);
void sim_relay_datagram(uint8_t *p, size_t n);
void sim_relay_turn(void);
int64_t sim_relay_deadline(void);
int sim_relay_list(struct sim_session *v, int max); /* -1: not all fit */
void sim_relay_stop(int tunnels);		    /* calls; then tunnels */
int sim_relay_tunnels(int all);
void sim_relay_kill(void);

void sim_bng_start(void);
void sim_bng_datagram(const uint8_t *p, size_t n);
void sim_bng_turn(void);
int64_t sim_bng_deadline(void);
int sim_bng_list(struct sim_session *v, int max);
void sim_bng_drop(unsigned n); /* one of its sessions */
void sim_bng_cut(unsigned n);
void sim_bng_mend(void); /* its lines are good again */
int sim_bng_tunnels(int all);
int sim_bng_longest(void);   /* steps that one look-up can take */
int sim_bng_strangers(void); /* packets that came to another's session */
int sim_bng_given(void);     /* addresses that are somebody's */
void sim_bng_kill(void);

#endif
