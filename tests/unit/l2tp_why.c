/* limen: ISC licence, see LICENSE */
#include "l2tp_why.h"
#include "tap.h"

static const struct l2tp_secret none;

/* what a call of ours that is up says of a CDN with these AVPs behind its
 * Result Code */
static const char *
told(const void *avps, size_t n)
{
	static char b[L2TP_WHY];
	static uint8_t pkt[4096];
	struct l2tp_call c;
	struct l2tp_msg m;
	struct l2tp_hdr h;
	struct wr w;

	wr_init(&w, pkt, sizeof(pkt));
	l2tp_put_begin(&w, L2TP_CDN, 1, 2);
	l2tp_put_result(&w, L2TP_CDN_ERROR, L2TP_ERR_RESOURCES, "full\n");
	wr_bytes(&w, avps, n);
	l2tp_put_end(&w);
	if (w.err || l2tp_hdr_get(&h, pkt, wr_len(&w)) < 0 ||
	    l2tp_msg_get(&m, &h, &none) < 0)
		return "not a message";
	l2tp_call_open(&c, 0, 2, 3);
	c.sent = 1;
	if (l2tp_call_input(&c, &m) != L2TP_CALL_ENDED)
		return "not ended";
	return l2tp_why_call(&c, &m, b);
}

#define FULL "CDN 2, general error, out of resources: full."

static void
causes(void)
{
	static uint8_t longest[3 * 1023];
	const char *s;
	size_t i;

	STREQ(told("", 0), FULL);
	STREQ(
	    told("\0\x09\0\0\0\x0c\0\x11\1", 9), FULL "; Q.931 17, user busy");
	STREQ(told("\0\x0b\0\0\0\x0c\0\x66\1hm", 11),
	    FULL "; Q.931 102, protocol error: hm");
	STREQ(told("\0\x0b\0\0\0\x2e\0\x11\x80\x21\2", 11),
	    FULL "; PPP 17 8021, NCP timeout (local)");
	STREQ(told("\0\x0c\0\0\0\x2e\0\1\0\0\0x", 12),
	    FULL "; PPP 1 0000, administrative disconnect: x");
	STREQ(
	    told("\0\x09\0\0\0\x0c\0\x10\1\0\x0b\0\0\0\x2e\0\3\xc0\x21\1", 20),
	    FULL "; Q.931 16, normal call clearing"
		 "; PPP 3 c021, LCP Terminate-Request sent (peer)");
	STREQ(told("\0\x0b\0\0\0\x2e\xff\xff\xff\xff\xff", 11),
	    FULL "; PPP 65535 ffff, unknown");
	/* one that is too short is passed over, unless it is mandatory */
	STREQ(told("\0\x08\0\0\0\x0c\0\x11", 8), FULL);
	STREQ(told("\0\x0a\0\0\0\x2e\0\1\0\0", 10), FULL);
	STREQ(told("\x80\x08\0\0\0\x0c\0\x11", 8), "not a message");
	/* what is longer than there is room for is cut */
	memset(longest, '!', sizeof(longest));
	for (i = 0; i < 2; i++)
		memcpy(longest + i * 1023,
		    i ? "\3\xff\0\0\0\x2e\0\x0b\0\0\1"
		      : "\3\xff\0\0\0\x0c\0\x21\1",
		    i ? 11 : 9);
	s = told(longest, 2 * 1023);
	OK(strlen(s) < L2TP_WHY && strstr(s, "; PPP 11 0000, unexpected") &&
	    s[strlen(s) - 1] == '!');
}

int
main(void)
{
	causes();
	return tap_done();
}
