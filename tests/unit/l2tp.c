/* limen: ISC licence, see LICENSE */
#include <stdint.h>

#include "l2tp.h"
#include "tap.h"

static const struct l2tp_secret none, secret = { (const uint8_t *)"s3cret", 6 };

/* reads a message out of AVPs that are given as bytes */
static int
get(struct l2tp_msg *m, const uint8_t *avps, size_t n,
    const struct l2tp_secret *s)
{
	struct l2tp_hdr h = { 0 };

	rd_init(&h.body, avps, n);
	return l2tp_msg_get(m, &h, s);
}

static void
header(void)
{
	static const uint8_t plain[] = { 0, 2, 0, 7, 0, 9, 0xff, 3, 0xc0,
		0x21 };
	static const uint8_t all[] = { 0x4b, 2, 0, 18, 0, 7, 0, 9, 0, 1, 0, 2,
		0, 2, 0, 0, 0x80, 0x21, 'x' };
	static const uint8_t control[] = { 0xc8, 2, 0, 12, 0, 7, 0, 0, 0, 1, 0,
		2 };
	uint8_t b[32];
	struct l2tp_hdr h;

	OK(l2tp_hdr_get(&h, plain, sizeof(plain)) == 0);
	OK(h.tid == 7 && h.sid == 9 && rd_left(&h.body) == 4);
	OK(l2tp_hdr_get(&h, all, sizeof(all)) == 0);
	OK_MSG(rd_left(&h.body) == 2 && h.ns == 1 && h.nr == 2,
	    "length, sequence and offset; what is behind the length is not "
	    "data");
	OK(l2tp_hdr_get(&h, control, sizeof(control)) == 0 &&
	    rd_left(&h.body) == 0);
	OK_MSG(l2tp_hdr_get(&h, control, 11) < 0, "cut short");
	memcpy(b, control, 12);
	b[3] = 13;
	OK_MSG(l2tp_hdr_get(&h, b, 12) < 0, "claims more than there is");
	b[3] = 11;
	OK_MSG(l2tp_hdr_get(&h, b, 12) < 0, "claims less than a header");
	b[3] = 0;
	OK(l2tp_hdr_get(&h, b, 12) < 0);
	memcpy(b, control, 12);
	b[0] = 0x88;
	OK_MSG(l2tp_hdr_get(&h, b, 12) < 0, "control without a length");
	b[0] = 0xc0;
	OK_MSG(l2tp_hdr_get(&h, b, 12) < 0, "control without Ns and Nr");
	b[0] = 0xca;
	OK_MSG(l2tp_hdr_get(&h, b, 12) < 0, "control with an offset");
	b[0] = 0xc8;
	b[1] = 3;
	OK_MSG(l2tp_hdr_get(&h, b, 12) < 0, "version 3");
	memcpy(b, all, sizeof(all));
	b[12] = 0xff;
	OK_MSG(l2tp_hdr_get(&h, b, sizeof(all)) < 0, "offset past the end");
	OK(l2tp_hdr_get(&h, b, 0) < 0 && l2tp_hdr_get(&h, b, 1) < 0);
}

static void
messages(void)
{
	uint8_t b[256];
	struct l2tp_hdr h;
	struct l2tp_msg m;
	struct wr w;

	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, L2TP_ICRQ, 5, 0);
	l2tp_put16(&w, L2TP_AVP_SID | L2TP_M, 77);
	l2tp_put32(&w, L2TP_AVP_SERIAL | L2TP_M, 0x01020304);
	l2tp_put_bytes(&w, L2TP_AVP_CALLING | L2TP_M, "02:00", 5);
	l2tp_put_bytes(&w, L2TP_ADSL_CIRCUIT | L2TP_ADSL, "eth 0/1:7", 9);
	l2tp_put32(&w, L2TP_ADSL_UP | L2TP_ADSL, 1000000);
	l2tp_put_end(&w);
	OK(l2tp_hdr_get(&h, b, wr_len(&w)) == 0);
	OK(l2tp_msg_get(&m, &h, &none) == 0 && m.type == L2TP_ICRQ);
	OK(m.asid == 77 && m.serial == 0x01020304 && m.calling.len == 5);
	OK(m.circuit.len == 9 && m.up == 1000000 && m.tid == 5);
	MEMEQ(m.calling.p, "02:00", 5);

	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, L2TP_CDN, 5, 6);
	l2tp_put_result(&w, L2TP_CDN_ERROR, L2TP_ERR_TRY_ANOTHER, "full");
	l2tp_put_end(&w);
	OK(l2tp_hdr_get(&h, b, wr_len(&w)) == 0);
	OK(l2tp_msg_get(&m, &h, &none) == 0 && m.result == 2 && m.error == 7);
	OK(m.text.len == 4 && !memcmp(m.text.p, "full", 4));
	STREQ(l2tp_err_name(m.error), "try another");
}

static void
names(void)
{
	STREQ(l2tp_msg_name(14), "CDN");
	STREQ(l2tp_msg_name(13), "unknown");
	STREQ(l2tp_msg_name(16), "SLI");
	STREQ(l2tp_msg_name(17), "unknown");
	STREQ(l2tp_msg_name(28), "CSUN");
	STREQ(l2tp_msg_name(29), "CSURQ");
	STREQ(l2tp_msg_name(30), "unknown");
	STREQ(l2tp_cdn_name(65535), "unknown");
	STREQ(l2tp_stop_name(6), "shutting down");
	STREQ(l2tp_q931_name(17), "user busy");
	STREQ(l2tp_q931_name(42), "congestion");
	STREQ(l2tp_q931_name(102), "protocol error");
	STREQ(l2tp_q931_name(128), "unknown");
	STREQ(l2tp_q931_name(0xffff), "unknown");
	STREQ(l2tp_ppp_cause_name(0), "no information");
	STREQ(l2tp_ppp_cause_name(16), "authentication failed");
	STREQ(l2tp_ppp_cause_name(20), "no addresses permitted");
	STREQ(l2tp_ppp_cause_name(21), "unknown");
}

static void
too_long(void)
{
	uint8_t b[256];
	struct wr w;

	wr_init(&w, b, 20);
	l2tp_put_begin(&w, L2TP_CDN, 5, 6);
	l2tp_put_result(&w, 1, 0, "too long for what is there");
	l2tp_put_end(&w);
	OK_MSG(w.err, "a message that does not fit is an error");
	wr_init(&w, b, sizeof(b));
	l2tp_put_bytes(&w, L2TP_AVP_HOST, b, 1018);
	OK_MSG(w.err, "an AVP of over 1023 bytes is one too");
}

static void
refusals(void)
{
	static const uint8_t hello[] = { 0x80, 8, 0, 0, 0, 0, 0, 6 };
	struct l2tp_msg m;
	uint8_t b[64];

	OK(get(&m, hello, 8, &none) == 0 && m.type == L2TP_HELLO &&
	    m.type_mandatory);
	OK_MSG(get(&m, hello, 7, &none) < 0 && m.bad == L2TP_ERR_LENGTH,
	    "AVP cut short");
	OK(get(&m, hello, 0, &none) == 0 && m.type == L2TP_ZLB);
	memcpy(b, hello, 8);
	b[1] = 5;
	OK_MSG(get(&m, b, 8, &none) < 0, "AVP shorter than its header");
	b[1] = 0;
	OK_MSG(get(&m, b, 8, &none) < 0, "AVP of length 0 ends the reading");
	b[1] = 8;
	b[0] = 0xc0;
	OK_MSG(get(&m, b, 8, &secret) < 0, "hidden Message Type");
	memcpy(b, hello, 8);
	memcpy(b + 8, "\x80\x06\x00\x00\x00\x63", 6);
	OK(get(&m, b, 14, &none) < 0 && m.bad == L2TP_ERR_UNKNOWN_AVP &&
	    m.bad_avp == 99);
	b[8] = 0;
	OK_MSG(
	    get(&m, b, 14, &none) == 0, "an optional unknown one is skipped");
	memcpy(b + 8, "\x80\x06\x00\x09\x00\x01", 6);
	OK_MSG(get(&m, b, 14, &none) < 0 && m.bad_vendor == 9,
	    "a mandatory one of a strange vendor");
	b[8] = 0;
	OK_MSG(get(&m, b, 14, &none) == 0, "an optional one is passed over");
	memcpy(b + 8, "\x84\x08\x00\x00\x00\x0a\x00\x04", 8);
	OK_MSG(get(&m, b, 16, &none) < 0, "reserved bits make it unknown");
	memcpy(b + 8, "\x80\x09\x00\x00\x00\x0a\x00\x04\x00", 9);
	OK_MSG(get(&m, b, 17, &none) < 0 && m.bad == L2TP_ERR_LENGTH,
	    "a number of three bytes");
	b[7] = L2TP_SCCRQ;
	OK_MSG(get(&m, b, 8, &none) < 0 && m.bad_avp == L2TP_AVP_VERSION,
	    "SCCRQ without its AVPs");
	memcpy(b, hello, 8);
	b[7] = L2TP_ICRP;
	memcpy(b + 8, "\x80\x08\x00\x00\x00\x0e\x00\x00", 8);
	OK_MSG(get(&m, b, 16, &none) < 0 && m.bad_avp == L2TP_AVP_SID,
	    "a session id of 0");
}

static int
hidden(struct l2tp_msg *m, size_t n, const struct l2tp_secret *s)
{
	static uint8_t b[2048], text[1100];
	struct l2tp_hide hide = { secret, { 1, 2, 3, 4, 5 } };
	struct l2tp_bytes v = { text, (uint16_t)n };
	struct l2tp_hdr h;
	struct wr w;
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7);
	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, L2TP_HELLO, 1, 0);
	l2tp_put_bytes(&w, L2TP_AVP_RANDOM | L2TP_M, hide.rv, 16);
	l2tp_put_hidden(&w, L2TP_AVP_CALLING | L2TP_M, &v, &hide);
	l2tp_put_end(&w);
	if (w.err || l2tp_hdr_get(&h, b, wr_len(&w)) < 0)
		return -2;
	if (l2tp_msg_get(m, &h, s) < 0)
		return -1;
	return m->calling.len == n && !memcmp(m->calling.p, text, n);
}

static void
hiding(void)
{
	static const struct l2tp_secret other = { (const uint8_t *)"other", 5 };
	static const uint8_t huge[] = { 0x80, 8, 0, 0, 0, 0, 0, 6, 0x80, 7, 0,
		0, 0, 36, 1, 0xc0, 10, 0, 0, 0, 22, 'a', 'b', 'c', 'd' };
	struct l2tp_msg m;
	size_t n, good = 0;

	for (n = 0; n <= 1015; n++)
		good += hidden(&m, n, &secret) == 1;
	OK_MSG(good == 1016, "hidden values of 0 to 1015 bytes come back");
	OK(hidden(&m, 1016, &secret) == -2);
	OK_MSG(hidden(&m, 11, &none) == -1 && m.bad == L2TP_ERR_UNKNOWN_AVP &&
		   m.bad_avp == L2TP_AVP_CALLING,
	    "a mandatory hidden AVP and no secret");
	OK_MSG(hidden(&m, 11, &other) == -1 && m.bad == L2TP_ERR_LENGTH,
	    "the wrong secret gives a length that is refused");
	OK_MSG(get(&m, huge, sizeof(huge), &secret) < 0 &&
		   m.bad == L2TP_ERR_LENGTH,
	    "a deciphered length over what was received is refused");
}

/* the longest AVP there is: 1017 bytes of Calling Number, where others had
 * room for 254 */
static void
longest(void)
{
	static uint8_t b[2048], number[1017];
	struct l2tp_msg m;
	struct l2tp_hdr h;
	struct wr w;

	memset(number, '7', sizeof(number));
	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, L2TP_ICRQ, 1, 0);
	l2tp_put16(&w, L2TP_AVP_SID | L2TP_M, 5);
	l2tp_put32(&w, L2TP_AVP_SERIAL | L2TP_M, 6);
	l2tp_put_bytes(&w, L2TP_AVP_CALLING | L2TP_M, number, sizeof(number));
	l2tp_put_end(&w);
	OK(!w.err && l2tp_hdr_get(&h, b, wr_len(&w)) == 0);
	OK(l2tp_msg_get(&m, &h, &none) == 0 && m.calling.len == 1017);
	MEMEQ(m.calling.p, number, sizeof(number));
}

/* RFC 2661 section 5.1.1 names what is hashed; sums made with md5sum(1) */
static void
challenge(void)
{
	static const uint8_t want[] = { 0x3c, 0x46, 0x86, 0x71, 0x51, 0x3e,
		0xa8, 0xf7, 0xd1, 0x0e, 0x4e, 0x66, 0x9d, 0x73, 0x51, 0x50 };
	const struct l2tp_bytes ch = { (const uint8_t *)"challenge", 9 };
	uint8_t sum[16];

	l2tp_response(sum, L2TP_SCCRP, &secret, &ch);
	MEMEQ(sum, want, 16);
}

int
main(void)
{
	header();
	messages();
	names();
	too_long();
	refusals();
	hiding();
	longest();
	challenge();
	return tap_done();
}
