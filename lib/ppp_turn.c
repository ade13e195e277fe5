/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ppp.h"
#include "ppp_turn.h"
#include "siphash.h"

struct ppp_turn *
ppp_turn(struct ppp_turn *t, int64_t now)
{
	t->now = now;
	t->n = t->next = t->lost = 0;
	t->used = 0;
	return t;
}

const struct ppp_act *
ppp_turn_next(struct ppp_turn *t)
{
	return t->next < t->n ? &t->q[t->next++] : NULL;
}

const char *
ppp_end_name(enum ppp_end e)
{
	static const char *const names[PPP_NENDS] = {
		[PPP_END_NONE] = "running",
		[PPP_END_CLOSED] = "closed here",
		[PPP_END_DOWN] = "the line below is gone",
		[PPP_END_PEER] = "terminated by the peer",
		[PPP_END_LCP] = "LCP negotiation failed",
		[PPP_END_LOOP] = "the line is looped back",
		[PPP_END_AUTH] = "authentication failed",
		[PPP_END_NOAUTH] = "no common authentication protocol",
		[PPP_END_AUTHTIME] = "no answer in authentication",
		[PPP_END_NCP] = "no network protocol negotiated",
		[PPP_END_ECHO] = "the peer answers no echo",
		[PPP_END_SETUP] = "set-up took too long",
	};

	return e < PPP_NENDS ? names[e] : "unknown";
}

uint64_t
ppp_turn_rand(struct ppp_turn *t)
{
	const uint32_t n = (*t->count)++;

	return siphash(t->key, &n, sizeof(n));
}

struct ppp_act *
ppp_turn_add(struct ppp_turn *t, enum ppp_act_type type)
{
	struct ppp_act *a;

	if (t->n == PPP_TURN_ACTS) {
		t->lost++;
		a = &t->q[t->n - 1];
	} else {
		a = &t->q[t->n++];
	}
	memset(a, 0, sizeof(*a));
	a->type = type;
	return a;
}

void
ppp_turn_log(struct ppp_turn *t, const struct ppp_act_log *log)
{
	ppp_turn_add(t, PPP_ACT_LOG)->u.log = *log;
}

void
ppp_turn_send(struct ppp_turn *t, const struct ppp_turn_pkt *p)
{
	const size_t max = PPP_CTL_MAX - PPP_CTL_HDR;
	const size_t len = p->len < max ? p->len : max;
	struct ppp_act *a;
	struct wr w;

	wr_init(&w, t->buf + t->used, sizeof(t->buf) - t->used);
	wr_u16(&w, p->proto);
	wr_u8(&w, p->code);
	wr_u8(&w, p->id);
	wr_u16(&w, (unsigned)(len + PPP_CTL_HDR));
	wr_bytes(&w, p->data, len);
	if (w.err) {
		t->lost++;
		return;
	}
	a = ppp_turn_add(t, PPP_ACT_SEND);
	a->proto = p->proto;
	a->p = w.buf;
	a->len = wr_len(&w);
	t->used += a->len;
}
