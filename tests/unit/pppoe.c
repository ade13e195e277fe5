/* limen: ISC licence, see LICENSE */
#include "eth.h"
#include "pppoe.h"
#include "tap.h"

/* a PADI of pppd with a VLAN tag, an empty Service-Name, Host-Uniq, the
 * tags of RFC 4638 and TR-101, and the padding of a short frame */
static const uint8_t padi[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0,
	0, 1, 0x81, 0x00, 0x60, 0x07, 0x88, 0x63, 0x11, 0x09, 0, 0, 0, 36, 0x01,
	0x01, 0, 0, 0x01, 0x03, 0, 2, 0xab, 0xcd, 0x01, 0x20, 0, 2, 0x05, 0xdc,
	0x01, 0x05, 0, 12, 0, 0, 0x0d, 0xe9, 1, 3, 'e', 't', 'h', 2, 1, 'r',
	0x01, 0x10, 0, 0, 0, 0, 0 };

static struct pppoe_str
bytes(const void *p, size_t n)
{
	return (struct pppoe_str){ p, n };
}

static void
reading(void)
{
	struct pppoe_disc d;
	struct pppoe p;
	struct eth e;
	uint8_t b[sizeof(padi)];
	size_t i, bad = 0;

	OK(eth_get(&e, padi, sizeof(padi)) == 0 && e.ntag == 1);
	OK(eth_vlan(&e.tag[0]) == 7 && e.type == ETH_PPPOED);
	OK(pppoe_get(&p, e.body, e.len) == 0 && p.code == PPPOE_PADI);
	OK(p.sid == 0 && p.len == 36);
	OK(pppoe_disc_get(&d, &p) == 0);
	OK(d.service.p && d.service.len == 0);
	OK(pppoe_str_is(d.host_uniq, bytes("\xab\xcd", 2)));
	OK(d.max_payload == 1500);
	OK(pppoe_str_is(d.circuit, bytes("eth", 3)));
	OK(pppoe_str_is(d.remote, bytes("r", 1)));
	OK(d.relay_id.p && d.relay_id.len == 0);
	OK(!d.cookie.p && !d.ac_name.p && !d.error.type);
	memcpy(b, padi, sizeof(b)); /* a second PPP-Max-Payload, of 5 */
	memcpy(b + 40, "\1\x20\0\2\0\5\1\x20\0\2\0\6\0\0\0\0", 16);
	eth_get(&e, b, sizeof(b));
	OK(pppoe_get(&p, e.body, e.len) == 0 && pppoe_disc_get(&d, &p) == 0);
	OK_MSG(d.max_payload == 1500, "the first of a kind counts");
	for (i = 0; i < sizeof(padi) - 3; i++) {
		memcpy(b, padi, i);
		bad += eth_get(&e, b, i) == 0 && e.type == ETH_PPPOED &&
		       pppoe_get(&p, e.body, e.len) == 0;
	}
	OK_MSG(!bad, "a PADI cut short anywhere is not one");
	memcpy(b, padi, sizeof(b));
	b[23] = 5; /* the length now ends within a tag */
	eth_get(&e, b, sizeof(b));
	OK(pppoe_get(&p, e.body, e.len) == 0 && pppoe_disc_get(&d, &p) < 0);
	b[18] = 0x21;
	OK_MSG(pppoe_get(&p, e.body, e.len) < 0, "version 2 is refused");
	b[18] = 0x11;
	b[20] = b[21] = 0xff;
	OK_MSG(pppoe_get(&p, e.body, e.len) < 0, "session 0xffff is none");
	b[21] = 0xfe;
	OK(pppoe_get(&p, e.body, e.len) == 0);
}

/* what a body of n bytes says */
static int
disc(struct pppoe_disc *d, const void *body, size_t n)
{
	const struct pppoe p = { PPPOE_PADI, 0, body, (uint16_t)n };

	return pppoe_disc_get(d, &p);
}

static void
odd_tags(void)
{
	struct pppoe_disc d;

	OK(disc(&d, "\1\1\0\1a\0\0\0\0\1\3\0\1u", 14) == 0 &&
	    pppoe_str_is(d.service, pppoe_str("a")));
	OK_MSG(!d.host_uniq.p, "nothing after End-Of-List");
	OK_MSG(disc(&d, "\1\1\0\0\1\3\0", 7) < 0, "a tag cut short");
	OK(disc(&d, "\1\5\0\7\0\0\0\1\1\1x", 11) == 0 && !d.circuit.p);
	OK_MSG(disc(&d, "\1\5\0\12\0\0\15\351\1\1x\1\1y", 14) == 0 &&
		   pppoe_str_is(d.circuit, pppoe_str("x")),
	    "the first of a kind counts here, too");
	OK_MSG(disc(&d, "\1\5\0\7\0\0\15\351\1\2x", 11) == 0 && !d.circuit.len,
	    "a sub-tag longer than its tag");
	OK(disc(&d, "\1\x20\0\3\5\334\0", 7) == 0 && !d.max_payload);
	OK(disc(&d, "\2\2\0\0\2\3\0\0", 8) == 0 &&
	    d.error.type == PPPOE_AC_ERR);
}

static void
writing(void)
{
	uint8_t b[128];
	struct pppoe_disc d;
	struct pppoe p;
	struct wr w;
	size_t hole;

	wr_init(&w, b, sizeof(b));
	hole = pppoe_put(&w, PPPOE_PADS, 0x1234);
	pppoe_tag_put(&w, PPPOE_SERVICE, pppoe_str("internet"));
	pppoe_echo_put(&w, PPPOE_HOST_UNIQ, bytes(NULL, 0));
	pppoe_echo_put(&w, PPPOE_RELAY_ID, bytes("", 0));
	pppoe_tag_put(&w, PPPOE_AC_ERR, pppoe_str("full"));
	pppoe_end(&w, hole);
	OK(wr_len(&w) == PPPOE_HEAD + 12 + 4 + 8);
	OK(pppoe_get(&p, b, wr_len(&w)) == 0 && p.sid == 0x1234);
	OK(pppoe_disc_get(&d, &p) == 0);
	OK(pppoe_str_is(d.service, pppoe_str("internet")));
	OK(!d.host_uniq.p && d.relay_id.p);
	OK(d.error.type == PPPOE_AC_ERR);
	STREQ(pppoe_name(PPPOE_PADT), "PADT");
	OK(pppoe_mru(1500, 1500) == 1492 && pppoe_mru(1500, 1508) == 1500);
	OK(pppoe_mru(1492, 1450) == 1442 && pppoe_mru(1500, 0) == 1500);
}

static void
tags(void)
{
	static const uint8_t q3[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x81,
		0, 0, 1, 0x81, 0, 0, 2, 0x81, 0, 0, 3, 8, 0 };
	struct eth e, f;
	uint8_t b[64];
	struct wr w;

	OK_MSG(eth_get(&e, q3, sizeof(q3)) < 0, "three VLAN tags are refused");
	OK(eth_get(&e, q3, 12) < 0);
	memset(&e, 7, sizeof(e));
	e.ntag = 2;
	e.tag[0] = (struct eth_tag){ ETH_STAG, 0x2fff };
	e.tag[1] = (struct eth_tag){ ETH_QTAG, 5 };
	e.type = ETH_IP;
	wr_init(&w, b, sizeof(b));
	eth_put(&w, &e);
	OK(wr_len(&w) == ETH_MAX);
	OK(eth_get(&f, b, wr_len(&w)) == 0 && f.ntag == 2 && f.len == 0);
	OK(eth_vlan(&f.tag[0]) == 0xfff && f.tag[0].tpid == ETH_STAG);
}

int
main(void)
{
	reading();
	odd_tags();
	writing();
	tags();
	return tap_done();
}
