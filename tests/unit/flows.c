/* limen: ISC licence, see LICENSE */
/*
 * Who has how many of libslirp's descriptors.
 *
 * link: bng/flows.c
 */
#include <string.h>

#include "../../bng/flows.h"
#include "ip.h"
#include "tap.h"

enum { HOSTILE, HONEST, THIRD };

static struct flows f;
static uint8_t p[128];
static size_t len;
static int fd;

static void
udp(int who, unsigned port)
{
	struct ip ip = { .version = 4, .ttl = 64 };
	struct udp u = { (uint16_t)port, 53, NULL, 0 };
	struct wr w;

	ip_put4(ip.src, 0x0a000001 + (unsigned)who);
	ip_put4(ip.dst, 0xc0000201);
	wr_init(&w, p, sizeof(p));
	udp_put(&w, &ip, &u);
	len = wr_len(&w);
}

static void
udp6(int who, unsigned port, unsigned host)
{
	struct ip ip = { .version = 6, .ttl = 64 };
	struct udp u = { (uint16_t)port, 53, NULL, 0 };
	struct wr w;

	ip.src[0] = 0xfd;
	ip.src[1] = (uint8_t)who;
	ip.src[15] = (uint8_t)host;
	wr_init(&w, p, sizeof(p));
	udp_put(&w, &ip, &u);
	len = wr_len(&w);
}

static void
tcp(int who, unsigned flags)
{
	struct ip ip = { .version = 4, .ttl = 64 };
	struct tcp t = { .sport = 1, .dport = 2, .flags = (uint8_t)flags };
	struct wr w;

	ip_put4(ip.src, 0x0a000001 + (unsigned)who);
	wr_init(&w, p, sizeof(p));
	tcp_put(&w, &ip, &t);
	len = wr_len(&w);
}

static void
echo(int who, unsigned type)
{
	struct ip ip = { .version = 4, .ttl = 64 };
	struct icmp i = { .type = (uint8_t)type };
	struct wr w;

	ip_put4(ip.src, 0x0a000001 + (unsigned)who);
	wr_init(&w, p, sizeof(p));
	icmp_put(&w, &ip, &i);
	len = wr_len(&w);
}

/* may who send p? */
static int
may(int who)
{
	return flows_may_pass(&f, who, p, len);
}

/* who sends it when it may, and libslirp opens a descriptor */
static int
begins(int who)
{
	if (!may(who))
		return 0;
	flows_input(&f, who, p, len);
	flows_open(&f, fd++);
	flows_input(&f, FLOWS_NOBODY, NULL, 0);
	return 1;
}

static void
begin(unsigned limit)
{
	flows_free(&f);
	flows_init(&f);
	f.limit = limit;
	fd = 10;
}

/* one takes what it can, the others have their share nevertheless */
static void
fair(void)
{
	unsigned i, n = 0, m = 0, k = 0;

	begin(300);
	for (i = 0; i < 1000; i++) {
		udp(HOSTILE, 1000 + i);
		n += (unsigned)begins(HOSTILE);
	}
	OK(n == 150 && f.refused == 850);
	for (i = 0; i < 1000; i++) {
		udp(HONEST, 1000 + i);
		m += (unsigned)begins(HONEST);
	}
	for (i = 0; i < 1000; i++) {
		tcp(THIRD, TCP_SYN);
		k += (unsigned)begins(THIRD);
	}
	OK(m == 75 && k == 38);
	begin(100000);
	for (i = n = 0; i < 2000; i++) {
		udp(HOSTILE, 1000 + i);
		n += (unsigned)begins(HOSTILE);
	}
	OK(n == FLOWS_MAX);
}

/* at the share: what is under way goes on, nothing begins */
static void
at_the_share(void)
{
	int i;

	begin(100000);
	for (i = 0; i < FLOWS_MAX; i++) {
		udp(HOSTILE, 1000 + (unsigned)i);
		(void)begins(HOSTILE);
	}
	udp(HOSTILE, 1000);
	OK(may(HOSTILE));
	udp(HOSTILE, 1000 + FLOWS_MAX);
	OK(!may(HOSTILE) && may(HONEST));
	udp6(HOSTILE, 1000, 1);
	OK_MSG(!may(HOSTILE), "the same port of another address");
	tcp(HOSTILE, TCP_SYN);
	OK(!may(HOSTILE) && may(HONEST));
	tcp(HOSTILE, TCP_ACK);
	OK(may(HOSTILE));
	tcp(HOSTILE, TCP_SYN | TCP_ACK);
	OK(may(HOSTILE));
	echo(HOSTILE, ICMP_ECHO);
	OK(!may(HOSTILE));
	echo(HOSTILE, ICMP_ECHO_REPLY);
	OK(may(HOSTILE));
	memset(p, 0, sizeof(p));
	OK_MSG(may(HOSTILE), "what is no packet opens nothing");
	flows_close(&f, 10 + 500);
	udp(HOSTILE, 1500);
	OK_MSG(may(HOSTILE), "one has gone");
	OK(begins(HOSTILE) && may(HOSTILE) && f.total == FLOWS_MAX);
	udp(HOSTILE, 9999);
	OK(!may(HOSTILE));
}

static void
six(void)
{
	int i;

	begin(100000);
	for (i = 0; i < FLOWS_MAX; i++) {
		udp6(HOSTILE, 7, (unsigned)i & 255);
		(void)begins(HOSTILE);
	}
	udp6(HOSTILE, 7, 3);
	OK(may(HOSTILE));
	udp6(HOSTILE, 8, 3);
	OK(!may(HOSTILE));
}

/* the lists stay whole, whatever the order */
static void
lists(void)
{
	unsigned r = 1, i, n = 0;
	int who, open[200] = { 0 };

	begin(100000);
	for (i = 0; i < 100000; i++) {
		r = r * 1664525 + 1013904223;
		fd = (int)(r >> 8) % 200;
		who = (int)(r >> 24) % 4 - 1;
		if (open[fd]) {
			flows_close(&f, fd);
		} else {
			udp(who < 0 ? 0 : who, 1000 + (unsigned)fd);
			flows_input(&f, who, p, len);
			flows_open(&f, fd);
		}
		open[fd] = !open[fd];
	}
	for (i = 0; i < 200; i++)
		n += (unsigned)open[i];
	OK(n == f.total && f.count[0] + f.count[1] + f.count[2] <= (int)n);
	for (fd = 0; fd < 200; fd++) {
		flows_close(&f, fd);
		flows_close(&f, fd);
	}
	OK(!f.total && !f.count[0] && !f.count[1] && !f.count[2]);
	OK(!f.first[0] && !f.first[1] && !f.first[2]);
	flows_open(&f, -1);
	flows_close(&f, -1);
	flows_close(&f, 1 << 30);
	OK_MSG(!f.total, "a socket that could not be had");
}

int
main(void)
{
	fair();
	at_the_share();
	six();
	lists();
	flows_free(&f);
	return tap_done();
}
