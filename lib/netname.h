/* limen: ISC licence, see LICENSE */
#ifndef NETNAME_H
#define NETNAME_H

#include <stddef.h>
#include <stdint.h>

/*
 * A network as users write it, one parser for every tool:
 *
 *	access              mcast:230.0.0.1:1234, the provider's side
 *	lan                 mcast:230.0.0.1:1235
 *	world               mcast:230.0.0.1:1236
 *	mcast:GROUP:PORT[,localaddr=A]
 *	                    Ethernet frames as UDP multicast, a frame a packet,
 *	                    as QEMU's "socket,mcast=..." does; A is the
 *	                    interface's address (default 127.0.0.1)
 *	packet:IF           an interface of this host (AF_PACKET)
 *	tap:IF              a tap interface
 *	unix:PATH[,PEER]    a datagram socket bound at PATH; frames go to PEER,
 *	                    or to whoever sent last
 *	user[,OPTIONS]      QEMU's user network
 *	none                no network
 *	anything else       a QEMU -netdev specification: a type that QEMU
 *	                    knows, or any text with a comma or a brace
 */
enum netname_kind {
	NETNAME_NONE,
	NETNAME_MCAST,
	NETNAME_PACKET,
	NETNAME_TAP,
	NETNAME_UNIX,
	NETNAME_USER,
	NETNAME_RAW,
};

/* for a message about a word that is none: what was most likely meant */
#define NETNAME_HINT "an interface is packet:NAME"

struct netname {
	enum netname_kind kind;
	const char *name; /* "access", "lan", "world", or NULL */
	uint32_t group;	  /* mcast: host order */
	uint16_t port;
	uint32_t local;	 /* mcast: the interface's address, host order */
	const char *arg; /* packet, tap: interface; unix: PATH[,PEER]; user:
			    the options ("" without); raw: all of it */
};

/* parses s, which must outlive n; 0, or -1 when it names no network */
int netname_parse(struct netname *n, const char *s);

/* the text again, in a short form ("access", "mcast:230.0.0.1:7000");
 * truncated to cap; returns b */
char *netname_str(const struct netname *n, char *b, size_t cap);

/*
 * What to give QEMU's -netdev, with id=ID. 0, or -1: QEMU has no such network
 * (none, packet, unix: those need an ethport of ours) or it does not fit.
 */
int netname_qemu(const struct netname *n, const char *id, char *b, size_t cap);

#endif
