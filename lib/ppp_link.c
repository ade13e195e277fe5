/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ppp_link.h"

const struct ppp_link_cfg ppp_link_defaults = {
	.lcp = { .cp = PPP_CP_DEFAULTS, .echo = 20000, .echo_failures = 3 },
	.auth = { .restart = 3000, .max_tries = 10 },
	.peer = { .restart = 3000, .max_tries = 10 },
	.setup = 60000
};

static const char *const phase_names[] = { "dead", "establish", "authenticate",
	"admit", "network", "terminate", "ended" };
_Static_assert(sizeof(phase_names) / sizeof(*phase_names) == PPP_LINK_NPHASES,
    "a name for each");

const char *
ppp_link_phase_name(unsigned phase)
{
	return phase < PPP_LINK_NPHASES ? phase_names[phase] : "unknown";
}

const char *
ppp_link_name(const struct ppp_link *l)
{
	return l->auth.passed ? l->auth.name : "";
}

/* the only place that changes the phase. Until a network runs, and while
 * none does, the time is limited; LCP that begins anew gets no more of it. */
static void
setphase(struct ppp_link *l, struct ppp_turn *t, unsigned next, const char *ev)
{
	const struct ppp_act_log log = { "link", phase_names[l->phase],
		phase_names[next], ev };

	if (next == PPP_LINK_TERMINATE || next == PPP_LINK_ENDED)
		l->setup_at = -1;
	else if (next == PPP_LINK_ESTABLISH && l->setup_at < 0)
		l->setup_at = t->now + l->cfg->setup;
	if (next == l->phase)
		return;
	l->phase = (uint8_t)next;
	ppp_turn_log(t, &log);
}

static struct ppp_turn *
begin(struct ppp_link *l, struct ppp_turn *t)
{
	t->key = l->key;
	t->count = &l->count;
	return t;
}

void
ppp_link_init(
    struct ppp_link *l, const struct ppp_link_cfg *cfg, const uint8_t seed[16])
{
	memset(l, 0, sizeof(*l));
	l->cfg = cfg;
	memcpy(l->key, seed, sizeof(l->key));
	l->setup_at = -1;
	l->lcp.echo_at = l->lcp.cp.deadline = -1;
	l->ipcp.cp.deadline = l->ip6cp.cp.deadline = -1;
	l->auth.deadline = l->peer.deadline = -1;
}

static void
set_up(struct ppp_link *l, struct ppp_turn *t, unsigned net)
{
	const uint16_t mtu = ppp_lcp_mtu(&l->lcp);
	struct ppp_act *a;

	l->up |= (uint8_t)net;
	l->setup_at = -1;
	if (net == PPP_NET_IP4) {
		a = ppp_turn_add(t, PPP_ACT_UP4);
		a->u.ip4 = (struct ppp_act_ip4){ l->ipcp.ours, l->ipcp.his,
			{ l->ipcp.dns[0], l->ipcp.dns[1] }, mtu };
	} else {
		a = ppp_turn_add(t, PPP_ACT_UP6);
		a->u.ip6 =
		    (struct ppp_act_ip6){ l->ip6cp.ours, l->ip6cp.his, mtu };
	}
}

static void
set_down(struct ppp_link *l, struct ppp_turn *t, unsigned nets)
{
	const unsigned was = l->up;

	l->up &= (uint8_t)~nets;
	if (was & nets & PPP_NET_IP4)
		ppp_turn_add(t, PPP_ACT_DOWN4);
	if (was & nets & PPP_NET_IP6)
		ppp_turn_add(t, PPP_ACT_DOWN6);
	if (was && !l->up)
		l->setup_at = t->now + l->cfg->setup;
}

/* all above LCP falls with it */
static void
stop_above(struct ppp_link *l, struct ppp_turn *t)
{
	ppp_auth_stop(&l->auth);
	ppp_peer_stop(&l->peer);
	if (l->nets & PPP_NET_IP4)
		ppp_cp_event(&l->ipcp.cp, t, PPP_CP_DOWN);
	if (l->nets & PPP_NET_IP6)
		ppp_cp_event(&l->ip6cp.cp, t, PPP_CP_DOWN);
	l->nets = 0;
	set_down(l, t, PPP_NET_IP4 | PPP_NET_IP6);
}

static void
end(struct ppp_link *l, struct ppp_turn *t, enum ppp_end why)
{
	if (l->phase == PPP_LINK_ENDED)
		return;
	stop_above(l, t);
	l->lcp.cp.deadline = l->lcp.echo_at = -1;
	setphase(l, t, PPP_LINK_ENDED, ppp_end_name(why));
	explicit_bzero(l->key, sizeof(l->key));
	ppp_turn_add(t, PPP_ACT_END)->u.end = why;
}

/* why LCP, which does not run any more, has stopped */
static enum ppp_end
cause(const struct ppp_link *l)
{
	if (l->why)
		return (enum ppp_end)l->why;
	return l->lcp.end ? (enum ppp_end)l->lcp.end : PPP_END_LCP;
}

static void
admit(struct ppp_link *l, struct ppp_turn *t, const char *ev)
{
	struct ppp_act *a;

	setphase(l, t, PPP_LINK_ADMIT, ev);
	a = ppp_turn_add(t, PPP_ACT_NETWORK);
	a->p = (const uint8_t *)ppp_link_name(l);
	a->len = strlen(ppp_link_name(l));
}

static void
lcp_up(struct ppp_link *l, struct ppp_turn *t)
{
	l->auth.passed = 0; /* that was of an LCP before */
	if (!l->lcp.auth && !l->lcp.his_auth) {
		admit(l, t, "LCP is up");
		return;
	}
	setphase(l, t, PPP_LINK_AUTHENTICATE, "LCP is up");
	if (l->lcp.auth)
		ppp_auth_start(
		    &l->auth, t, &l->cfg->auth, (enum ppp_method)l->lcp.auth);
	if (l->lcp.his_auth)
		ppp_peer_start(&l->peer, t, &l->cfg->peer,
		    (enum ppp_method)l->lcp.his_auth);
}

/* what LCP tells the layer above (RFC 1661 section 4.4) */
static void
lcp_says(struct ppp_link *l, struct ppp_turn *t, unsigned got)
{
	const unsigned s = l->lcp.cp.state;

	if (got & PPP_CP_TLD) {
		stop_above(l, t);
		if (s == PPP_CP_STOPPING && !l->why)
			l->why = PPP_END_PEER;
		setphase(l, t,
		    s >= PPP_CP_REQ_SENT ? PPP_LINK_ESTABLISH
					 : PPP_LINK_TERMINATE,
		    "LCP is down");
	}
	if (got & PPP_CP_TLU)
		lcp_up(l, t);
	if (got & PPP_CP_TLF)
		end(l, t, cause(l));
}

static void
close_lcp(struct ppp_link *l, struct ppp_turn *t, enum ppp_end why)
{
	if (!l->why)
		l->why = (uint8_t)why;
	lcp_says(l, t, ppp_cp_event(&l->lcp.cp, t, PPP_CP_CLOSE));
	l->lcp.echo_at = -1;
	if (l->phase != PPP_LINK_ENDED)
		setphase(l, t, PPP_LINK_TERMINATE, ppp_end_name(why));
}

void
ppp_link_open(struct ppp_link *l, struct ppp_turn *t, uint16_t mru)
{
	begin(l, t);
	if (l->phase != PPP_LINK_DEAD)
		return;
	ppp_lcp_init(&l->lcp, t, &l->cfg->lcp, mru);
	ppp_lcp_heard(&l->lcp, t);
	setphase(l, t, PPP_LINK_ESTABLISH, "open");
	ppp_cp_event(&l->lcp.cp, t, PPP_CP_OPEN);
	ppp_cp_event(&l->lcp.cp, t, PPP_CP_UP);
}

/* does a network protocol run, or may it still come to that? */
static int
hopeful(const struct ppp_cp *cp)
{
	return cp->state > PPP_CP_STOPPED;
}

static void
ncp_says(struct ppp_link *l, struct ppp_turn *t, unsigned net, unsigned got)
{
	if (got & PPP_CP_TLD)
		set_down(l, t, net);
	if (got & PPP_CP_TLU && net == PPP_NET_IP4 && !l->ipcp.ours)
		got |= ppp_cp_event(&l->ipcp.cp, t, PPP_CP_CLOSE);
	else if (got & PPP_CP_TLU)
		set_up(l, t, net);
	if (!(got & PPP_CP_TLF))
		return;
	if ((l->nets & PPP_NET_IP4 && hopeful(&l->ipcp.cp)) ||
	    (l->nets & PPP_NET_IP6 && hopeful(&l->ip6cp.cp)))
		return;
	close_lcp(l, t, PPP_END_NCP);
}

void
ppp_link_network(
    struct ppp_link *l, struct ppp_turn *t, const struct ppp_net *net)
{
	begin(l, t);
	if (l->phase != PPP_LINK_ADMIT)
		return;
	setphase(l, t, PPP_LINK_NETWORK, "admitted");
	l->nets = (uint8_t)net->flags;
	if (l->nets & PPP_NET_IP4) {
		ppp_ipcp_init(&l->ipcp, &l->cfg->lcp.cp, &net->ip4);
		ppp_cp_event(&l->ipcp.cp, t, PPP_CP_OPEN);
		ppp_cp_event(&l->ipcp.cp, t, PPP_CP_UP);
	}
	if (l->nets & PPP_NET_IP6) {
		ppp_ip6cp_init(&l->ip6cp, t, &l->cfg->lcp.cp, &net->ip6);
		ppp_cp_event(&l->ip6cp.cp, t, PPP_CP_OPEN);
		ppp_cp_event(&l->ip6cp.cp, t, PPP_CP_UP);
	}
	if (!l->nets)
		close_lcp(l, t, PPP_END_NCP);
}

/* both sides have proven what was asked of them? */
static void
maybe_admit(struct ppp_link *l, struct ppp_turn *t)
{
	if (l->phase != PPP_LINK_AUTHENTICATE)
		return;
	if (l->lcp.auth && l->auth.state != PPP_AUTH_PASSED)
		return;
	if (l->lcp.his_auth && l->peer.state != PPP_PEER_PASSED)
		return;
	admit(l, t, "authenticated");
}

static void
auth_says(struct ppp_link *l, struct ppp_turn *t, enum ppp_auth_result got)
{
	switch (got) {
	case PPP_AUTH_WAIT: break;
	case PPP_AUTH_OK: maybe_admit(l, t); break;
	case PPP_AUTH_BAD: close_lcp(l, t, PPP_END_AUTH); break;
	case PPP_AUTH_TIMEOUT: close_lcp(l, t, PPP_END_AUTHTIME); break;
	}
}

static void
peer_says(struct ppp_link *l, struct ppp_turn *t, enum ppp_peer_result got)
{
	switch (got) {
	case PPP_PEER_WAIT: break;
	case PPP_PEER_OK: maybe_admit(l, t); break;
	case PPP_PEER_BAD: close_lcp(l, t, PPP_END_AUTH); break;
	case PPP_PEER_TIMEOUT: close_lcp(l, t, PPP_END_AUTHTIME); break;
	}
}

void
ppp_link_secret(
    struct ppp_link *l, struct ppp_turn *t, const void *secret, size_t len)
{
	begin(l, t);
	auth_says(l, t, ppp_auth_secret(&l->auth, t, secret, len));
}

/* which network a protocol is of, 0: none */
static unsigned
net_of(unsigned proto)
{
	switch (proto) {
	case PPP_IP:
	case PPP_IPCP: return PPP_NET_IP4;
	case PPP_IP6:
	case PPP_IP6CP: return PPP_NET_IP6;
	}
	return 0;
}

/* the control protocol of a network; NULL: that one is not wanted */
static struct ppp_cp *
ncp(struct ppp_link *l, unsigned net)
{
	if (!(l->nets & net))
		return NULL;
	return net == PPP_NET_IP4 ? &l->ipcp.cp : &l->ip6cp.cp;
}

/* RFC 1661 section 5.7: the peer does not know a protocol that we sent */
static void
got_protocol_reject(struct ppp_link *l, struct ppp_turn *t, unsigned proto)
{
	const unsigned net = net_of(proto);
	struct ppp_cp *cp = ncp(l, net);

	if (cp)
		ncp_says(l, t, net, ppp_cp_event(cp, t, PPP_CP_RXJ_MINUS));
	switch (proto) {
	case PPP_PAP:
	case PPP_CHAP:
		if (l->lcp.auth || l->lcp.his_auth)
			close_lcp(l, t, PPP_END_NOAUTH);
		break;
	case PPP_LCP: close_lcp(l, t, PPP_END_LCP); break;
	}
}

static void
got_lcp(struct ppp_link *l, struct ppp_turn *t, const struct ppp_frame *f)
{
	lcp_says(l, t, ppp_lcp_input(&l->lcp, t, f->data, f->len));
	if (l->lcp.rejected && l->phase != PPP_LINK_ENDED)
		got_protocol_reject(l, t, l->lcp.rejected);
}

static void
deliver(struct ppp_link *l, struct ppp_turn *t, const struct ppp_frame *f)
{
	struct ppp_act *a;

	if (!(l->up & (f->proto == PPP_IP ? PPP_NET_IP4 : PPP_NET_IP6)))
		return;
	a = ppp_turn_add(t, PPP_ACT_DELIVER);
	a->proto = f->proto;
	a->p = f->data;
	a->len = f->len;
}

/* frames of the network phase; before it they are silently discarded
 * (section 3.5), in it Protocol-Rejected when we have no use for them */
static void
got_network(struct ppp_link *l, struct ppp_turn *t, const struct ppp_frame *f)
{
	const unsigned net = net_of(f->proto);
	struct ppp_cp *cp = ncp(l, net);

	if (l->phase != PPP_LINK_NETWORK)
		return;
	if (!cp)
		ppp_lcp_reject(&l->lcp, t, f);
	else if (f->proto == PPP_IP || f->proto == PPP_IP6)
		deliver(l, t, f);
	else
		ncp_says(l, t, net, ppp_cp_input(cp, t, f->data, f->len));
}

void
ppp_link_input(
    struct ppp_link *l, struct ppp_turn *t, const void *frame, size_t len)
{
	struct ppp_frame f;

	begin(l, t);
	if (l->phase == PPP_LINK_DEAD || l->phase == PPP_LINK_ENDED ||
	    ppp_get(&f, frame, len) < 0)
		return;
	ppp_lcp_heard(&l->lcp, t);
	switch (f.proto) {
	case PPP_LCP: got_lcp(l, t, &f); break;
	case PPP_PAP:
	case PPP_CHAP:
		auth_says(l, t, ppp_auth_input(&l->auth, t, &f));
		peer_says(l, t, ppp_peer_input(&l->peer, t, &f));
		break;
	default: got_network(l, t, &f); break;
	}
}

void
ppp_link_tick(struct ppp_link *l, struct ppp_turn *t)
{
	begin(l, t);
	if (l->phase == PPP_LINK_DEAD || l->phase == PPP_LINK_ENDED)
		return;
	lcp_says(l, t, ppp_lcp_tick(&l->lcp, t));
	if (l->auth.state)
		auth_says(l, t, ppp_auth_tick(&l->auth, t));
	if (l->peer.state)
		peer_says(l, t, ppp_peer_tick(&l->peer, t));
	if (l->nets & PPP_NET_IP4)
		ncp_says(l, t, PPP_NET_IP4, ppp_cp_tick(&l->ipcp.cp, t));
	if (l->nets & PPP_NET_IP6)
		ncp_says(l, t, PPP_NET_IP6, ppp_cp_tick(&l->ip6cp.cp, t));
	if (l->setup_at >= 0 && t->now >= l->setup_at)
		close_lcp(l, t, PPP_END_SETUP);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return b < 0 || (a >= 0 && a < b) ? a : b;
}

int64_t
ppp_link_deadline(const struct ppp_link *l)
{
	int64_t d = earlier(l->setup_at, ppp_lcp_deadline(&l->lcp));

	d = earlier(d, earlier(l->auth.deadline, l->peer.deadline));
	if (l->nets & PPP_NET_IP4)
		d = earlier(d, l->ipcp.cp.deadline);
	if (l->nets & PPP_NET_IP6)
		d = earlier(d, l->ip6cp.cp.deadline);
	return d;
}

void
ppp_link_close(struct ppp_link *l, struct ppp_turn *t)
{
	begin(l, t);
	if (l->phase == PPP_LINK_DEAD)
		end(l, t, PPP_END_CLOSED);
	else if (l->phase != PPP_LINK_ENDED)
		close_lcp(l, t, PPP_END_CLOSED);
}

void
ppp_link_down(struct ppp_link *l, struct ppp_turn *t)
{
	/* a PADT on the heels of a Terminate-Request is not the cause */
	end(l, begin(l, t), l->why || l->lcp.end ? cause(l) : PPP_END_DOWN);
}
