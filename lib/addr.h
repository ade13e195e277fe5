/* limen: ISC licence, see LICENSE */
#ifndef ADDR_H
#define ADDR_H

#include <netinet/in.h>
#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>

#define ADDR_MACLEN 18 /* "ba:ad:1d:ea:21:01" and its NUL */
#define ADDR_LEN    64 /* "[v6%scope]:port" and its NUL, in short form */

/* an address prefix; v4 addresses stand in the first 4 bytes */
struct addr_net {
	int family; /* AF_INET, AF_INET6 */
	int len;    /* of the prefix in bits */
	uint8_t a[16];
};

/* "ba:ad:1d:ea:21:01" (also with '-'); 0, or -1 */
int addr_mac(const char *s, uint8_t mac[6]);
char *addr_macstr(char b[ADDR_MACLEN], const uint8_t mac[6]);

/* dotted quad to host order; 0, or -1 */
int addr_ip4(const char *s, uint32_t *ip);
char *addr_ip4str(char b[16], uint32_t ip);

/* "ADDR" or "ADDR/LEN", v4 or v6, host bits need not be zero; 0, or -1 */
int addr_net(const char *s, struct addr_net *n);

/* does sa (a v4-mapped one counts as v4) lie within n? */
int addr_in(const struct sockaddr *sa, const struct addr_net *n);

/*
 * Splits "host", "host:port", "[v6]:port" or a bare v6 address. host gets at
 * most cap bytes with its NUL; *port is left alone when none is given.
 * 0, or -1.
 */
int addr_hostport(const char *s, char *host, size_t cap, uint16_t *port);

/* the same of one to send to, which has a host and a port; *port is the one
 * where none is given */
int addr_server(const char *s, char *host, size_t cap, uint16_t *port);

/* a numeric "host:port" as addr_hostport takes it to a socket address;
 * an empty host or "*" is the any address of v4. 0, or -1. */
int addr_sock(
    const char *s, uint16_t port, struct sockaddr_storage *ss, socklen_t *len);

/* numeric form, with the port when it is asked for */
char *addr_str(char b[ADDR_LEN], const struct sockaddr *sa);
char *addr_portstr(char b[ADDR_LEN], const struct sockaddr *sa);

/* same family, address, port and, of a link-local address, interface? */
int addr_same(const struct sockaddr *a, const struct sockaddr *b);

#endif
