/* limen: ISC licence, see LICENSE */
#ifndef CONF_H
#define CONF_H

#include <sys/socket.h>

#include <stdint.h>

#include "line.h"
#include "netname.h"
#include "ppp.h"
#include "pppoe_ac.h"

#define CONF_USERS    64 /* given by -u */
#define CONF_FORWARDS 64

enum conf_proto {
	CONF_TCP,
	CONF_UDP,
};

/* --forward: a port of this host to one of a subscriber's */
struct conf_forward {
	enum conf_proto proto;
	uint32_t host, addr; /* host order; host 0: any */
	uint16_t host_port, port;
};

enum conf_mode {
	CONF_FOREGROUND,
	CONF_BACKGROUND,
};

struct conf {
	enum conf_mode mode;
	const char *dir; /* state directory, NULL: none */
	struct netname access, world;
	int have_world;
	uint8_t mac[6];
	int have_mac;
	const char *ac_name;
	const char *service[PPPOE_AC_SERVICES];
	int nservice;
	const char *user[CONF_USERS];
	int nuser;
	const char *secrets;
	uint8_t auth[PPP_NMETHODS];
	int nauth;
	uint32_t address, pool_first, pool_last, dns[2];
	uint32_t max, max_per_mac, max_per_user, padi_rate;
	int64_t pado_delay, echo, idle, lifetime, lease;
	int echo_failures;
	uint16_t mtu;
	struct line_conf line;
	int ipv6;
	uint8_t base6[16]; /* a /32 for subscribers */
	struct conf_forward forward[CONF_FORWARDS];
	int nforward;
	const char *capture;
	int l2tp; /* be an LNS, at */
	struct sockaddr_storage l2tp_at;
	char *l2tp_secret; /* NULL: none */
	int l2tp_no_challenge;
	int verbose;
};

/* reads the command line; a wrong one ends the program with status 2 */
void conf_read(struct conf *c, char **argv);

#endif
