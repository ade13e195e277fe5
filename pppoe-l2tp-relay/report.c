/* limen: ISC licence, see LICENSE */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "addr.h"
#include "die.h"
#include "num.h"
#include "relay.h"

void
note(const struct relay *r, const char *fmt, ...)
{
	char b[512];
	va_list ap;

	if (!r->conf->verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(b, sizeof(b), fmt, ap);
	va_end(ap);
	warn("%s", b);
}

static void
say_lns(struct relay *r, const struct lns *l, struct wr *w)
{
	const struct tunnel *t = l->t;
	char b[ADDR_LEN];

	if (t && t->opened)
		ctl_say(w,
		    "lns %s: tunnel %u at %s %s, peer %s id %u, %u sessions",
		    l->name, t->id, addr_portstr(b, &t->peer.sa),
		    l2tp_cc_statename(t->cc.state),
		    t->cc.host[0] ? t->cc.host : "?", t->cc.ptid, t->ncalls);
	else if (l->dead_until > r->now)
		ctl_say(w, "lns %s: dead (%s), tried again in %lld s", l->name,
		    l->why, (long long)(l->dead_until - r->now + 999) / 1000);
	else
		ctl_say(w, "lns %s: %s, %u sessions", l->name,
		    r->conf->per_session && l->calls ? "a tunnel a session"
						     : "no tunnel",
		    l->calls);
	if (!l->numeric && r->resolver < 0)
		ctl_say(
		    w, "lns %s: its name is not looked up any more", l->name);
	ctl_say(w, "lns %s: %llu connects, %llu failures, %llu lost", l->name,
	    (unsigned long long)l->connects, (unsigned long long)l->failures,
	    (unsigned long long)l->lost);
	if (t && t->opened)
		ctl_say(w,
		    "lns %s: control %u sent, %u resent, %u received, "
		    "%u doubled, %u early, %u ignored",
		    l->name, t->cc.count.sent, t->cc.count.resent,
		    t->cc.count.received, t->cc.count.duplicate,
		    t->cc.count.early, t->cc.count.ignored);
}

/* what the kernel has passed on in this LNS's tunnel */
static void
say_kernel(const struct lns *l, struct wr *w)
{
	struct pppchan_count n;
	char up[8], down[8];

	if (!l->t || ktunnel_count(l->t, &n) < 0)
		return;
	ctl_say(w,
	    "lns %s: kernel from clients %llu frames %s, to clients %llu "
	    "frames %s",
	    l->name, (unsigned long long)n.tx, num_human(up, n.tx_bytes),
	    (unsigned long long)n.rx, num_human(down, n.rx_bytes));
}

static void
say_counts(struct relay *r, struct wr *w)
{
	const struct pppoe_ac_count *n = &r->ac.n;
	struct kpath_sum k;
	int i;

	ctl_say(w, "up %lld s, %u sessions of %u, %u tunnels%s",
	    (long long)(r->now - r->start) / 1000, r->ac.tab.count,
	    r->conf->ac.max, r->live,
	    r->ac.conf.flags & PPPOE_AC_DRAIN ? ", draining" : "");
	ctl_say(w,
	    "discovery PADI %llu, PADO %llu, PADR %llu, PADS %llu, "
	    "PADT in %llu, out %llu",
	    (unsigned long long)n->padi, (unsigned long long)n->pado,
	    (unsigned long long)n->padr, (unsigned long long)n->pads,
	    (unsigned long long)n->padt_in, (unsigned long long)n->padt_out);
	for (i = 1; i < PPPOE_AC_WHYS; i++)
		if (n->dropped[i])
			ctl_say(w, "dropped %llu: %s",
			    (unsigned long long)n->dropped[i],
			    pppoe_ac_why((enum pppoe_ac_why)i));
	ctl_say(w,
	    "frames in %llu, out %llu; lost up %llu, down %llu, before us "
	    "%llu; stray %llu, forged %llu, malformed %llu",
	    (unsigned long long)r->port.rx_frames,
	    (unsigned long long)r->port.tx_frames,
	    (unsigned long long)r->lost_up, (unsigned long long)r->lost_down,
	    (unsigned long long)ethport_lost(&r->port),
	    (unsigned long long)r->strays, (unsigned long long)r->forged,
	    (unsigned long long)r->bad);
	ctl_say(w, "ConfReq repeated %llu, MSS lowered %llu",
	    (unsigned long long)r->kicks, (unsigned long long)r->clamped);
	kpath_sum(r, &k);
	if (r->kpath)
		ctl_say(w,
		    "kernel has %u sessions; handed over %llu, failed %llu",
		    k.now, (unsigned long long)k.handed,
		    (unsigned long long)k.kept);
}

/* the summary comes at once, then an LNS at a time */
static enum ctl_result
status(struct relay *r, struct wr *w, long *at)
{
	if (*at == 0) {
		say_counts(r, w);
		++*at;
	}
	for (; *at <= r->nlns; ++*at) {
		if (w->end - w->p < 5 * CTL_LINE)
			return CTL_MORE;
		say_lns(r, &r->lns[*at - 1], w);
		say_kernel(&r->lns[*at - 1], w);
	}
	return CTL_OK;
}

static void
say_session(struct relay *r, const struct call *c, struct wr *w)
{
	static const char state[][8] = { "ending", "asked", "asked", "up",
		"ending" };
	char name[48], up[8], down[8];
	struct relay_count u = c->up, d = c->down;
	struct pppchan_count k;

	if (kpath_count(r, c, &k) == 0) {
		u.frames += k.tx;
		u.bytes += k.tx_bytes;
		d.frames += k.rx;
		d.bytes += k.rx_bytes;
	}
	ctl_say(w,
	    "session %u %s: %s, %s, call %u/%u, tunnel %u, up %lld s, "
	    "from client %llu frames %s, to client %llu frames %s%s",
	    c->pppoe ? c->pppoe->sid : 0, call_name(c, name, sizeof(name)),
	    state[c->l2.state], c->t ? c->t->lns->name : "?", c->l2.sid,
	    c->l2.psid, c->t ? c->t->id : 0,
	    (long long)(r->now - c->since) / 1000, (unsigned long long)u.frames,
	    num_human(up, u.bytes), (unsigned long long)d.frames,
	    num_human(down, d.bytes),
	    c->kernel == KPATH_HAS ? ", by the kernel" : "");
}

static enum ctl_result
sessions(struct relay *r, struct wr *w, long *at)
{
	for (; *at < (long)r->ncalls; ++*at) {
		if (!r->calls[*at + 1].used)
			continue;
		if (!ctl_fits(w))
			return CTL_MORE;
		say_session(r, &r->calls[*at + 1], w);
	}
	return CTL_OK;
}

static enum ctl_result
drop(struct relay *r, const char *arg, struct wr *w)
{
	struct pppoe_session *s = NULL;
	struct call *c;
	int64_t sid;

	if (num_parse(arg, 1, 65534, &sid) == 0)
		s = pppoe_tab_sid(&r->ac.tab, (unsigned)sid);
	c = s ? call_of_client(r, s) : NULL;
	if (!c) {
		ctl_say(w, "error: no such session: %s", arg);
		return CTL_DONE;
	}
	call_drop(r, c, "dropped by the operator");
	return CTL_OK;
}

enum ctl_result
report_command(void *arg, const char *line, struct wr *w, long *at)
{
	struct relay *r = arg;

	if (!strcmp(line, "status"))
		return status(r, w, at);
	if (!strcmp(line, "sessions"))
		return sessions(r, w, at);
	if (!strncmp(line, "drop ", 5))
		return drop(r, line + 5, w);
	if (!strcmp(line, "drain"))
		r->ac.conf.flags |= PPPOE_AC_DRAIN;
	else if (!strcmp(line, "undrain"))
		r->ac.conf.flags &= ~(unsigned)PPPOE_AC_DRAIN;
	else if (!strcmp(line, "help"))
		ctl_say(w, "status, sessions, drop SESSION, drain, undrain");
	else {
		ctl_say(w, "error: no such command (try help): %s", line);
		return CTL_DONE;
	}
	return CTL_OK;
}
