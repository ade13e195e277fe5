/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ip.h"
#include "nat_error.h"

/* few packets are ICMP: the others are not read twice */
static int
may_be(const uint8_t *p, size_t len)
{
	return len > IP4_HEAD &&
	       (p[0] >> 4 == 6 ? p[6] == IP_ICMP6 : p[9] == IP_ICMP);
}

static int
is_loopback(const struct ip *ip)
{
	static const uint8_t one[16] = { [15] = 1 };

	return ip->version == 6 ? !memcmp(ip->src, one, 16) : ip->src[0] == 127;
}

static int
is_error(const struct ip *ip, const struct icmp *i)
{
	if (ip->version == 6)
		return ip->proto == IP_ICMP6 && i->type < 128;
	return i->type == ICMP_UNREACH || i->type == ICMP_TIMEX;
}

int
nat_error(struct wr *w, const uint8_t router[16], const uint8_t *p, size_t len)
{
	struct ip ip;
	struct icmp i;

	if (!may_be(p, len) || ip_get(&ip, p, len) < 0 ||
	    icmp_get(&i, &ip) < 0 || !is_error(&ip, &i))
		return -1;
	if (is_loopback(&ip) && ip.version == 4 && i.len >= IP4_HEAD)
		memcpy(ip.src, i.body + 16, 4);
	else if (is_loopback(&ip) && ip.version == 6 && i.len >= IP6_HEAD)
		memcpy(ip.src, i.body + 24, 16);
	else if (ip.version == 6 && ip_is_link_local(ip.src))
		memcpy(ip.src, router, 16);
	else
		return 1;
	icmp_put(w, &ip, &i);
	return w->err ? 1 : 0;
}
