/* limen: ISC licence, see LICENSE */
#ifndef DHCP6_H
#define DHCP6_H

#include <stddef.h>
#include <stdint.h>

#include "rd.h"
#include "wr.h"

/*
 * A DHCPv6 server (RFC 8415) for one client on a point-to-point link, whose
 * one address and one prefix are a matter of the link. It answers Solicit
 * (Rapid Commit too), Request, Confirm, Renew, Rebind, Release, Decline and
 * Information-request. What is kept between messages is only which of the
 * client's associations have them: another one of the same client must not get
 * the same, and another client, which the first was exchanged for, does.
 */
enum {
	DHCP6_CLIENT_PORT = 546,
	DHCP6_SERVER_PORT = 547,
};

enum {
	DHCP6_SOLICIT = 1,
	DHCP6_ADVERTISE,
	DHCP6_REQUEST,
	DHCP6_CONFIRM,
	DHCP6_RENEW,
	DHCP6_REBIND,
	DHCP6_REPLY,
	DHCP6_RELEASE,
	DHCP6_DECLINE,
	DHCP6_RECONFIGURE,
	DHCP6_INFORMATION,
};

enum {
	DHCP6_CLIENTID = 1,
	DHCP6_SERVERID = 2,
	DHCP6_IA_NA = 3,
	DHCP6_IA_TA = 4,
	DHCP6_IAADDR = 5,
	DHCP6_STATUS = 13,
	DHCP6_RAPID = 14,
	DHCP6_DNS = 23, /* RFC 3646 */
	DHCP6_IA_PD = 25,
	DHCP6_IAPREFIX = 26,
};

struct dhcp6_offer {
	uint8_t mac[6];	    /* the server's: its DUID is made of it */
	uint8_t addr[16];   /* for an IA_NA, the first of 256 */
	uint8_t prefix[16]; /* for an IA_PD */
	uint8_t plen;
	uint8_t dns[16];
	uint32_t valid, preferred; /* seconds */
};

/* which IA has the address or the prefix, and until when (ms; 0: none) */
struct dhcp6_held {
	uint64_t client; /* a hash of its DUID */
	uint32_t iaid;
	int64_t until;
};

/* of one link; zero at first */
struct dhcp6_lease {
	int64_t now; /* ms: to be set before each message */
	struct dhcp6_held na, pd;
	uint8_t declined; /* addresses: the next one is given instead */
};

/* what was answered, for the log */
struct dhcp6_log {
	uint8_t type;	 /* of the message that came */
	uint8_t na, pd;	 /* an address, a prefix was given */
	uint8_t refused; /* IAs that got neither, or have what is not theirs */
};

/* the answer to a message (the UDP payload) into w; 0, or -1: none, since it
 * is malformed, is not meant for this server, or needs none */
int dhcp6_answer(struct wr *w, const void *msg, size_t len,
    const struct dhcp6_offer *o, struct dhcp6_lease *lease,
    struct dhcp6_log *log);

/* "Solicit" ..., for messages */
const char *dhcp6_name(unsigned type);

#endif
