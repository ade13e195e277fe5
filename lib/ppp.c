/* limen: ISC licence, see LICENSE */
#include "ppp.h"

#define NELEM(a) (sizeof(a) / sizeof(*(a)))

int
ppp_get(struct ppp_frame *f, const void *buf, size_t len)
{
	const uint8_t *p = buf;
	struct rd r;

	rd_init(&r, buf, len);
	if (len >= 2 && p[0] == 0xff && p[1] == 0x03)
		rd_skip(&r, 2);
	f->proto = rd_u8(&r);
	if (!(f->proto & 1))
		f->proto = (uint16_t)(f->proto << 8 | rd_u8(&r));
	f->len = rd_left(&r);
	f->data = rd_bytes(&r, f->len);
	return r.err ? -1 : 0;
}

int
ppp_ctl_get(struct ppp_ctl *c, const void *buf, size_t len)
{
	struct rd r;
	size_t n;

	rd_init(&r, buf, len);
	c->code = rd_u8(&r);
	c->id = rd_u8(&r);
	n = rd_u16(&r);
	if (r.err || n < PPP_CTL_HDR)
		return -1;
	c->len = n - PPP_CTL_HDR;
	c->data = rd_bytes(&r, c->len);
	return r.err ? -1 : 0;
}

int
ppp_opt_get(struct rd *r, struct ppp_opt *o)
{
	unsigned len;

	if (!rd_left(r))
		return r->err ? -1 : 0;
	o->type = rd_u8(r);
	len = rd_u8(r);
	if (r->err || len < 2) {
		r->err = 1;
		return -1;
	}
	o->len = (uint8_t)(len - 2);
	o->data = rd_bytes(r, o->len);
	return r->err ? -1 : 1;
}

void
ppp_opt_put(struct wr *w, const struct ppp_opt *o)
{
	wr_u8(w, o->type);
	wr_u8(w, o->len + 2U);
	wr_bytes(w, o->data, o->len);
}

void
ppp_opt_put16(struct wr *w, unsigned type, unsigned v)
{
	wr_u8(w, type);
	wr_u8(w, 4);
	wr_u16(w, v);
}

void
ppp_opt_put32(struct wr *w, unsigned type, uint32_t v)
{
	wr_u8(w, type);
	wr_u8(w, 6);
	wr_u32(w, v);
}

void
ppp_opt_put64(struct wr *w, unsigned type, uint64_t v)
{
	wr_u8(w, type);
	wr_u8(w, 10);
	wr_u64(w, v);
}

uint64_t
ppp_opt_num(const struct ppp_opt *o)
{
	uint64_t v = 0;
	unsigned i;

	for (i = 0; i < o->len && i < 8; i++)
		v = v << 8 | o->data[i];
	return v;
}

/* what stands in the option: a protocol and, for CHAP, the algorithm */
static const struct {
	uint16_t proto;
	uint8_t alg;
	const char *name;
} methods[] = {
	[PPP_NOAUTH] = { 0, 0, "none" },
	[PPP_AUTH_PAP] = { PPP_PAP, 0, "PAP" },
	[PPP_AUTH_CHAP] = { PPP_CHAP, 5, "CHAP" },
	[PPP_AUTH_MSCHAPV2] = { PPP_CHAP, 0x81, "MS-CHAPv2" },
};
_Static_assert(NELEM(methods) == PPP_NMETHODS, "a name for each method");

enum ppp_method
ppp_method_get(const struct ppp_opt *o)
{
	unsigned i, proto;

	if (o->len < 2)
		return PPP_NOAUTH;
	proto = (unsigned)o->data[0] << 8 | o->data[1];
	for (i = 1; i < PPP_NMETHODS; i++) {
		if (proto != methods[i].proto)
			continue;
		if (o->len == (methods[i].alg ? 3 : 2) &&
		    (!methods[i].alg || o->data[2] == methods[i].alg))
			return (enum ppp_method)i;
	}
	return PPP_NOAUTH;
}

void
ppp_method_put(struct wr *w, enum ppp_method m)
{
	const unsigned alg = methods[m].alg;

	wr_u8(w, PPP_LCP_AUTH);
	wr_u8(w, alg ? 5 : 4);
	wr_u16(w, methods[m].proto);
	if (alg)
		wr_u8(w, alg);
}

int
ppp_patience(unsigned sent, int most)
{
	const int ms = 1000 << (sent < 8 ? sent - 1 : 7);

	return ms < most ? ms : most;
}

int
ppp_same(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;
	unsigned d = 0;

	while (n--)
		d |= (unsigned)(*x++ ^ *y++);
	return d == 0;
}

const char *
ppp_proto_name(unsigned proto)
{
	static const struct {
		uint16_t proto;
		const char *name;
	} names[] = {
		{ PPP_IP, "IP" },
		{ PPP_IP6, "IPv6" },
		{ PPP_IPCP, "IPCP" },
		{ PPP_IP6CP, "IPV6CP" },
		{ PPP_CCP, "CCP" },
		{ PPP_LCP, "LCP" },
		{ PPP_PAP, "PAP" },
		{ PPP_CHAP, "CHAP" },
		{ PPP_EAP, "EAP" },
	};
	size_t i;

	for (i = 0; i < NELEM(names); i++)
		if (names[i].proto == proto)
			return names[i].name;
	return "unknown";
}

const char *
ppp_method_name(enum ppp_method m)
{
	return methods[m < PPP_NMETHODS ? m : PPP_NOAUTH].name;
}
