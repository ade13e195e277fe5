/* limen: ISC licence, see LICENSE */
#include <stdlib.h>

#include "pppoe_ac.h"
#include "tap.h"

static const uint8_t us[6] = { 0xba, 0xad, 0x1d, 0xea, 0x11, 0x02 };
static struct pppoe_ac ac;
static struct pppoe_ac_conf conf;
static void *mem;
static int64_t now = 1000000;

/* the client: its packet, and what came back */
static uint8_t host[6] = { 2, 0, 0, 0, 0, 1 };
static struct eth_tag vlan;
static uint8_t cookie[64];
static size_t cookielen;
static struct pppoe_ac_act last; /* not a note */
static enum pppoe_ac_why why;
static int acts, opens;
static struct eth le;
static struct pppoe lp;
static struct pppoe_disc ld;

static void
drain(void)
{
	struct pppoe_ac_act a;

	acts = 0;
	why = PPPOE_AC_OK;
	memset(&last, 0, sizeof(last));
	while (pppoe_ac_next(&ac, &a)) {
		if (a.type == PPPOE_AC_NOTE) {
			why = a.why;
			continue;
		}
		acts++;
		last = a;
		opens += a.type == PPPOE_AC_OPEN;
		if (a.type == PPPOE_AC_SEND) {
			eth_get(&le, a.frame, a.len);
			pppoe_get(&lp, le.body, le.len);
			pppoe_disc_get(&ld, &lp);
		}
	}
}

struct say {
	unsigned code, sid;
	const char *service, *uniq, *ac;
	unsigned max_payload;
	const char *relay; /* Relay-Session-Id */
	int other;	   /* to another concentrator */
};

static void
say(struct say s)
{
	uint8_t b[1600], mp[2];
	struct eth e = { 0 };
	struct wr w;
	size_t hole;

	wr_init(&w, b, sizeof(b));
	memset(e.dst, 0xff, 6);
	if (s.code != PPPOE_PADI)
		memcpy(e.dst, us, 6);
	e.dst[5] ^= (uint8_t)s.other;
	memcpy(e.src, host, 6);
	e.type = ETH_PPPOED;
	e.ntag = vlan.tpid != 0;
	e.tag[0] = vlan;
	eth_put(&w, &e);
	hole = pppoe_put(&w, s.code, s.sid);
	if (s.service)
		pppoe_tag_put(&w, PPPOE_SERVICE, pppoe_str(s.service));
	if (s.uniq)
		pppoe_tag_put(&w, PPPOE_HOST_UNIQ, pppoe_str(s.uniq));
	if (s.relay)
		pppoe_tag_put(&w, PPPOE_RELAY_ID, pppoe_str(s.relay));
	if (s.ac)
		pppoe_tag_put(&w, PPPOE_AC_NAME, pppoe_str(s.ac));
	if (s.max_payload) {
		mp[0] = (uint8_t)(s.max_payload >> 8);
		mp[1] = (uint8_t)s.max_payload;
		pppoe_tag_put(
		    &w, PPPOE_MAX_PAYLOAD, (struct pppoe_str){ mp, 2 });
	}
	if (s.code == PPPOE_PADR && cookielen)
		pppoe_tag_put(
		    &w, PPPOE_COOKIE, (struct pppoe_str){ cookie, cookielen });
	pppoe_end(&w, hole);
	pppoe_ac_input(&ac, now, b, wr_len(&w));
	drain();
}

static void
fresh(void)
{
	free(mem);
	mem = calloc(1, pppoe_ac_size(&conf));
	pppoe_ac_init(&ac, &conf, mem);
	opens = 0;
}

static int
padi(const char *service, const char *uniq)
{
	say((struct say){ PPPOE_PADI, .service = service, .uniq = uniq });
	if (acts != 1 || lp.code != PPPOE_PADO)
		return 0;
	cookielen = ld.cookie.len;
	memcpy(cookie, ld.cookie.p, cookielen);
	return 1;
}

static struct pppoe_session *
padr(const char *service, const char *uniq)
{
	say((struct say){ PPPOE_PADR, 0, service, uniq, NULL, 1500, NULL, 0 });
	return last.type == PPPOE_AC_OPEN ? last.s : NULL;
}

static struct pppoe_session *
dial(void)
{
	struct pppoe_session *s;

	if (!padi("", "u") || !(s = padr("", "u")))
		return NULL;
	pppoe_ac_accept(&ac, s);
	drain();
	return s;
}

static int
data_is(struct pppoe_session *want, unsigned sid)
{
	struct pppoe p = { PPPOE_SESSION, (uint16_t)sid, NULL, 0 };
	struct eth e = { 0 };

	memcpy(e.dst, us, 6);
	memcpy(e.src, host, 6);
	e.ntag = vlan.tpid != 0;
	e.tag[0] = vlan;
	return pppoe_ac_data(&ac, &e, &p) == want;
}

static void
discovery(void)
{
	struct pppoe_session *s;
	uint8_t b[PPPOE_HEAD_MAX];

	fresh();
	OK(padi("", "uniq") && pppoe_str_is(ld.host_uniq, pppoe_str("uniq")));
	OK(pppoe_str_is(ld.ac_name, pppoe_str("bng")));
	OK(!memcmp(le.dst, host, 6) && !memcmp(le.src, us, 6));
	OK((s = padr("x", "uniq")) && s->state == PPPOE_ASKED);
	OK_MSG(data_is(NULL, s->sid), "no data before the answer");
	OK(!padr("x", "uniq") && why == PPPOE_AC_REPEATED && acts == 0);
	pppoe_ac_accept(&ac, s);
	drain();
	OK(lp.code == PPPOE_PADS && lp.sid == s->sid && lp.sid);
	OK(pppoe_str_is(ld.service, pppoe_str("x")));
	OK(pppoe_str_is(ld.host_uniq, pppoe_str("uniq")));
	OK(ld.max_payload == 1500 && s->c->max_payload == 1500);
	say((struct say){ PPPOE_PADR, 0, "x", "uniq", NULL, 1500, NULL, 0 });
	OK_MSG(lp.code == PPPOE_PADS && lp.sid == s->sid && opens == 1,
	    "a repeated PADR gets its PADS again and opens nothing");
	OK(data_is(s, s->sid) && ac.tab.count == 1);
	OK(pppoe_ac_head(s, b, 100) == 20 && b[19] == 100 && b[13] == 0x64);
	host[5] = 9;
	OK_MSG(data_is(NULL, s->sid), "another's session frame is ignored");
	say((struct say){ PPPOE_PADT, .sid = s->sid });
	OK_MSG(acts == 0 && ac.tab.count == 1 && why == PPPOE_AC_UNKNOWN_SID,
	    "another's PADT is ignored");
	OK(!padr("x", "uniq") && why == PPPOE_AC_BAD_COOKIE && acts == 0);
	host[5] = 1;
	say((struct say){ PPPOE_PADT, .sid = s->sid });
	OK(last.type == PPPOE_AC_CLOSE && last.s == s && !ac.tab.count);
	OK(data_is(NULL, s->sid));
	OK((s = dial()));
	say((struct say){ PPPOE_PADT, .sid = s->sid, .other = 1 });
	OK_MSG(acts == 0 && ac.tab.count == 1 && why == PPPOE_AC_NOT_OURS,
	    "a PADT to another concentrator is not for us");
	pppoe_ac_close(&ac, s, "bye");
	drain();
	OK(lp.code == PPPOE_PADT && lp.sid == s->sid);
	OK(ld.error.type == PPPOE_GENERIC_ERR && !ac.tab.count);
	pppoe_ac_close(&ac, s, "bye");
	drain();
	OK_MSG(acts == 0, "closing twice says nothing");
}

/* what a PPPoE relay between us adds comes back byte for byte, and so does a
 * Host-Uniq, in each answer; even when there is nothing in it */
static void
echoes(void)
{
	static const char *const id[] = { "", "relay-7", NULL };
	const struct pppoe_session *s;
	int i;

	for (i = 0; i < 3; i++) {
		fresh();
		say((struct say){
		    PPPOE_PADI, .service = "", .uniq = "", .relay = id[i] });
		OK(lp.code == PPPOE_PADO && ld.host_uniq.p &&
		    !ld.host_uniq.len && !ld.relay_id.p == !id[i]);
		OK(!id[i] || pppoe_str_is(ld.relay_id, pppoe_str(id[i])));
		cookielen = ld.cookie.len;
		memcpy(cookie, ld.cookie.p, cookielen);
		say((struct say){
		    PPPOE_PADR, .service = "", .uniq = "", .relay = id[i] });
		OK((s = last.s) && last.type == PPPOE_AC_OPEN);
		pppoe_ac_accept(&ac, last.s);
		drain();
		OK(lp.code == PPPOE_PADS && ld.host_uniq.p &&
		    !ld.relay_id.p == !id[i]);
		OK(!id[i] || pppoe_str_is(ld.relay_id, pppoe_str(id[i])));
	}
}

static void
refusals(void)
{
	struct pppoe_session *s = NULL;

	fresh();
	OK(padi("", "u") && (s = padr("", "u")));
	pppoe_ac_refuse(&ac, s, PPPOE_AC_ERR, "LNS silent");
	drain();
	OK(lp.code == PPPOE_PADS && lp.sid == 0 && !ac.tab.count);
	OK(ld.error.type == PPPOE_AC_ERR &&
	    pppoe_str_is(ld.error.v, pppoe_str("LNS silent")));
	OK(!ld.max_payload);
	OK(!padi(NULL, "u") && why == PPPOE_AC_UNNAMED);
	OK(padi("", "u") && !padr(NULL, "u") && why == PPPOE_AC_UNNAMED);
	now += 60001;
	OK(!padr("", "u") && why == PPPOE_AC_OLD_COOKIE && acts == 0);
	cookielen = 0;
	OK(!padr("", "u") && why == PPPOE_AC_BAD_COOKIE);
	padi("", "u");
	OK(!padr("", "v") && why == PPPOE_AC_BAD_COOKIE);
	say((struct say){ PPPOE_PADR, 0, "", "u", "other", 0, NULL, 0 });
	OK(acts == 0 && why == PPPOE_AC_OTHER_AC);
	say((struct say){ PPPOE_PADS, 0, "", "u", NULL, 0, NULL, 0 });
	OK(acts == 0 && why == PPPOE_AC_NOT_OURS);
	OK(padi("", "0123456789012345678901234567890123456789012345678901234567"
		    "890123456789012345678901234567890123456789012345678901234"
		    "567890123456789012345678901234567890123456789012345678901"
		    "23456789012345678901") == 1);
	OK(padi("x",
	       "0123456789012345678901234567890123456789012345678901234567"
	       "890123456789012345678901234567890123456789012345678901234"
	       "567890123456789012345678901234567890123456789012345678901"
	       "23456789012345678901") == 0 &&
	    why == PPPOE_AC_TOO_LONG);
}

static void
services(void)
{
	conf.flags = 0;
	conf.service[0] = "internet";
	conf.service[1] = "voice";
	conf.nservice = 2;
	fresh();
	OK(padi("", "u") && padi("voice", "u"));
	OK(pppoe_str_is(ld.service, pppoe_str("voice")));
	OK(!padi("other", "u") && why == PPPOE_AC_NO_SERVICE && acts == 0);
	OK(padi("", "u") && !padr("other", "u"));
	OK(lp.code == PPPOE_PADS && !lp.sid &&
	    ld.error.type == PPPOE_SERVICE_ERR);
	conf.flags = PPPOE_AC_NO_BLANK;
	fresh();
	OK(!padi("", "u") && why == PPPOE_AC_NO_SERVICE);
	OK(padi("internet", "u"));
	conf.flags = PPPOE_AC_ANY;
	conf.nservice = 0;
}

static void
limits(void)
{
	struct pppoe_session *s[4] = { NULL };

	conf.max = 4;
	conf.max_per_mac = 2;
	fresh();
	OK((s[0] = dial()) && ++now && (s[1] = dial()) && s[0] != s[1]);
	now++;
	OK(padi("", "u") && !padr("", "u") && why == PPPOE_AC_PER_MAC);
	pppoe_ac_close(&ac, s[0], NULL);
	drain();
	OK((s[0] = dial()) && ++now && padi("", "u") && !padr("", "u"));
	OK_MSG(why == PPPOE_AC_PER_MAC, "one that ended makes room for one");
	OK(lp.code == PPPOE_PADS && !lp.sid && ld.error.type == PPPOE_AC_ERR);
	vlan = (struct eth_tag){ ETH_QTAG, 0x6007 };
	OK_MSG((s[2] = dial()) && s[2]->c->ntag == 1,
	    "the same address in a VLAN is another client");
	OK(le.ntag == 1 && le.tag[0].tci == 0x6007);
	vlan.tci = 7;
	OK_MSG(data_is(s[2], s[2]->sid), "priority does not count");
	vlan.tci = 8;
	OK(data_is(NULL, s[2]->sid));
	vlan.tci = 0x6000;
	OK_MSG(
	    data_is(s[1], s[1]->sid), "a tag of priority alone is no VLAN's");
	OK_MSG(!padr("", "u") && padi("", "u") && !padr("", "u") &&
		   why == PPPOE_AC_PER_MAC,
	    "nor makes it another client");
	vlan.tci = 8;
	OK((s[3] = dial()) && ac.tab.count == 4);
	now++;
	OK_MSG(!padi("", "u") && why == PPPOE_AC_FULL, "full is silent");
	pppoe_ac_close(&ac, s[0], NULL);
	drain();
	OK(dial());
	vlan.tpid = 0;
}

static void
rate_and_delay(void)
{
	conf.max = 100;
	conf.max_per_mac = 0;
	conf.padi_mac_rate = 3;
	fresh();
	OK(padi("", "a") && padi("", "a") && padi("", "a") && !padi("", "a"));
	OK(why == PPPOE_AC_RATE);
	host[5] = 2;
	OK(padi("", "a"));
	host[5] = 1;
	now += 400;
	OK(padi("", "a") && !padi("", "a"));
	conf.padi_mac_rate = 0;
	conf.pado_delay = 50;
	fresh();
	OK(!padi("", "a") && why == PPPOE_AC_OK && acts == 0);
	OK(pppoe_ac_deadline(&ac) == now + 50);
	pppoe_ac_tick(&ac, now + 49);
	drain();
	OK(acts == 0);
	pppoe_ac_tick(&ac, now + 50);
	drain();
	OK(acts == 1 && lp.code == PPPOE_PADO && pppoe_ac_deadline(&ac) == -1);
	conf.pado_delay = 0;
}

/* a session frame without a tag, which goes the short way: each byte of its
 * head counts */
static void
plain(void)
{
	uint8_t b[PPPOE_AC_PLAIN + 10] = { 0 };
	struct pppoe p = { PPPOE_SESSION, 0, NULL, 0 };
	struct pppoe_session *s = NULL;
	struct eth e = { .type = ETH_PPPOES };
	struct wr w;
	size_t i, n;
	int bad = 0;

	fresh();
	OK(padi("", "u") && (s = padr("", "u")));
	memcpy(e.dst, us, 6);
	memcpy(e.src, host, 6);
	wr_init(&w, b, sizeof(b));
	eth_put(&w, &e);
	pppoe_put(&w, PPPOE_SESSION, s->sid);
	b[19] = 10;
	OK(!pppoe_ac_plain(&ac, b, sizeof(b), &n));
	pppoe_ac_accept(&ac, s);
	drain();
	OK(pppoe_ac_plain(&ac, b, sizeof(b), &n) == s && n == 10);
	for (i = 0; i < PPPOE_AC_PLAIN; i++) {
		b[i] ^= 1;
		bad += pppoe_ac_plain(&ac, b, sizeof(b), &n) != NULL;
		b[i] ^= 1;
	}
	OK_MSG(!bad, "another's, of no session, or longer than it is");
	OK(!pppoe_ac_plain(&ac, b, sizeof(b) - 1, &n));
	OK(!pppoe_ac_plain(&ac, b, PPPOE_AC_PLAIN - 1, &n));
	p.sid = s->sid;
	OK(pppoe_ac_data(&ac, &e, &p) == s);
	e.dst[5] ^= 1;
	OK_MSG(!pppoe_ac_data(&ac, &e, &p), "to another concentrator");
	e.dst[5] ^= 1;
	p.code = PPPOE_PADT;
	OK(!pppoe_ac_data(&ac, &e, &p));
	OK(pppoe_ac_at(&ac, pppoe_ac_slot(&ac, s)) == s &&
	    !pppoe_ac_at(&ac, conf.max));
	vlan = (struct eth_tag){ ETH_QTAG, 7 };
	OK((s = dial()));
	vlan.tpid = 0;
	b[16] = (uint8_t)(s->sid >> 8);
	b[17] = (uint8_t)s->sid;
	OK_MSG(!pppoe_ac_plain(&ac, b, sizeof(b), &n),
	    "without the VLAN of its session");
	conf.max = 1;
	fresh();
	OK((s = dial()));
	pppoe_ac_close(&ac, s, NULL);
	drain();
	now++;
	OK(padi("", "u") && padr("", "u") == s);
	b[16] = (uint8_t)(s->sid >> 8);
	b[17] = (uint8_t)s->sid;
	OK_MSG(!pppoe_ac_plain(&ac, b, sizeof(b), &n),
	    "in the place of one that was up, before the answer");
	conf.max = 100;
}

/* a hundred thousand sessions come and go: nothing leaks, ids are unique, even
 * that of one that stays */
static void
churn(void)
{
	static struct pppoe_session *s[100];
	unsigned i, k, bad = 0;

	conf.max = 100;
	fresh();
	memset(s, 0, sizeof(s));
	for (i = 0; i < 100000; i++) {
		k = (i * 2654435761u >> 7) % 100;
		if (!k && s[k])
			continue;
		if (s[k]) {
			pppoe_ac_close(&ac, s[k], NULL);
			drain();
		}
		now++;
		host[4] = (uint8_t)k;
		s[k] = dial();
		bad += !s[k] || !data_is(s[k], s[k]->sid) || !s[k]->sid ||
		       s[k]->sid == PPPOE_SID_NONE;
		host[4] = 0;
		bad += s[0] && !data_is(s[0], s[0]->sid);
	}
	OK_MSG(!bad, "no session 0, none 0xffff, though all others had turns");
	for (k = 0; k < 100; k++)
		if (s[k]) {
			host[4] = (uint8_t)k;
			bad += !data_is(s[k], s[k]->sid);
			pppoe_ac_close(&ac, s[k], NULL);
			drain();
		}
	OK(!bad && ac.tab.count == 0);
	host[4] = 0;
}

static void
strays(void)
{
	struct pppoe p = { PPPOE_SESSION, 77, NULL, 0 };
	struct eth e = { 0 };
	int i, n = 0;

	fresh();
	memcpy(e.dst, us, 6);
	memcpy(e.src, host, 6);
	pppoe_ac_stray(&ac, now, &e, &p);
	drain();
	OK(acts == 1 && lp.code == PPPOE_PADT && lp.sid == 77);
	p.sid = PPPOE_SID_NONE;
	OK_MSG(data_is(NULL, p.sid), "session 0xffff is nobody's");
	p.sid = 77;
	e.ntag = 1;
	e.tag[0] = (struct eth_tag){ 0x8100, 7 };
	ac.conf.flags |= PPPOE_AC_UNTAGGED;
	pppoe_ac_stray(&ac, now, &e, &p);
	drain();
	OK_MSG(!acts, "nor is one in a VLAN answered when those are ignored");
	ac.conf.flags = 0;
	e.ntag = 0;
	for (i = 0; i < 1000; i++) {
		pppoe_ac_stray(&ac, now, &e, &p);
		drain();
		n += acts;
	}
	OK(n == 49);
}

/* RFC 4638: the tag is for more than 1492 bytes, and for no less */
static void
max_payload(void)
{
	static const unsigned asked[] = { 1, 20, 1492, 1493, 1500, 9000 };
	static const unsigned granted[] = { 0, 0, 0, 1493, 1500, 1500 };
	struct pppoe_session *s;
	size_t i;

	fresh();
	for (i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		OK(padi("", ""));
		now++;
		say((struct say){ PPPOE_PADR, .service = "", .uniq = "",
		    .max_payload = asked[i] });
		OK(last.type == PPPOE_AC_OPEN);
		pppoe_ac_accept(&ac, s = last.s);
		drain();
		OK(ld.max_payload == granted[i] &&
		    s->c->max_payload == granted[i]);
		pppoe_ac_close(&ac, s, NULL);
		drain();
	}
}

int
main(void)
{
	memcpy(conf.mac, us, 6);
	memcpy(conf.key, "0123456789abcdef", 16);
	conf.name = "bng";
	conf.flags = PPPOE_AC_ANY;
	conf.max = 300;
	conf.max_payload = 1500;
	discovery();
	echoes();
	refusals();
	services();
	limits();
	rate_and_delay();
	churn();
	strays();
	plain();
	max_payload();
	STREQ(pppoe_ac_why(PPPOE_AC_WHYS - 1), "without Service-Name");
	STREQ(pppoe_ac_why(PPPOE_AC_WHYS), "unknown");
	free(mem);
	return tap_done();
}
