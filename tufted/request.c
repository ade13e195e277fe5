/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "die.h"

#define ASK	 1000 /* ms between requests, doubled each time */
#define ASK_WAIT 500  /* with --wait */
#define WINDOW	 16   /* asked for by --get: as a boot loader would */
#define NAME	 440  /* with mode and options it is 512 at most: RFC 2347 */
#define BLKSIZE4 1468 /* fills an Ethernet frame */
#define BLKSIZE6 1448

static const char *
base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* the file's name at the server, and at this end */
static void
names(struct client *k)
{
	const struct conf *c = k->conf;

	k->name = c->remote ? c->remote : c->put ? base(c->file) : c->file;
	if (snprintf(k->out, sizeof(k->out), "%s",
		c->out ? c->out : base(k->name)) >= (int)sizeof(k->out))
		die(2, "-o: name too long");
	if (!*k->name || !*k->out || strlen(k->name) > NAME)
		die(2, "no name for the file in '%s': --name gives one",
		    c->file);
}

/* -l, the address to send from, or none: of no family */
static void
own_address(const struct conf *c, union sock_addr *a)
{
	struct sockaddr_storage ss;
	socklen_t len;

	memset(a, 0, sizeof(*a));
	if (!c->nlisten)
		return;
	if (addr_sock(c->listen[0], 0, &ss, &len) < 0)
		die(2, "not an address: %s", c->listen[0]);
	memcpy(a, &ss, sizeof(*a));
}

/* the server's addresses, of the family that we send from */
static void
resolve(struct client *k)
{
	struct addrinfo hint, *ai, *p;
	char host[256];
	uint16_t port = k->conf->port;
	int r;

	(void)addr_hostport(k->host, host, sizeof(host), &port);
	memset(&hint, 0, sizeof(hint));
	hint.ai_family = k->own.sa.sa_family;
	hint.ai_socktype = SOCK_DGRAM;
	if ((r = getaddrinfo(host, NULL, &hint, &ai)))
		die(1, "%s: %s", host,
		    r == EAI_AGAIN ? "no name server answers"
				   : "name not found");
	for (p = ai; p && k->naddr < CLIENT_ADDRS; p = p->ai_next)
		if (p->ai_addrlen <= sizeof(*k->addr)) {
			memcpy(&k->addr[k->naddr], p->ai_addr, p->ai_addrlen);
			sock_setport(&k->addr[k->naddr++], port);
		}
	freeaddrinfo(ai);
}

static int
open_socket(struct client *k, int family)
{
	union sock_addr a = k->own;
	int fd;

	a.sa.sa_family = (sa_family_t)family;
	if ((fd = sock_udp(&a, k->conf->iface)) < 0)
		return -1;
	if (k->sock >= 0)
		close(k->sock);
	k->sock = fd;
	sock_wanterrors(fd);
	if (k->conf->get && k->can & SOCK_JOINS)
		sock_gro(fd);
	sock_queue(fd, 1 << 20);
	return 0;
}

int
request_next(struct client *k)
{
	const int had = k->to.peer.sa.sa_family;
	int i, at, family;

	for (i = 1; i <= k->naddr; i++) {
		at = (k->at + i) % k->naddr;
		if (k->refused >> at & 1)
			continue;
		family = k->addr[at].sa.sa_family;
		if (family == had || open_socket(k, family) == 0) {
			k->at = at;
			k->to.peer = k->addr[at];
			return 0;
		}
		k->refused |= 1U << at;
	}
	return -1;
}

static int
open_put(struct client *k)
{
	const struct conf *c = k->conf;
	const int fd = open(c->file, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		die(1, "open %s:", c->file);
	if (!S_ISREG(st.st_mode))
		die(1, "%s: not a regular file", c->file);
	k->file.size = (uint64_t)st.st_size;
	return fd;
}

/* a file gets its own name only when all of it is there; a device, a pipe or
 * the like is not replaced, but written to. In a container each client may have
 * one number, and what a killed one left is not to be in the way. */
static int
open_get(struct client *k)
{
	const char *name = base(k->out);
	struct stat st;
	int fd;

	if (!strcmp(k->out, "-"))
		return 1;
	if (stat(k->out, &st) == 0 && !S_ISREG(st.st_mode))
		fd = open(k->out, O_WRONLY | O_CLOEXEC);
	else {
		snprintf(k->tmp, sizeof(k->tmp), "%.*s.%s.tufted-%ld-%lld",
		    (int)(name - k->out), k->out, name, (long)getpid(),
		    (long long)clock_ms());
		fd =
		    open(k->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	}
	if (fd < 0) {
		k->tmp[0] = 0;
		die(1, "create %s:", k->out);
	}
	return fd;
}

/* the file at this end */
static void
open_file(struct client *k)
{
	const int fd = k->conf->put ? open_put(k) : open_get(k);
	struct stat st;

	file_init(&k->file, fd, k->conf->netascii ? TFTP_NETASCII : TFTP_OCTET,
	    k->file.size);
	/* progress would wipe its lines, or those of who reads the pipe */
	if (!k->conf->put &&
	    (isatty(fd) || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))))
		k->log.live = 0;
}

static __attribute__((noreturn)) void
no_socket(const struct conf *c)
{
	if (errno == ENODEV && c->iface)
		die(1, "interface %s:", c->iface);
	if (c->nlisten)
		die(1, "bind %s:", c->listen[0]);
	die(1, "socket:");
}

void
request_open(struct client *k)
{
	names(k);
	own_address(k->conf, &k->own);
	resolve(k);
	k->can = sock_probe();
	k->sock = -1;
	k->at = k->naddr - 1;
	if (request_next(k) < 0)
		no_socket(k->conf);
	open_file(k);
}

/* what is asked for: by --get what makes it quick, by --put nothing unless
 * it is said, for a board's recovery may know the bare protocol only */
static void
options(struct client *k)
{
	const struct conf *c = k->conf;
	struct tftp_opts *o = &k->ask;
	int v6 = 0, i;

	for (i = 0; i < k->naddr; i++)
		v6 |= k->addr[i].sa.sa_family == AF_INET6;
	memset(o, 0, sizeof(*o));
	if (k->plain || (c->put && !c->blksize && !c->window))
		return;
	o->have = TFTP_HAVE_BLKSIZE;
	o->blksize = c->blksize ? c->blksize : v6 ? BLKSIZE6 : BLKSIZE4;
	o->window = c->window ? c->window : WINDOW;
	if (c->netascii)
		o->window = 1;
	else {
		o->have |= TFTP_HAVE_TSIZE;
		o->tsize = c->put ? k->file.size : 0;
	}
	/* what comes at once must not get lost */
	if (c->get)
		o->window = sock_fit(k->sock, o->window, o->blksize);
	if (o->window > 1 && (c->get || c->window))
		o->have |= TFTP_HAVE_WINDOW;
}

void
request_start(struct client *k)
{
	struct tftp_conf t;

	options(k);
	memset(&t, 0, sizeof(t));
	t.blksize = TFTP_BLKSIZE;
	t.window = 1;
	t.retries = k->conf->retries;
	t.rollover = k->conf->rollover;
	t.repeat = k->conf->rto;
	t.hello = k->conf->wait ? ASK_WAIT : ASK;
	t.wait = (unsigned)k->conf->wait;
	t.asked = k->ask;
	k->locked = 0;
	tftp_xfer_start(&k->x, &t, k->conf->put ? TFTP_PUT : TFTP_GET, k->now);
	if (k->conf->put && k->file.mode == TFTP_OCTET)
		tftp_xfer_size(&k->x, k->file.size);
}

void
request_put(const struct client *k, struct wr *w)
{
	struct tftp_pkt p;

	memset(&p, 0, sizeof(p));
	p.op = k->conf->put ? TFTP_WRQ : TFTP_RRQ;
	p.mode = k->file.mode;
	p.text = k->name;
	p.opts = k->ask;
	tftp_put_req(w, &p);
}
