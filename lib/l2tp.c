/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "l2tp.h"

int
l2tp_hdr_get(struct l2tp_hdr *h, const void *pkt, size_t len)
{
	struct rd r;
	size_t claim;

	memset(h, 0, sizeof(*h));
	rd_init(&r, pkt, len);
	h->flags = rd_u16(&r);
	if (r.err || (h->flags & 0xf) != 2)
		return -1;
	if ((h->flags & L2TP_T) &&
	    (h->flags & (L2TP_L | L2TP_S | L2TP_O)) != (L2TP_L | L2TP_S))
		return -1;
	if (h->flags & L2TP_L) {
		claim = rd_u16(&r);
		if (claim > len || claim < 4)
			return -1;
		r.end -= len - claim;
	}
	h->tid = rd_u16(&r);
	h->sid = rd_u16(&r);
	if (h->flags & L2TP_S) {
		h->ns = rd_u16(&r);
		h->nr = rd_u16(&r);
	}
	if (h->flags & L2TP_O)
		rd_skip(&r, rd_u16(&r));
	h->body = r;
	return r.err ? -1 : 0;
}

void
l2tp_put_seq(uint8_t *pkt, uint16_t ns, uint16_t nr)
{
	pkt[8] = (uint8_t)(ns >> 8);
	pkt[9] = (uint8_t)ns;
	pkt[10] = (uint8_t)(nr >> 8);
	pkt[11] = (uint8_t)nr;
}

/* tables of arrays, not of pointers: nothing to relocate */
#define WORDS 32
static const char *
name(const char (*names)[WORDS], size_t n, unsigned i)
{
	return i < n && names[i][0] ? names[i] : "unknown";
}
#define NAME(t, i) name(t, sizeof(t) / sizeof(*(t)), i)

const char *
l2tp_msg_name(unsigned type)
{
	static const char t[][WORDS] = { "ZLB", "SCCRQ", "SCCRP", "SCCCN",
		"StopCCN", "", "HELLO", "OCRQ", "OCRP", "OCCN", "ICRQ", "ICRP",
		"ICCN", "", "CDN", "WEN",
		"SLI", [L2TP_CSUN] = "CSUN", [L2TP_CSURQ] = "CSURQ" };

	return NAME(t, type);
}

const char *
l2tp_stop_name(unsigned result)
{
	static const char t[][WORDS] = { "", "cleared", "general error",
		"control channel already exists", "not authorized",
		"protocol version not supported", "shutting down",
		"unexpected message" };

	return NAME(t, result);
}

const char *
l2tp_cdn_name(unsigned result)
{
	static const char t[][WORDS] = { "", "loss of carrier", "general error",
		"administrative reasons", "no facilities for now",
		"no facilities", "invalid destination", "no carrier", "busy",
		"no dial tone", "not established in time",
		"no framing detected" };

	return NAME(t, result);
}

const char *
l2tp_err_name(unsigned error)
{
	static const char t[][WORDS] = { "no error", "no control connection",
		"wrong length", "value out of range", "out of resources",
		"invalid session id", "vendor-specific error", "try another",
		"unknown mandatory AVP" };

	return NAME(t, error);
}
