/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "l2tp.h"
#include "nth.h"

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

void
l2tp_text(char *dst, size_t cap, const struct l2tp_bytes *b)
{
	size_t i;

	for (i = 0; i < b->len && i + 1 < cap; i++)
		dst[i] =
		    b->p[i] >= 0x20 && b->p[i] < 0x7f ? (char)b->p[i] : '.';
	dst[i] = 0;
}

const char *
l2tp_msg_name(unsigned type)
{
	if (type >= L2TP_CSUN)
		return nth("CSUN\0CSURQ\0", type - L2TP_CSUN);
	return nth("ZLB\0SCCRQ\0SCCRP\0SCCCN\0StopCCN\0unknown\0HELLO\0OCRQ\0"
		   "OCRP\0OCCN\0ICRQ\0ICRP\0ICCN\0unknown\0CDN\0WEN\0SLI\0",
	    type);
}

const char *
l2tp_stop_name(unsigned result)
{
	return nth("unknown\0cleared\0general error\0"
		   "control channel already exists\0not authorized\0"
		   "protocol version not supported\0shutting down\0"
		   "unexpected message\0",
	    result);
}

const char *
l2tp_cdn_name(unsigned result)
{
	return nth("unknown\0loss of carrier\0general error\0"
		   "administrative reasons\0no facilities for now\0"
		   "no facilities\0invalid destination\0no carrier\0busy\0"
		   "no dial tone\0not established in time\0"
		   "no framing detected\0",
	    result);
}

const char *
l2tp_err_name(unsigned error)
{
	return nth("no error\0no control connection\0wrong length\0"
		   "value out of range\0out of resources\0"
		   "invalid session id\0vendor-specific error\0"
		   "try another\0unknown mandatory AVP\0",
	    error);
}
