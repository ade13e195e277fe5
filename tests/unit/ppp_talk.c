/* limen: ISC licence, see LICENSE */
/*
 * What a link says to what it hears, byte by byte: options as the RFCs have
 * them and frames that real peers sent (tests/vectors/ppp.hex).
 */
#include "hex.h"
#include "ppp_link.h"
#include "tap.h"

static struct ppp_turn t;
static struct ppp_link l;
static struct ppp_link_cfg cfg;
static struct ppp_net net;
static struct ppp_act_ip4 ip4;
static struct ppp_act_ip6 ip6;
static const char *secret;
static int up4, up6, delivered;
static enum ppp_end ended;
static char asked[PPP_NAMELEN];
static struct {
	size_t len;
	uint8_t b[PPP_HDR + 1984]; /* of a line of --mtu 1984 */
} said[16];
static int nsaid, heard;

static void
perform(const struct ppp_act *a)
{
	switch (a->type) {
	case PPP_ACT_SEND:
		if (nsaid == 16 || a->len > sizeof(said[0].b))
			break;
		said[nsaid].len = a->len;
		memcpy(said[nsaid++].b, a->p, a->len);
		break;
	case PPP_ACT_SECRET:
		snprintf(asked, sizeof(asked), "%s", (const char *)a->p);
		ppp_link_secret(&l, &t, secret, secret ? strlen(secret) : 0);
		break;
	case PPP_ACT_NETWORK: ppp_link_network(&l, &t, &net); break;
	case PPP_ACT_UP4:
		up4++;
		ip4 = a->u.ip4;
		break;
	case PPP_ACT_UP6:
		up6++;
		ip6 = a->u.ip6;
		break;
	case PPP_ACT_DOWN4: up4--; break;
	case PPP_ACT_DOWN6: up6--; break;
	case PPP_ACT_DELIVER: delivered++; break;
	case PPP_ACT_END: ended = a->u.end; break;
	default: break;
	}
}

static void
drain(void)
{
	const struct ppp_act *a;

	while ((a = ppp_turn_next(&t)))
		perform(a);
}

/* it hears a frame of the text, or of the vectors when that is "=name";
 * "id" in the text stands for the Identifier of what it said last */
static void
hears(const char *s)
{
	uint8_t b[1500];
	size_t n;

	n = s[0] == '=' ? hex_load("ppp.hex", s + 1, b, sizeof(b))
			: hex_line(s, b, sizeof(b));
	nsaid = heard = 0;
	ppp_link_input(&l, ppp_turn(&t, t.now), b, n);
	drain();
}

/* the same, with the Identifier of our last request of that protocol */
static void
answers(const char *s, const struct ppp_cp *cp)
{
	uint8_t b[1500];
	const size_t n = hex_line(s, b, sizeof(b));

	b[3] = cp->id;
	nsaid = heard = 0;
	ppp_link_input(&l, ppp_turn(&t, t.now), b, n);
	drain();
}

/* the next thing that it said, in hex; ?? is any byte */
static int
says(const char *s)
{
	uint8_t want[1500];
	char plain[2048];
	size_t i, k = 0, n;
	int good;

	for (i = 0; s[i] && k < sizeof(plain) - 1; i++)
		if (s[i] != ' ')
			plain[k++] = s[i] == '?' ? '0' : s[i];
	plain[k] = 0;
	n = hex_line(plain, want, sizeof(want));
	good = heard < nsaid && said[heard].len == n;
	for (i = k = 0; good && s[i]; i++) {
		if (s[i] == ' ')
			continue;
		if (s[i] != '?' && k % 2 == 0)
			good = said[heard].b[k / 2] == want[k / 2];
		k++;
	}
	if (!good && heard < nsaid) {
		printf("# said:");
		for (i = 0; i < said[heard].len; i++)
			printf(" %02x", said[heard].b[i]);
		printf("\n# not:  %s\n", s);
	}
	heard++;
	return good;
}

static int
quiet(void)
{
	return heard >= nsaid;
}

static void
begin(void)
{
	static const uint8_t key[16] = { 7 };

	ppp_link_init(&l, &cfg, key);
	up4 = up6 = delivered = nsaid = heard = 0;
	ended = PPP_END_NONE;
	asked[0] = 0;
	ppp_link_open(&l, ppp_turn(&t, 1000), 1492);
	drain();
}

static void
as_client(void)
{
	cfg = ppp_link_defaults;
	cfg.lcp.own_auth = 1U << PPP_AUTH_CHAP | 1U << PPP_AUTH_PAP;
	cfg.peer.name = "db123@a.1";
	cfg.peer.secret = "NotReallyTheSecret";
	net = (struct ppp_net){ .flags = PPP_NET_IP4 | PPP_NET_IP6 };
	net.ip4.flags = PPP_IPCP_ASK_DNS;
}

static void
as_server(enum ppp_method m)
{
	cfg = ppp_link_defaults;
	cfg.lcp.auth[0] = (uint8_t)m;
	secret = "NotReallyTheSecret";
	net = (struct ppp_net){ PPP_NET_IP4,
		{ 0xc0a86401, 0xc0a8640a, { 0 }, 0 }, { 0, 0 } };
}

/* LCP comes up on both sides */
static void
open_lcp(void)
{
	uint8_t b[64];

	memcpy(b, said[0].b, said[0].len);
	b[2] = PPP_CONF_ACK;
	ppp_link_input(&l, ppp_turn(&t, t.now), b, said[0].len);
	drain();
	hears("c021 0101 000a 0506 0a0b 0c0d");
	OK(says("c021 0201 000a 0506 0a0b 0c0d"));
}

static void
dials_l2tpns(void)
{
	as_client();
	begin();
	OK(says("c021 01?? 000e 0104 05d4 0506 ????????") && quiet());
	answers("c021 0200 000e 0104 05d4 0506 00000000", &l.lcp.cp);
	OK(l.lcp.cp.state == PPP_CP_REQ_SENT);
	hears("=l2tpns-lcp");
	OK(says("c021 0401 000f 1104 064e 1307 020a 4d00 01") && quiet());
	hears("=l2tpns-lcp-again");
	OK(says("c021 0202 0013 0104 05b6 0305 c223 05 0506 6b01 882d"));
	begin();
	memcpy(said[1].b, said[0].b, 20);
	said[1].b[2] = PPP_CONF_ACK;
	ppp_link_input(&l, ppp_turn(&t, 1001), said[1].b, said[0].len);
	drain();
	hears("=l2tpns-lcp-again");
	OK(l.phase == PPP_LINK_AUTHENTICATE);
	hears("=l2tpns-ipcp");
	OK_MSG(quiet(), "IPCP before authentication is discarded");
	hears("=l2tpns-challenge");
	OK(says("c223 0201 001e 10 18a5 5b3c 2704 d9f3 508b b427 b548 9b12"
		" 6462 3132 3340 612e 31"));
	hears("=l2tpns-success");
	OK(says("8021 01?? 0016 0306 00000000 8106 00000000 8306 00000000"));
	OK(says("8057 01?? 000e 010a ????????????????") && quiet());
	hears("=l2tpns-ipcp");
	OK(says("8021 0201 000a 0306 0a4d 0001"));
	answers("8021 0300 0016 0306 0a08 0001 8106 0a00 0001 8306 0a00 0002",
	    &l.ipcp.cp);
	OK(says("8021 01?? 0016 0306 0a08 0001 8106 0a00 0001 8306 0a00 0002"));
	hears("=l2tpns-protocol-reject");
	OK(quiet() && l.ip6cp.cp.state == PPP_CP_STOPPED);
	answers("8021 0200 0016 0306 0a08 0001 8106 0a00 0001 8306 0a00 0002",
	    &l.ipcp.cp);
	OK(up4 == 1 && ip4.ours == 0x0a080001 && ip4.peer == 0x0a4d0001);
	OK(ip4.dns[0] == 0x0a000001 && ip4.dns[1] == 0x0a000002);
	OK_MSG(ip4.mtu == 1462, "no longer packets than its MRU");
	hears("0021 4500");
	hears("0057 6000");
	OK_MSG(delivered == 1, "IPv4 runs, IPv6 does not");
	hears("c021 0909 000c 6b01 882d 0102 0304");
	OK(says("c021 0a09 000c ???????? 0102 0304"));
	hears("c021 0505 0004");
	OK(says("c021 0605 0004") && !up4 && !ended);
	ppp_link_tick(&l, ppp_turn(&t, 3000));
	drain();
	OK(ended == PPP_END_PEER && ppp_link_deadline(&l) == -1);
	hears("=l2tpns-lcp");
	OK_MSG(quiet(), "after the end there is silence");
}

static void
dials_pppd(void)
{
	as_client();
	cfg.peer.name = "u";
	cfg.peer.secret = "p w";
	begin();
	hears("=pppd-lcp-eap");
	OK_MSG(says("c021 0301 0009 0305 c223 05"), "no EAP, but CHAP");
	hears("=pppd-lcp-pap");
	OK(says("c021 0201 0012 0104 05d4 0304 c023 0506 713f cd9d"));
	hears("c021 0101 0013 0104 05d4 0305 c223 05 0506 9150 f211");
	OK(says("c021 0201 0013 0104 05d4 0305 c223 05 0506 9150 f211"));
	answers("c021 0200 000e 0104 05d4 0506 00000000", &l.lcp.cp);
	OK(l.phase == PPP_LINK_ESTABLISH);
	begin();
	memcpy(said[1].b, said[0].b, 20);
	said[1].b[2] = PPP_CONF_ACK;
	ppp_link_input(&l, ppp_turn(&t, 1001), said[1].b, said[0].len);
	drain();
	hears("c021 0101 0013 0104 05d4 0305 c223 05 0506 9150 f211");
	hears("=pppd-challenge");
	OK_MSG(says("c223 02c7 0016 10 7851 fc37 9d98 7b67 692f 5f26 431c 2891"
		    " 75"),
	    "a challenge of 22 bytes");
	hears("=pppd-success");
	OK(l.phase == PPP_LINK_NETWORK && nsaid == 2);
	hears("=pppd-ipcp");
	OK(says("8021 0401 000a 0206 002d 0f01"));
	hears("=pppd-ip6cp");
	OK(says("8057 0201 000e 010a 0000 0000 0000 0001"));
	hears("=pppd-terminate");
	OK(says("c021 0603 0004") && l.phase == PPP_LINK_TERMINATE);
	ppp_link_down(&l, ppp_turn(&t, 1100)), drain();
	OK_MSG(ended == PPP_END_PEER, "its PADT is not the cause");
}

/* RFC 1661 section 6, RFC 2516 section 7 */
static void
lcp_options(void)
{
	as_client();
	begin();
	hears(
	    "c021 0107 0018 0206 0000 0000 0702 0802 0104 05d4 0506 11223344");
	OK(says("c021 0407 000e 0206 0000 0000 0702 0802") && quiet());
	hears("c021 0108 0008 0104 05dc");
	OK_MSG(says("c021 0308 0008 0104 05d4"), "an MRU beyond the line");
	hears("c021 0109 0008 0104 0040");
	OK_MSG(says("c021 0309 0008 0104 0080"), "a tiny MRU");
	hears("c021 010a 0009 0304 c227 00");
	OK_MSG(quiet(), "options beyond the length: discarded");
	hears("c021 010b 0008 0304 c227");
	OK_MSG(says("c021 030b 0009 0305 c223 05"), "EAP: CHAP instead");
	hears("c021 010c 0009 0305 c223 81");
	OK_MSG(says("c021 030c 0009 0305 c223 05"), "MS-CHAPv2 is not ours");
	hears("c021 010d 0008 0304 c023");
	OK_MSG(says("c021 020d 0008 0304 c023"), "PAP is");
	cfg.lcp.own_auth = 0;
	hears("c021 010e 0008 0304 c227");
	OK_MSG(says("c021 040e 0008 0304 c227"), "we have no name at all");
	hears("c021 010f 000a 0506 0000 0000");
	OK_MSG(says("c021 030f 000a 0506 ????????"), "a magic number of 0");
	hears("c021 6009 0006 abcd");
	OK(says("c021 07?? 000a 6009 0006 abcd"));
	answers("c021 0300 0008 0104 2328", &l.lcp.cp);
	OK_MSG(says("c021 01?? 000e 0104 05d4 0506 ????????"),
	    "nor is ours longer for its asking");
	hears("c021 0110 000c 0104 0400 0304 c023");
	OK(says("c021 0410 0008 0304 c023"));
	cfg.lcp.own_auth = 1U << PPP_AUTH_PAP;
	hears("c021 0111 000c 0104 0400 0304 c023");
	OK(l.lcp.his_mru == 1024 && l.lcp.his_auth == PPP_AUTH_PAP);
	hears("c021 0112 0004");
	OK_MSG(l.lcp.his_mru == PPP_MRU && l.lcp.his_auth == PPP_NOAUTH,
	    "each request stands alone");
}

/* RFC 1661 section 6: a wrong length gets a Nak with a right one, each option
 * once */
static void
option_lengths(void)
{
	as_server(PPP_AUTH_CHAP);
	cfg.lcp.own_auth = 1U << PPP_AUTH_PAP;
	begin();
	hears("c021 0101 0007 0103 05");
	OK(says("c021 0301 0008 0104 05d4"));
	hears("c021 0102 0008 0504 1234");
	OK(says("c021 0302 000a 0506 ????????"));
	hears("c021 0103 0006 0302");
	OK(says("c021 0303 0008 0304 c023"));
	hears("c021 0104 000c 0102 0102 0102 0102");
	OK(says("c021 0304 0008 0104 05d4") && quiet());
	cfg.lcp.own_auth = 0;
	cfg.lcp.auth[0] = PPP_NOAUTH;
	net.flags = PPP_NET_IP4 | PPP_NET_IP6;
	begin();
	open_lcp();
	hears("8021 0101 0008 0304 c0a8");
	OK(says("8021 0301 000a 0306 c0a8 640a"));
	hears("8021 0101 000b 0307 00 c0a8 640a");
	OK(says("8021 0301 000a 0306 c0a8 640a"));
	hears("8021 0101 000a 8106 0102 0304");
	OK_MSG(says("8021 0401 000a 8106 0102 0304"), "we know no name server");
	hears("8057 0101 0008 0104 c0a8");
	OK(says("8057 0301 000e 010a ????????????????"));
}

/* section 4.6: Max-Failure counts Naks, not what is rejected before them */
static void
naks_and_rejects(void)
{
	int i;

	as_server(PPP_NOAUTH);
	begin();
	open_lcp();
	for (i = 0; i < 6; i++) {
		hears("8021 0101 000a 0206 002d 0f01");
		OK(says("8021 0401 000a 0206 002d 0f01"));
	}
	hears("8021 0102 000a 0306 0000 0000");
	OK(says("8021 0302 000a 0306 c0a8 640a"));
}

/* section 5.4: what is no part of our request is discarded */
static void
wrong_rejects(void)
{
	as_server(PPP_AUTH_CHAP);
	begin();
	answers("c021 0400 0008 0304 c023", &l.lcp.cp);
	OK_MSG(quiet() && l.lcp.auth == PPP_AUTH_CHAP, "of another value");
	answers("c021 0400 0006 0702", &l.lcp.cp);
	OK_MSG(quiet(), "of an option that is not in it");
	answers("c021 0400 000d 0305 c223 05 0104 05d4", &l.lcp.cp);
	OK_MSG(quiet(), "not in its order");
	answers("c021 0400 0008 0104 05d4", &l.lcp.cp);
	OK(says("c021 01?? 000f 0305 c223 05 0506 ????????"));
}

/* a frame of so many bytes in LCP: the bytes of its Echo-Reply */
static size_t
echoed(size_t len)
{
	static uint8_t b[4096] = { 0xc0, 0x21, 9, 7 };

	b[4] = (uint8_t)(len >> 8);
	b[5] = (uint8_t)len;
	nsaid = heard = 0;
	ppp_link_input(&l, ppp_turn(&t, t.now), b, PPP_HDR + len);
	drain();
	return nsaid == 1 && said[0].b[2] == PPP_ECHO_REP
		   ? said[0].len - PPP_HDR
		   : 0;
}

/* section 5.8; RFC 4638 section 5.2 has them as long as the MRU */
static void
long_echoes(void)
{
	as_server(PPP_NOAUTH);
	begin();
	open_lcp();
	OK(echoed(8) == 8 && echoed(1490) == 1490);
	OK(echoed(1492) == 1492 && echoed(1500) == 1500);
	OK(echoed(1984) == 1984);
	OK_MSG(echoed(1985) == 0, "longer than any line");
}

/* section 4.3, RXJ+: what the peer does not know is not sent any more */
static void
unknown_codes(void)
{
	as_server(PPP_NOAUTH);
	begin();
	open_lcp();
	hears("8021 0101 000a 0306 c0a8 640a");
	answers("8021 0200 000a 0306 c0a8 6401", &l.ipcp.cp);
	OK(up4 == 1 && ppp_link_deadline(&l) > 0);
	hears("c021 0701 000c 0901 0008 0000 0000");
	OK(quiet() && ppp_link_deadline(&l) == -1);
	hears("80fd 0101 0004");
	OK(says("c021 08?? 000a 80fd 0101 0004"));
	hears("c021 0702 000e 0801 000a 80fd 0101 0004");
	hears("80fd 0102 0004");
	OK(quiet() && up4 == 1 && !ended);
	hears("c021 0102 000a 0506 0a0b 0c0e");
	OK_MSG(!l.lcp.unknown, "until LCP begins anew");
}

/* LCP that is negotiated again and again takes no longer to fail */
static void
never_up(void)
{
	as_server(PPP_AUTH_CHAP);
	begin();
	open_lcp();
	OK(l.phase == PPP_LINK_AUTHENTICATE);
	ppp_turn(&t, 20000);
	hears("c021 0102 000a 0506 0a0b 0c0e");
	OK(l.phase == PPP_LINK_ESTABLISH);
	ppp_link_tick(&l, ppp_turn(&t, 61000)), drain();
	ppp_link_tick(&l, ppp_turn(&t, 65000)), drain();
	ppp_link_tick(&l, ppp_turn(&t, 70000)), drain();
	OK(ended == PPP_END_SETUP);
}

static void
method_fallback(void)
{
	as_server(PPP_AUTH_CHAP);
	cfg.lcp.auth[1] = PPP_AUTH_MSCHAPV2;
	cfg.lcp.auth[2] = PPP_AUTH_PAP;
	begin();
	OK(says("c021 01?? 0013 0104 05d4 0305 c223 05 0506 ????????"));
	answers("c021 0300 0008 0304 c023", &l.lcp.cp);
	OK(says("c021 01?? 0012 0104 05d4 0304 c023 0506 ????????"));
	begin();
	answers("c021 0300 0008 0304 c227", &l.lcp.cp);
	OK_MSG(says("c021 01?? 0013 0104 05d4 0305 c223 81 0506 ????????"),
	    "it wants EAP: our next");
	answers("c021 0300 0009 0305 c223 05", &l.lcp.cp);
	OK_MSG(says("c021 01?? 0012 0104 05d4 0304 c023 0506 ????????"),
	    "never back to one that it refused");
	answers("c021 0400 0008 0304 c023", &l.lcp.cp);
	OK_MSG(says("c021 05?? 0004"), "none left");
	ppp_link_tick(&l, ppp_turn(&t, 2100)), drain();
	ppp_link_tick(&l, ppp_turn(&t, 9000)), drain();
	OK(ended == PPP_END_NOAUTH);
	as_server(PPP_AUTH_CHAP);
	begin();
	answers("c021 0300 0008 0304 c023", &l.lcp.cp);
	OK_MSG(says("c021 05?? 0004"), "PAP is not allowed: no PAP");
	cfg.lcp.auth_optional = 1;
	begin();
	answers("c021 0400 0009 0305 c223 05", &l.lcp.cp);
	OK_MSG(says("c021 01?? 000e 0104 05d4 0506 ????????"), "or none");
}

static void
loop(void)
{
	uint8_t b[64];
	int i;

	as_client();
	begin();
	for (i = 0; i < 40 && nsaid && !ended; i++) {
		memcpy(b, said[0].b, said[0].len);
		nsaid = heard = 0;
		ppp_link_input(&l, ppp_turn(&t, t.now), b, said[0].len);
		drain();
	}
	for (i = 0; i < 5 && !ended; i++) {
		ppp_link_tick(&l, ppp_turn(&t, ppp_link_deadline(&l)));
		drain();
	}
	OK(ended == PPP_END_LOOP);
}

static void
pap_server(void)
{
	as_server(PPP_AUTH_PAP);
	begin();
	open_lcp();
	OK(l.phase == PPP_LINK_AUTHENTICATE && quiet());
	hears("0021 4500");
	OK(quiet() && delivered == 0);
	hears("c023 0104 000a 05 75736572 00");
	OK_MSG(quiet() && !asked[0], "a name longer than the packet");
	hears("c023 0105 0020 09 6462313233 40612e31 12"
	      "4e6f745265616c6c79 546865536563726574");
	OK_MSG(quiet() && !asked[0], "a length that lies");
	hears("c023 0106 0021 09 6462313233 40612e31 12"
	      "4e6f745265616c6c79 546865536563726574");
	STREQ(asked, "db123@a.1");
	OK(says("c023 0206 000c 07 57656c636f6d65"));
	OK(says("8021 01?? 000a 0306 c0a8 6401") && quiet());
	hears("c023 0107 0021 09 6462313233 40612e31 12"
	      "4e6f745265616c6c79 546865536563726574");
	OK_MSG(says("c023 0207 000c 07 57656c636f6d65") && quiet(),
	    "its Ack was lost: again");
	STREQ(ppp_link_name(&l), "db123@a.1");
	/* RFC 1332: VJ and IP-Addresses are refused, the address told */
	hears("8021 0101 0020 0206 002d 0f01 0306 0000 0000"
	      "8106 0000 0000 8306 0000 0000 0104 0000");
	OK(says("8021 0401 001a 0206 002d 0f01 8106 00000000 8306 00000000"
		" 0104 0000"));
	hears("8021 0102 000a 0306 0000 0000");
	OK(says("8021 0302 000a 0306 c0a8 640a"));
	hears("8021 0103 0004");
	OK_MSG(says("8021 0303 000a 0306 c0a8 640a"), "it did not even ask");
	hears("8021 0104 000a 0306 c0a8 640a");
	OK(says("8021 0204 000a 0306 c0a8 640a"));
	answers("8021 0300 000a 0306 0102 0304", &l.ipcp.cp);
	OK_MSG(says("8021 01?? 000a 0306 c0a8 6401"), "ours stays ours");
	answers("8021 0400 000a 0306 c0a8 6401", &l.ipcp.cp);
	OK_MSG(says("8021 01?? 0004"), "or is not told");
	answers("8021 0200 0004", &l.ipcp.cp);
	OK(up4 == 1 && ip4.peer == 0xc0a8640a && ip4.ours == 0xc0a86401);
	hears("8057 0101 000e 010a 0102 0304 0506 0708");
	OK_MSG(says("c021 08?? 0014 8057 0101 000e 010a 0102 0304 0506 0708"),
	    "no IPv6 here: Protocol-Reject");
	hears("0057 6000");
	OK_MSG(says("c021 08?? 0008 0057 6000"), "nor its packets");
	hears("ff03 80fd 0101 0004");
	OK_MSG(says("c021 08?? 000a 80fd 0101 0004"), "nor CCP");
	hears("ff03 21 4500");
	OK_MSG(delivered == 1, "FF 03 and a short protocol are understood");
}

static void
wrong_names(void)
{
	char b[600] = "c023 0106 ";
	int i;

	as_server(PPP_AUTH_PAP);
	secret = NULL;
	begin();
	open_lcp();
	hears("c023 0101 000a 01 61 01 62 0000");
	OK(says(
	    "c023 0301 001a 15 41757468656e7469636174696f6e206661696c6564"));
	OK(says("c021 05?? 0004") && !up4);
	begin();
	open_lcp();
	hears("c023 0101 0008 02 6100 00");
	OK_MSG(!asked[0] && nsaid == 2, "a NUL in a name");
	begin();
	open_lcp();
	snprintf(b, sizeof(b), "c023 0106 0086 80");
	for (i = 0; i < 128; i++)
		snprintf(b + strlen(b), sizeof(b) - strlen(b), "61");
	snprintf(b + strlen(b), sizeof(b) - strlen(b), "00");
	hears(b);
	OK_MSG(!asked[0] && nsaid == 2, "a name too long for any user");
}

static void
ip6cp(void)
{
	as_server(PPP_NOAUTH);
	cfg.lcp.auth[0] = PPP_NOAUTH;
	net = (struct ppp_net){ PPP_NET_IP6, { 0 }, { 0x1122334455667788, 0 } };
	begin();
	open_lcp();
	OK(says("8057 01?? 000e 010a 1122 3344 5566 7788") && quiet());
	hears("8057 0101 000e 010a 0000 0000 0000 0000");
	OK(says("8057 0301 000e 010a ????????????????"));
	OK_MSG(memcmp(said[0].b + 8, "\0\0\0\0\0\0\0\0", 8) != 0, "not zero");
	hears("8057 0102 000e 010a 1122 3344 5566 7788");
	OK_MSG(says("8057 0302 000e 010a ????????????????") &&
		   memcmp(said[0].b + 8, "\x11\x22\x33\x44\x55\x66\x77\x88", 8),
	    "a collision: another, not ours");
	hears("8057 0103 0004");
	OK_MSG(
	    says("8057 0303 000e 010a ????????????????"), "none: one is due");
	hears("8057 0104 0014 010a 0000 0000 0000 0001 0206 0061 0000");
	OK(says("8057 0404 000a 0206 0061 0000"));
	hears("8057 0105 000e 010a 0000 0000 0000 0001");
	OK(says("8057 0205 000e 010a 0000 0000 0000 0001"));
	answers("8057 0300 000e 010a 0000 0000 0000 0009", &l.ip6cp.cp);
	OK_MSG(says("8057 01?? 000e 010a 1122 3344 5566 7788"),
	    "one that was given stays");
	answers("8057 0200 000e 010a 1122 3344 5566 7788", &l.ip6cp.cp);
	OK(up6 == 1 && ip6.ours == 0x1122334455667788 && ip6.peer == 1);
	OK(ip6.mtu == 1492);
	net.ip6.ours = 0;
	begin();
	open_lcp();
	hears("8057 0105 000e 010a 0000 0000 0000 0001");
	answers("8057 0300 000e 010a 0000 0000 0000 0001", &l.ip6cp.cp);
	OK_MSG(nsaid == 1 && said[0].b[15] != 1, "not the peer's own");
	answers("8057 0300 000e 010a 0000 0000 0000 0009", &l.ip6cp.cp);
	OK(says("8057 01?? 000e 010a 0000 0000 0000 0009"));
	answers("8057 0200 000e 010a 0000 0000 0000 0009", &l.ip6cp.cp);
	OK(up6 == 1 && ip6.ours == 9 && ip6.peer == 1);
}

/* as a client, who takes what it is told, but for what is none */
static void
ipcp_client(void)
{
	as_client();
	begin();
	open_lcp();
	hears("8021 0101 000a 0306 0000 0000");
	OK_MSG(says("8021 0401 000a 0306 0000 0000"),
	    "we have no address for who asks");
	hears("8021 0102 000a 0306 0a4d 0001");
	OK(says("8021 0202 000a 0306 0a4d 0001"));
	OK(l.ipcp.his == 0x0a4d0001);
	hears("8021 0103 0004");
	OK(says("8021 0203 0004") && !l.ipcp.his);
	answers("8021 0300 0009 8105 010203", &l.ipcp.cp);
	OK_MSG(says("8021 01?? 0010 0306 0000 0000 8306 0000 0000"),
	    "no name server's address: done without");
	answers("8021 0400 000a 0306 0000 0000", &l.ipcp.cp);
	OK_MSG(says("8021 05?? 0004"), "and none without ours");
}

static void
echoes(void)
{
	const uint8_t *magic;
	uint8_t b[12] = { 0xc0, 0x21, PPP_ECHO_REQ, 1, 0, 8 };
	int i;

	as_server(PPP_NOAUTH);
	begin();
	open_lcp();
	hears("8021 0101 000a 0306 c0a8 640a");
	answers("8021 0200 000a 0306 c0a8 6401", &l.ipcp.cp);
	OK(up4 == 1 && ppp_link_deadline(&l) == 21000);
	hears("c021 0901 0006 0000");
	OK_MSG(quiet(), "an echo without a magic number");
	hears("c021 0901 0008 0000 0000");
	OK(says("c021 0a01 0008 ????????"));
	magic = said[0].b + PPP_HDR + PPP_CTL_HDR;
	memcpy(b + 6, magic, 4);
	nsaid = heard = 0;
	ppp_link_input(&l, ppp_turn(&t, t.now), b, 10);
	drain();
	OK_MSG(quiet(), "and one of ours, that a loop brings back");
	ppp_turn(&t, 15000);
	hears("0021 4500");
	nsaid = 0;
	ppp_link_tick(&l, ppp_turn(&t, 21000)), drain();
	OK_MSG(nsaid == 0 && ppp_link_deadline(&l) == 35000,
	    "traffic is as good as an echo");
	ppp_link_tick(&l, ppp_turn(&t, 35000)), drain();
	OK(says("c021 09?? 0008 ????????"));
	ppp_turn(&t, 36000);
	hears("c021 0a01 0008 0a0b 0c0d");
	OK(quiet());
	for (i = 0; i < 20 && !ended; i++)
		ppp_link_tick(&l, ppp_turn(&t, ppp_link_deadline(&l))), drain();
	OK(ended == PPP_END_ECHO && !up4 && t.now < 36000 + 4 * 20000 + 4000);
	begin();
	open_lcp();
	nsaid = heard = 0;
	ppp_link_down(&l, ppp_turn(&t, t.now)), drain();
	OK(ended == PPP_END_DOWN && nsaid == 0);
}

int
main(void)
{
	dials_l2tpns();
	dials_pppd();
	lcp_options();
	option_lengths();
	naks_and_rejects();
	wrong_rejects();
	long_echoes();
	never_up();
	unknown_codes();
	method_fallback();
	loop();
	pap_server();
	wrong_names();
	ip6cp();
	ipcp_client();
	echoes();
	return tap_done();
}
