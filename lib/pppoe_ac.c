/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "nth.h"
#include "pppoe_ac.h"
#include "pppoe_cookie.h"
#include "siphash.h"

enum {
	LATE = 512,	 /* PADOs that wait */
	MACS = 1024,	 /* clients whose PADI rate is kept */
	STRAY_RATE = 50, /* PADTs a second for frames of no session */
	COOKIE_LIFE = 60000,
};

struct pppoe_ac_mac {
	uint64_t who;
	struct bucket b;
};

struct pppoe_ac_late {
	int64_t at;
	struct pppoe_echo c;
};

/* one discovery packet and whom it came from */
struct from {
	int64_t now;
	struct eth e;
	struct pppoe p;
	uint64_t id;
};

size_t
pppoe_ac_size(const struct pppoe_ac_conf *c)
{
	return LATE * sizeof(struct pppoe_ac_late) +
	       MACS * sizeof(struct pppoe_ac_mac) + pppoe_tab_size(c->max);
}

void
pppoe_ac_init(struct pppoe_ac *ac, const struct pppoe_ac_conf *conf, void *mem)
{
	memset(ac, 0, sizeof(*ac));
	ac->conf = *conf;
	if (!ac->conf.cookie_life)
		ac->conf.cookie_life = COOKIE_LIFE;
	ac->late = mem;
	ac->macs = (void *)(ac->late + LATE);
	/* ids start anywhere, so that those of before a restart are strays */
	pppoe_tab_init(&ac->tab, conf->max, ac->macs + MACS,
	    (uint16_t)siphash(conf->key, "sid", 3));
}

const char *
pppoe_ac_why(enum pppoe_ac_why why)
{
	return nth("ok\0malformed\0not meant for us\0service name not served\0"
		   "more than the rate allows\0no more sessions\0"
		   "no more sessions for this address\0AC-Cookie not ours\0"
		   "AC-Cookie too old\0meant for another AC-Name\0"
		   "Host-Uniq, Relay-Session-Id and Service-Name too long\0"
		   "repeated\0no such session of this address\0"
		   "no new sessions taken\0without Service-Name\0",
	    why);
}

static struct pppoe_ac_act *
act(struct pppoe_ac *ac, enum pppoe_ac_type type)
{
	struct pppoe_ac_act *a = &ac->act[ac->nact];

	if (ac->nact < (int)(sizeof(ac->act) / sizeof(*ac->act)) - 1)
		ac->nact++;
	memset(a, 0, sizeof(*a));
	a->type = type;
	a->disc = &ac->disc;
	return a;
}

/* a packet that is left without an answer, or is refused */
static void
note(struct pppoe_ac *ac, const struct from *f, enum pppoe_ac_why why)
{
	struct pppoe_ac_act *a = act(ac, PPPOE_AC_NOTE);

	ac->n.dropped[why]++;
	a->why = why;
	a->code = f->p.code;
	memcpy(a->mac, f->e.src, 6);
}

int
pppoe_ac_next(struct pppoe_ac *ac, struct pppoe_ac_act *a)
{
	if (ac->at < ac->nact) {
		*a = ac->act[ac->at++];
		return 1;
	}
	ac->at = ac->nact = 0;
	return 0;
}

/* a client is its address within its VLAN; priorities do not count */
static uint64_t
client_id(const struct pppoe_ac *ac, const struct eth *e)
{
	uint8_t b[6 + 4];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	wr_bytes(&w, e->src, 6);
	wr_u32(&w, eth_vlans(e->tag, e->ntag));
	return siphash(ac->conf.key, b, sizeof(b));
}

/* a second's worth at once */
static int
padi_allowed(struct pppoe_ac *ac, const struct from *f)
{
	struct pppoe_ac_mac *m = &ac->macs[f->id % MACS];
	uint32_t rate = ac->conf.padi_mac_rate;

	if (rate && m->who != f->id)
		*m = (struct pppoe_ac_mac){ f->id, { 0, 0 } };
	if (!bucket_take(&m->b, f->now, rate, 1, rate))
		return 0;
	rate = ac->conf.padi_rate;
	return bucket_take(&ac->all, f->now, rate, 1, rate);
}

static int
served(const struct pppoe_ac *ac, struct pppoe_str name)
{
	int i;

	if (!name.len)
		return !(ac->conf.flags & PPPOE_AC_NO_BLANK);
	if (ac->conf.flags & PPPOE_AC_ANY)
		return 1;
	for (i = 0; i < ac->conf.nservice; i++)
		if (pppoe_str_is(name, pppoe_str(ac->conf.service[i])))
			return 1;
	return 0;
}

/* what the AC-Cookie for whom the packet in hand came from holds */
static struct pppoe_cookie
cookie_of(const struct pppoe_ac *ac, const struct from *f)
{
	return (
	    struct pppoe_cookie){ (uint32_t)f->now, f->id, ac->disc.host_uniq };
}

static enum pppoe_ac_why
cookie_check(const struct pppoe_ac *ac, const struct from *f)
{
	struct pppoe_cookie c = cookie_of(ac, f);

	if (pppoe_cookie_check(&c, ac->conf.key, ac->disc.cookie) < 0)
		return PPPOE_AC_BAD_COOKIE;
	return (uint32_t)f->now - c.stamp > (uint32_t)ac->conf.cookie_life
		   ? PPPOE_AC_OLD_COOKIE
		   : PPPOE_AC_OK;
}

static uint16_t
granted(const struct pppoe_ac *ac, uint16_t asked)
{
	uint16_t most = ac->conf.max_payload;

	if (asked <= PPPOE_MRU || most <= PPPOE_MRU)
		return 0;
	return asked < most ? asked : most;
}

static void
send(struct pppoe_ac *ac, struct wr *w, uint64_t *counter)
{
	struct pppoe_ac_act *a;

	if (w->err)
		return;
	a = act(ac, PPPOE_AC_SEND);
	a->frame = ac->out;
	a->len = wr_len(w);
	++*counter;
}

static void
send_pado(struct pppoe_ac *ac, const struct pppoe_echo *c)
{
	struct pppoe_offer o = { ac->conf.name, ac->conf.service,
		ac->conf.nservice };
	struct wr w;

	wr_init(&w, ac->out, sizeof(ac->out));
	pppoe_echo_pado(&w, c, &o);
	send(ac, &w, &ac->n.pado);
}

static void
send_pads(struct pppoe_ac *ac, const struct pppoe_echo *c, unsigned sid,
    struct pppoe_tag err)
{
	struct wr w;

	wr_init(&w, ac->out, sizeof(ac->out));
	pppoe_echo_pads(&w, c, sid, err);
	send(ac, &w, &ac->n.pads);
}

static void
send_padt(struct pppoe_ac *ac, const struct pppoe_echo *c, unsigned sid,
    const char *reason)
{
	struct pppoe_tag err = { 0 };
	struct wr w;

	if (reason) {
		err.type = PPPOE_GENERIC_ERR;
		err.v = pppoe_str(reason);
	}
	wr_init(&w, ac->out, sizeof(ac->out));
	pppoe_echo_padt(&w, c, sid, err);
	send(ac, &w, &ac->n.padt_out);
}

static void
padi(struct pppoe_ac *ac, const struct from *f)
{
	struct pppoe_cookie cookie;
	struct pppoe_ac_late l;

	ac->n.padi++;
	pppoe_echo_init(&l.c, &f->e, ac->conf.mac);
	if (f->p.sid)
		note(ac, f, PPPOE_AC_MALFORMED);
	else if (!ac->disc.service.p)
		note(ac, f, PPPOE_AC_UNNAMED);
	else if (!served(ac, ac->disc.service))
		note(ac, f, PPPOE_AC_NO_SERVICE);
	else if (ac->conf.flags & PPPOE_AC_DRAIN)
		note(ac, f, PPPOE_AC_DRAINING);
	else if (ac->tab.count >= ac->conf.max)
		note(ac, f, PPPOE_AC_FULL);
	else if (!padi_allowed(ac, f))
		note(ac, f, PPPOE_AC_RATE);
	else if (pppoe_echo_save(&l.c, &ac->disc) < 0)
		note(ac, f, PPPOE_AC_TOO_LONG);
	else {
		l.c.max_payload = granted(ac, ac->disc.max_payload);
		cookie = cookie_of(ac, f);
		pppoe_cookie_make(&cookie, ac->conf.key, l.c.cookie);
		l.at = f->now + ac->conf.pado_delay;
		if (!ac->conf.pado_delay)
			send_pado(ac, &l.c);
		else if (ac->late_n < LATE)
			ac->late[(ac->late_first + ac->late_n++) % LATE] = l;
		else
			note(ac, f, PPPOE_AC_RATE);
	}
}

int64_t
pppoe_ac_deadline(const struct pppoe_ac *ac)
{
	return ac->late_n ? ac->late[ac->late_first].at : -1;
}

void
pppoe_ac_tick(struct pppoe_ac *ac, int64_t now)
{
	struct pppoe_ac_late *l = &ac->late[ac->late_first];

	if (!ac->late_n || l->at > now)
		return;
	ac->late_first = (ac->late_first + 1) % LATE;
	ac->late_n--;
	send_pado(ac, &l->c);
}

/* why a PADR opens no session, and the tag that tells the client (0: none) */
static enum pppoe_ac_why
padr_check(const struct pppoe_ac *ac, const struct from *f, unsigned *tag)
{
	const struct pppoe_disc *d = &ac->disc;

	*tag = 0;
	if (f->p.sid)
		return PPPOE_AC_MALFORMED;
	if (!d->service.p)
		return PPPOE_AC_UNNAMED;
	if (d->ac_name.len &&
	    !pppoe_str_is(d->ac_name, pppoe_str(ac->conf.name)))
		return PPPOE_AC_OTHER_AC;
	if (ac->conf.flags & PPPOE_AC_DRAIN)
		return PPPOE_AC_DRAINING;
	*tag = PPPOE_SERVICE_ERR;
	if (!served(ac, d->service))
		return PPPOE_AC_NO_SERVICE;
	*tag = PPPOE_AC_ERR;
	if (ac->conf.max_per_mac &&
	    pppoe_tab_clients(&ac->tab, f->id) >= ac->conf.max_per_mac)
		return PPPOE_AC_PER_MAC;
	return ac->tab.count >= ac->conf.max || ac->tab.count == ac->tab.max
		   ? PPPOE_AC_FULL
		   : PPPOE_AC_OK;
}

static void
again(struct pppoe_ac *ac, const struct from *f, struct pppoe_session *s)
{
	note(ac, f, PPPOE_AC_REPEATED);
	if (s->state == PPPOE_UP)
		send_pads(ac, s->c, s->sid, (struct pppoe_tag){ 0 });
}

static void
open_session(struct pppoe_ac *ac, const struct from *f, struct pppoe_echo *c)
{
	struct pppoe_ac_act *a;

	c->max_payload = granted(ac, ac->disc.max_payload);
	memcpy(c->cookie, ac->disc.cookie.p, sizeof(c->cookie));
	a = act(ac, PPPOE_AC_OPEN);
	a->s = pppoe_tab_add(&ac->tab, f->id, c);
}

static void
padr(struct pppoe_ac *ac, const struct from *f)
{
	enum pppoe_ac_why why = cookie_check(ac, f);
	struct pppoe_tag err = { 0 };
	struct pppoe_session *s;
	struct pppoe_echo c;
	unsigned tag;

	ac->n.padr++;
	if (why != PPPOE_AC_BAD_COOKIE &&
	    (s = pppoe_tab_cookie(&ac->tab, f->id, ac->disc.cookie.p))) {
		again(ac, f, s);
		return;
	}
	if (why) {
		note(ac, f, why);
		return;
	}
	pppoe_echo_init(&c, &f->e, ac->conf.mac);
	if ((why = padr_check(ac, f, &tag)) == PPPOE_AC_OK &&
	    pppoe_echo_save(&c, &ac->disc) == 0) {
		open_session(ac, f, &c);
		return;
	}
	note(ac, f, why ? why : PPPOE_AC_TOO_LONG);
	if (!tag || !why)
		return;
	if (pppoe_echo_save(&c, &ac->disc) < 0)
		return;
	err.type = (uint16_t)tag;
	err.v = pppoe_str(pppoe_ac_why(why));
	send_pads(ac, &c, 0, err);
}

static void
padt(struct pppoe_ac *ac, const struct from *f)
{
	struct pppoe_session *s = pppoe_tab_sid(&ac->tab, f->p.sid);
	struct pppoe_ac_act *a;

	ac->n.padt_in++;
	if (!s || s->state != PPPOE_UP || !pppoe_echo_is(s->c, &f->e)) {
		note(ac, f, PPPOE_AC_UNKNOWN_SID);
		return;
	}
	a = act(ac, PPPOE_AC_CLOSE);
	a->s = s;
	pppoe_tab_del(&ac->tab, s);
}

/* unicast to us, or a PADI to all */
static int
is_ours(const struct pppoe_ac *ac, const struct from *f)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (f->e.src[0] & 1 || !memcmp(f->e.src, ac->conf.mac, 6))
		return 0;
	if (f->e.ntag && ac->conf.flags & PPPOE_AC_UNTAGGED)
		return 0;
	if (f->p.code == PPPOE_PADI && !memcmp(f->e.dst, all, 6))
		return 1;
	return !memcmp(f->e.dst, ac->conf.mac, 6);
}

void
pppoe_ac_input(struct pppoe_ac *ac, int64_t now, const void *frame, size_t len)
{
	struct from f = { 0 };

	ac->nact = ac->at = 0;
	f.now = now;
	if (eth_get(&f.e, frame, len) < 0 || f.e.type != ETH_PPPOED)
		return;
	if (pppoe_get(&f.p, f.e.body, f.e.len) < 0 ||
	    pppoe_disc_get(&ac->disc, &f.p) < 0) {
		note(ac, &f, PPPOE_AC_MALFORMED);
		return;
	}
	if (!is_ours(ac, &f)) {
		note(ac, &f, PPPOE_AC_NOT_OURS);
		return;
	}
	f.id = client_id(ac, &f.e);
	switch (f.p.code) {
	case PPPOE_PADI: padi(ac, &f); break;
	case PPPOE_PADR: padr(ac, &f); break;
	case PPPOE_PADT: padt(ac, &f); break;
	default: note(ac, &f, PPPOE_AC_NOT_OURS); break;
	}
}

/* the header of its session frames, made once */
static void
head_make(struct pppoe_session *s)
{
	struct wr w;

	wr_init(&w, s->head, sizeof(s->head));
	pppoe_echo_head(&w, s->c, ETH_PPPOES);
	pppoe_put(&w, PPPOE_SESSION, s->sid);
	s->headlen = (uint8_t)wr_len(&w);
}

void
pppoe_ac_accept(struct pppoe_ac *ac, struct pppoe_session *s)
{
	if (s->state != PPPOE_ASKED)
		return;
	s->state = PPPOE_UP;
	head_make(s);
	send_pads(ac, s->c, s->sid, (struct pppoe_tag){ 0 });
}

void
pppoe_ac_refuse(struct pppoe_ac *ac, struct pppoe_session *s, unsigned tag,
    const char *reason)
{
	struct pppoe_tag err = { (uint16_t)tag, pppoe_str(reason) };

	if (s->state != PPPOE_ASKED)
		return;
	send_pads(ac, s->c, 0, err);
	pppoe_tab_del(&ac->tab, s);
}

void
pppoe_ac_close(struct pppoe_ac *ac, struct pppoe_session *s, const char *reason)
{
	if (s->state == PPPOE_FREE)
		return;
	if (s->state == PPPOE_UP)
		send_padt(ac, s->c, s->sid, reason);
	pppoe_tab_del(&ac->tab, s);
}

void
pppoe_ac_stray(struct pppoe_ac *ac, int64_t now, const struct eth *e,
    const struct pppoe *p)
{
	struct pppoe_echo c;

	if (memcmp(e->dst, ac->conf.mac, 6) != 0 || e->src[0] & 1 ||
	    (e->ntag && ac->conf.flags & PPPOE_AC_UNTAGGED) ||
	    p->code != PPPOE_SESSION || !p->sid ||
	    !bucket_take(&ac->stray, now, STRAY_RATE, 1, STRAY_RATE))
		return;
	pppoe_echo_init(&c, e, ac->conf.mac);
	send_padt(ac, &c, p->sid, NULL);
}
