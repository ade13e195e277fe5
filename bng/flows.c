/* limen: ISC licence, see LICENSE */
#include <sys/resource.h>

#include <stdlib.h>
#include <string.h>

#include "flows.h"
#include "ip.h"

enum { MOST = 1 << 20 };

struct flow {
	int who;	    /* FLOWS_NOBODY, or in its list: */
	int32_t next, prev; /* descriptor + 1, 0 the end */
	uint8_t open, udp;
	uint16_t port;
	uint8_t src[16];
};

void
flows_init(struct flows *f)
{
	struct rlimit r = { 1024, 1024 };

	memset(f, 0, sizeof(*f));
	f->who = FLOWS_NOBODY;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max < MOST ? r.rlim_max : MOST;
		if (setrlimit(RLIMIT_NOFILE, &r) < 0)
			getrlimit(RLIMIT_NOFILE, &r);
	}
	if (r.rlim_cur > FLOWS_REST)
		f->limit = r.rlim_cur < MOST ? (unsigned)r.rlim_cur : MOST;
	f->limit -= f->limit ? FLOWS_REST : 0;
}

void
flows_free(struct flows *f)
{
	free(f->f);
	f->f = NULL;
	f->cap = 0;
}

/* the port and address that libslirp knows a flow of UDP by */
static int
udp_source(const uint8_t *p, size_t len, struct flow *k)
{
	struct ip ip;

	if (!p || ip_get(&ip, p, len) < 0 || ip.proto != IP_UDP || ip.len < 8)
		return 0;
	k->udp = 1;
	k->port = (uint16_t)(ip.body[0] << 8 | ip.body[1]);
	memcpy(k->src, ip.src, 16);
	return 1;
}

/* has who a flow of UDP that this packet is of? */
static int
known(const struct flows *f, int who, const uint8_t *p, size_t len)
{
	struct flow k;
	int32_t i;

	if (!udp_source(p, len, &k))
		return 0;
	for (i = f->first[who]; i; i = f->f[i - 1].next)
		if (f->f[i - 1].udp && f->f[i - 1].port == k.port &&
		    !memcmp(f->f[i - 1].src, k.src, 16))
			return 1;
	return 0;
}

/* libslirp makes a socket for each echo request, for each SYN, and for UDP
 * from a port that it has not seen yet */
static int
begins(const struct flows *f, int who, const uint8_t *p, size_t len)
{
	struct ip ip;

	if (ip_get(&ip, p, len) < 0 || !ip.len)
		return 0;
	switch (ip.proto) {
	case IP_ICMP: return ip.body[0] == ICMP_ECHO;
	case IP_TCP:
		return ip.len > 13 &&
		       (ip.body[13] & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	case IP_UDP: return !known(f, who, p, len);
	}
	return 0;
}

int
flows_may_pass(struct flows *f, int who, const uint8_t *ip, size_t len)
{
	const unsigned n = f->count[who];
	const unsigned left = f->limit > f->total ? f->limit - f->total : 0;

	if ((n < FLOWS_MAX && n < left) || !begins(f, who, ip, len))
		return 1;
	f->refused++;
	return 0;
}

void
flows_input(struct flows *f, int who, const uint8_t *ip, size_t len)
{
	f->who = who;
	f->ip = ip;
	f->len = len;
}

static int
make_room(struct flows *f, int fd)
{
	int cap = f->cap ? f->cap : 64;
	struct flow *p;

	while (cap <= fd)
		cap *= 2;
	if (cap == f->cap)
		return 0;
	p = realloc(f->f, (size_t)cap * sizeof(*p));
	if (!p)
		return -1;
	memset(p + f->cap, 0, (size_t)(cap - f->cap) * sizeof(*p));
	f->f = p;
	f->cap = cap;
	return 0;
}

void
flows_open(struct flows *f, int fd)
{
	struct flow *k;
	int32_t *first;

	if (fd < 0 || fd >= MOST || make_room(f, fd) < 0)
		return;
	flows_close(f, fd);
	k = &f->f[fd];
	memset(k, 0, sizeof(*k));
	k->open = 1;
	k->who = f->who;
	f->total++;
	if (k->who == FLOWS_NOBODY)
		return;
	udp_source(f->ip, f->len, k);
	first = &f->first[k->who];
	k->next = *first;
	if (k->next)
		f->f[k->next - 1].prev = fd + 1;
	*first = fd + 1;
	f->count[k->who]++;
}

void
flows_close(struct flows *f, int fd)
{
	struct flow *k;

	if (fd < 0 || fd >= f->cap || !f->f[fd].open)
		return;
	k = &f->f[fd];
	k->open = 0;
	f->total--;
	if (k->who == FLOWS_NOBODY)
		return;
	f->count[k->who]--;
	if (k->next)
		f->f[k->next - 1].prev = k->prev;
	if (k->prev)
		f->f[k->prev - 1].next = k->next;
	else
		f->first[k->who] = k->next;
}
