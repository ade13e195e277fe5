/* limen: ISC licence, see LICENSE */
#include <arpa/inet.h>
#include <net/if.h>

#include <stdio.h>
#include <string.h>

#include "addr.h"
#include "hex.h"
#include "num.h"

int
addr_mac(const char *s, uint8_t mac[6])
{
	uint8_t m[6];
	int i, h, l;

	for (i = 0; i < 6; i++, s += 2) {
		if (i > 0 && *s != ':' && *s != '-')
			return -1;
		s += i > 0;
		if ((h = hex_digit((unsigned char)s[0])) < 0 ||
		    (l = hex_digit((unsigned char)s[1])) < 0)
			return -1;
		m[i] = (uint8_t)(h << 4 | l);
	}
	if (*s)
		return -1;
	memcpy(mac, m, 6);
	return 0;
}

char *
addr_macstr(char b[ADDR_MACLEN], const uint8_t m[6])
{
	snprintf(b, ADDR_MACLEN, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1],
	    m[2], m[3], m[4], m[5]);
	return b;
}

int
addr_ip4(const char *s, uint32_t *ip)
{
	struct in_addr in;

	if (inet_pton(AF_INET, s, &in) != 1)
		return -1;
	*ip = ntohl(in.s_addr);
	return 0;
}

char *
addr_ip4str(char b[16], uint32_t ip)
{
	snprintf(b, 16, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255,
	    ip & 255);
	return b;
}

int
addr_net(const char *s, struct addr_net *n)
{
	const char *slash = strchr(s, '/');
	size_t len = slash ? (size_t)(slash - s) : strlen(s);
	char b[INET6_ADDRSTRLEN];
	int64_t v;

	if (len >= sizeof(b))
		return -1;
	memset(n, 0, sizeof(*n));
	memcpy(b, s, len);
	b[len] = 0;
	if (inet_pton(AF_INET, b, n->a) == 1)
		n->family = AF_INET;
	else if (inet_pton(AF_INET6, b, n->a) == 1)
		n->family = AF_INET6;
	else
		return -1;
	v = n->family == AF_INET ? 32 : 128;
	if (slash && num_parse(slash + 1, 0, v, &v) < 0)
		return -1;
	n->len = (int)v;
	return 0;
}

/* the bytes of an address; *family is AF_INET for a v4-mapped one */
static const uint8_t *
bytes(const struct sockaddr *sa, int *family)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xff };
	const struct sockaddr_in *in = (const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;

	*family = sa->sa_family;
	if (sa->sa_family == AF_INET)
		return (const uint8_t *)&in->sin_addr;
	if (sa->sa_family != AF_INET6)
		return NULL;
	if (memcmp(in6->sin6_addr.s6_addr, mapped, 12))
		return in6->sin6_addr.s6_addr;
	*family = AF_INET;
	return in6->sin6_addr.s6_addr + 12;
}

int
addr_in(const struct sockaddr *sa, const struct addr_net *n)
{
	int family, whole = n->len / 8, rest = n->len % 8;
	const uint8_t *p = bytes(sa, &family);

	if (!p || family != n->family || memcmp(p, n->a, (size_t)whole))
		return 0;
	return !rest || !((p[whole] ^ n->a[whole]) >> (8 - rest));
}

/* a v6 address, with or without its interface? */
static int
is_v6(const char *s)
{
	char h[INET6_ADDRSTRLEN];
	struct in6_addr a;
	const size_t n = strcspn(s, "%");

	if (n >= sizeof(h))
		return 0;
	memcpy(h, s, n);
	h[n] = 0;
	return inet_pton(AF_INET6, h, &a) == 1;
}

int
addr_hostport(const char *s, char *host, size_t cap, uint16_t *port)
{
	const char *end, *colon;
	int six = *s == '[';
	int64_t v;

	if (six) {
		if (!(end = strchr(++s, ']')) || (end[1] && end[1] != ':'))
			return -1;
		colon = end[1] ? end + 1 : NULL;
	} else {
		colon = strchr(s, ':');
		six = colon && strchr(colon + 1, ':');
		if (six)
			colon = NULL;
		end = colon ? colon : s + strlen(s);
	}
	if ((size_t)(end - s) >= cap)
		return -1;
	if (colon && num_parse(colon + 1, 0, 65535, &v) < 0)
		return -1;
	memcpy(host, s, (size_t)(end - s));
	host[end - s] = 0;
	if (six && !is_v6(host))
		return -1;
	if (colon)
		*port = (uint16_t)v;
	return 0;
}

int
addr_server(const char *s, char *host, size_t cap, uint16_t *port)
{
	return addr_hostport(s, host, cap, port) == 0 && *host && *port ? 0
									: -1;
}

static int
numeric6(char *h, struct sockaddr_in6 *in6)
{
	char *pct = strchr(h, '%');

	if (pct) {
		*pct++ = 0;
		if (!(in6->sin6_scope_id = if_nametoindex(pct)))
			return -1;
	}
	return inet_pton(AF_INET6, h, &in6->sin6_addr) == 1 ? 0 : -1;
}

int
addr_sock(
    const char *s, uint16_t port, struct sockaddr_storage *ss, socklen_t *len)
{
	struct sockaddr_in *in = (void *)ss;
	struct sockaddr_in6 *in6 = (void *)ss;
	char h[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];

	if (addr_hostport(s, h, sizeof(h), &port) < 0)
		return -1;
	memset(ss, 0, sizeof(*ss));
	if (!*h || !strcmp(h, "*") ||
	    inet_pton(AF_INET, h, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		*len = sizeof(*in);
		return 0;
	}
	if (numeric6(h, in6) < 0)
		return -1;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	*len = sizeof(*in6);
	return 0;
}

static unsigned
portof(const struct sockaddr *sa)
{
	const struct sockaddr_in *in = (const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;

	return ntohs(sa->sa_family == AF_INET6 ? in6->sin6_port : in->sin_port);
}

char *
addr_str(char b[ADDR_LEN], const struct sockaddr *sa)
{
	int family;
	const uint8_t *p = bytes(sa, &family);

	if (!p || !inet_ntop(family, p, b, ADDR_LEN))
		snprintf(b, ADDR_LEN, "?");
	return b;
}

char *
addr_portstr(char b[ADDR_LEN], const struct sockaddr *sa)
{
	char h[ADDR_LEN];

	addr_str(h, sa);
	if (strchr(h, ':'))
		snprintf(b, ADDR_LEN, "[%.46s]:%u", h, portof(sa));
	else
		snprintf(b, ADDR_LEN, "%.46s:%u", h, portof(sa));
	return b;
}

/* a link-local address is another one on another link (RFC 4007, 6) */
static unsigned
zone(const struct sockaddr *sa)
{
	const struct sockaddr_in6 *in6 = (const void *)sa;

	return sa->sa_family == AF_INET6 &&
		       IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr)
		   ? in6->sin6_scope_id
		   : 0;
}

int
addr_same(const struct sockaddr *a, const struct sockaddr *b)
{
	int fa, fb;
	const uint8_t *pa = bytes(a, &fa), *pb = bytes(b, &fb);

	return pa && pb && fa == fb && portof(a) == portof(b) &&
	       !memcmp(pa, pb, fa == AF_INET ? 4 : 16) && zone(a) == zone(b);
}
