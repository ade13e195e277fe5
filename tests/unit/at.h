/* limen: ISC licence, see LICENSE */
#ifndef AT_H
#define AT_H

#include <sys/socket.h>

#include <string.h>

#include "addr.h"
#include "sock.h"

/* the address of a numeric host, v4 or v6, all zero when it is none */
static inline union sock_addr
at(const char *ip, uint16_t port)
{
	struct sockaddr_storage ss;
	union sock_addr a;
	socklen_t len;

	memset(&a, 0, sizeof(a));
	if (addr_sock(ip, port, &ss, &len) == 0)
		memcpy(&a, &ss, sizeof(a));
	return a;
}

#endif
