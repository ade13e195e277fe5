/* limen: ISC licence, see LICENSE */
#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "kpath.h"
#include "ppp.h"
#include "relay.h"
#include "sidfilter.h"

/*
 * Data by the kernel (--kernel). A session that carries IP, PPP's negotiation
 * being over, is handed over: its two ends become PPP channels, PPPoE's and
 * L2TP's, and the kernel passes frames from one to the other. A packet or two
 * may be lost then, which IP stands and PPP would wait for. What belongs to
 * control comes to us as before: discovery through the packet socket, control
 * messages through the UDP socket of the tunnel, which hands on whatever is
 * for no session of the kernel's.
 *
 * Until a session is bridged its frames take our path, and they do again
 * when a step fails. The packet socket sees PPPoE's frames all the same: a
 * filter drops those of the sessions that the kernel has.
 */
#define HAND offsetof(struct call, hand)

enum {
	NO_SID = 65535, /* nobody's (RFC 2516 section 4) */
	REFILTER = 100, /* ms between changes of the filter */
	SETTLED = 1000, /* ms of IP alone: PPP has negotiated */
};

struct ends {
	int pppoe, l2tp; /* -1: none */
	int64_t spoke;	 /* when PPP itself last did */
};

struct kpath {
	struct ends *of; /* by call number */
	struct list ready;
	struct sidfilter has, now; /* sessions; those in force */
	int64_t filter_at;	   /* -1: nothing has changed */
	uint64_t handed, kept;
	uint32_t n;
	struct ends port; /* no session's: pppoe; what tells of its end: l2tp */
};

const char *
kpath_unfit(const struct relay_conf *c)
{
	if (c->port.kind != NETNAME_PACKET)
		return "the port is no interface";
	if (c->have_mac)
		return "not with --mac";
	if (c->per_session)
		return "not with --tunnel-per-session";
	if (c->mtu)
		return "not with --clamp-mss";
	if (c->capture || c->capture_lns)
		return "not with a capture";
	return NULL;
}

/* the kernel ends its sessions when the interface goes down, one that nobody
 * has too: that one is looked at */
static const char *
watch(struct relay *r, struct ends *port)
{
	if (port->pppoe >= 0)
		return NULL;
	port->pppoe = pppchan_pppoe(r->conf->port.arg, NO_SID, r->port.mac);
	if (port->pppoe < 0)
		return "PPPoE";
	port->l2tp = pppchan_watch(port->pppoe);
	if (port->l2tp >= 0)
		return NULL;
	ktunnel_close(&port->pppoe);
	return "/dev/ppp";
}

/* can this kernel do it? The name of what it cannot, with errno, or NULL */
static const char *
probe(struct relay *r, struct ends *port)
{
	const struct pppchan_l2tp none = { -1, 0, 0, 0, 0 };
	const char *what = NULL;
	int fd = pppchan_l2tp(&none);

	if (fd < 0)
		return "L2TP";
	close(fd);
	if (!(what = watch(r, port)) && pppchan_bridge(port->pppoe, -1) < 0)
		what = "PPP bridge";
	return what;
}

/* two descriptors a session; at the hard limit hand-over ends, no session */
static void
room(const struct relay *r)
{
	struct rlimit want = { 2 * r->ncalls + 256, 2 * r->ncalls + 256 }, is;

	if (getrlimit(RLIMIT_NOFILE, &is) < 0 || is.rlim_cur >= want.rlim_cur)
		return;
	if (is.rlim_max > want.rlim_max)
		want.rlim_max = is.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &want) == 0)
		return;
	is.rlim_cur = is.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &is);
}

int
kpath_init(struct relay *r)
{
	const char *why = kpath_unfit(r->conf), *what;
	struct ends port = { -1, -1, 0 };
	struct kpath *k;
	uint32_t i;

	if (r->conf->kernel == KERNEL_NO)
		return 0;
	if (why) {
		note(r, "sessions stay in user space: %s", why);
		return 0;
	}
	if ((what = probe(r, &port))) {
		if (r->conf->kernel == KERNEL_YES)
			die(1, "--kernel yes: %s:", what);
		note(r, "sessions stay in user space: %s: %s", what,
		    strerror(errno));
		ktunnel_close(&port.pppoe);
		return 0;
	}
	if (!(k = calloc(1, sizeof(*k))) ||
	    !(k->of = malloc((r->ncalls + 1) * sizeof(*k->of)))) {
		free(k);
		return -1;
	}
	for (i = 0; i <= r->ncalls; i++)
		k->of[i].pppoe = k->of[i].l2tp = -1;
	k->port = port;
	k->filter_at = -1;
	room(r);
	r->kpath = k;
	return 0;
}

static const char *
join(struct relay *r, struct call *c, struct ends *e)
{
	const struct pppoe_session *s = c->pppoe;
	const char *what;

	if ((what = watch(r, &r->kpath->port)) ||
	    (what = ktunnel_known(r, c->t)))
		return what;
	if ((e->l2tp = ktunnel_session(c->t, c->l2.sid, c->l2.psid)) < 0)
		return "L2TP session";
	e->pppoe = pppchan_pppoe(r->conf->port.arg, s->sid, s->c->mac);
	if (e->pppoe < 0)
		return "PPPoE session";
	return pppchan_bridge(e->pppoe, e->l2tp) < 0 ? "PPP bridge" : NULL;
}

static void
changed(struct relay *r, unsigned sid, void (*f)(struct sidfilter *, unsigned))
{
	struct kpath *k = r->kpath;

	f(&k->has, sid);
	if (k->filter_at < 0)
		k->filter_at = r->now + REFILTER;
}

static void
want(struct relay *r, struct call *c)
{
	c->kernel = KPATH_WANTED;
	r->kpath->of[c - r->calls].spoke = r->now;
}

static void
hand_over(struct relay *r, uint16_t n)
{
	struct kpath *k = r->kpath;
	struct call *c = &r->calls[n];
	char b[80];
	const char *what;

	if (!c->pppoe || c->pppoe->state != PPPOE_UP || !c->t)
		return;
	if (!(what = join(r, c, &k->of[n]))) {
		c->kernel = KPATH_HAS;
		k->handed++;
		k->n++;
		changed(r, c->pppoe->sid, sidfilter_set);
		note(r, "session %u: handed to the kernel", c->pppoe->sid);
		return;
	}
	snprintf(b, sizeof(b), "kernel: %s: %s", what, strerror(errno));
	ktunnel_close(&k->of[n].l2tp);
	ktunnel_close(&k->of[n].pppoe);
	if (errno == ENODEV) { /* the interface is down: it comes back */
		want(r, c);
		return;
	}
	k->kept++;
	if (r->conf->kernel == KERNEL_YES) {
		warn("session %u: %s", c->pppoe->sid, b);
		call_drop(r, c, b);
		return;
	}
	note(r, "session %u stays in user space: %s", c->pppoe->sid, b);
}

/* the kernel's PPPoE has no tags of a VLAN */
void
kpath_up(struct relay *r, struct call *c)
{
	if (!r->kpath || c->pppoe->c->ntag)
		return;
	want(r, c);
	/* its number may still be dropped on behalf of an older session */
	if (sidfilter_has(&r->kpath->now, c->pppoe->sid)) {
		r->kpath->filter_at = r->now;
		kpath_turn(r);
	}
}

/* IP and IPv6, with the protocol's first byte compressed or not */
static int
is_ip(const uint8_t *p, size_t n)
{
	if (n && !*p) {
		p++;
		n--;
	}
	return n > 1 && (*p == PPP_IP || *p == PPP_IP6);
}

int
kpath_frame(struct relay *r, struct call *c, const uint8_t *p, size_t n)
{
	const uint16_t i = (uint16_t)(c - r->calls);
	struct ends *e = &r->kpath->of[i];

	if (c->kernel == KPATH_HAS)
		return 1;
	if (!is_ip(p, n))
		e->spoke = r->now;
	/* where numbers are sent the kernel would begin anew with them */
	if (c->kernel == KPATH_WANTED && !c->sequence &&
	    r->now - e->spoke >= SETTLED) {
		c->kernel = KPATH_READY;
		list_add(r, &r->kpath->ready, HAND, i);
	}
	return 0;
}

void
kpath_drop(struct relay *r, struct call *c)
{
	const uint16_t n = (uint16_t)(c - r->calls);
	struct kpath *k = r->kpath;

	if (c->kernel == KPATH_READY)
		list_del(r, &k->ready, HAND, n);
	if (c->kernel == KPATH_HAS) {
		if (c->pppoe)
			changed(r, c->pppoe->sid, sidfilter_clear);
		ktunnel_close(&k->of[n].pppoe);
		ktunnel_close(&k->of[n].l2tp);
		k->n--;
	}
	c->kernel = KPATH_NO;
}

void
kpath_turn(struct relay *r)
{
	struct kpath *k = r->kpath;
	uint16_t n;

	if (!k)
		return;
	while ((n = k->ready.first)) {
		list_del(r, &k->ready, HAND, n);
		r->calls[n].kernel = KPATH_NO;
		hand_over(r, n);
	}
	if (k->filter_at < 0 || k->filter_at > r->now)
		return;
	k->filter_at = -1;
	k->now = k->has;
	if (sidfilter_attach(&k->now, r->port.fd) == 0)
		return;
	memset(&k->now, 0, sizeof(k->now));
	note(r, "%s: filter: %s", r->conf->portname, strerror(errno));
}

void
kpath_event(struct relay *r, int i)
{
	struct kpath *k = r->kpath;
	uint32_t n;

	if (i < KPATH_TUNNELS) {
		if (r->ktunnel[i]) /* it may have ended in this very turn */
			wire_input(r, r->ktunnel[i]->udp);
		return;
	}
	note(r, "%s went down: its sessions are taken back", r->conf->portname);
	ktunnel_close(&k->port.l2tp);
	ktunnel_close(&k->port.pppoe);
	for (n = 1; n <= r->ncalls; n++)
		if (r->calls[n].kernel == KPATH_HAS) {
			kpath_drop(r, &r->calls[n]);
			want(r, &r->calls[n]);
		}
	k->filter_at = r->now;
}

int64_t
kpath_deadline(const struct relay *r)
{
	return r->kpath ? r->kpath->filter_at : -1;
}

int
kpath_fd(const struct relay *r, int i)
{
	const struct kpath *k = r->kpath;

	if (!k)
		return -1;
	if (i == KPATH_TUNNELS)
		return k->port.l2tp;
	return r->ktunnel[i] ? r->ktunnel[i]->udp : -1;
}

int
kpath_count(
    const struct relay *r, const struct call *c, struct pppchan_count *n)
{
	if (c->kernel != KPATH_HAS)
		return -1;
	return pppchan_count(r->kpath->of[c - r->calls].l2tp, n);
}

void
kpath_sum(const struct relay *r, struct kpath_sum *s)
{
	const struct kpath *k = r->kpath;

	memset(s, 0, sizeof(*s));
	if (!k)
		return;
	s->now = k->n;
	s->handed = k->handed;
	s->kept = k->kept;
}
