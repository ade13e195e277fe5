/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "l2tp.h"
#include "md5.h"

enum {
	AVP_M = 0x8000,
	AVP_H = 0x4000,
	AVP_RESERVED = 0x3c00,
	AVP_LEN = 0x03ff,
	AVP_HEAD = 6,
};

/* what is read of an AVP, by its number */
enum kind {
	PASS = 1, /* known, not looked at */
	N16,
	N32,
	BYTES,
	OWN, /* takes a function of its own */
};

struct shape {
	uint8_t kind;
	uint8_t min; /* bytes; numbers are exact */
	uint16_t at; /* offset in struct l2tp_msg */
};

#define AT(f) offsetof(struct l2tp_msg, f)
static const struct shape ietf[] = {
	[L2TP_AVP_TYPE] = { PASS, 2, 0 },
	[L2TP_AVP_RESULT] = { OWN, 2, 0 },
	[L2TP_AVP_VERSION] = { N16, 2, AT(version) },
	[L2TP_AVP_FRAMING_CAP] = { N32, 4, AT(framing_cap) },
	[L2TP_AVP_BEARER_CAP] = { N32, 4, AT(bearer_cap) },
	[L2TP_AVP_TIE] = { PASS, 8, 0 },
	[L2TP_AVP_FIRMWARE] = { N16, 2, AT(firmware) },
	[L2TP_AVP_HOST] = { BYTES, 1, AT(host) },
	[L2TP_AVP_VENDOR] = { BYTES, 0, AT(vendor) },
	[L2TP_AVP_TID] = { N16, 2, AT(atid) },
	[L2TP_AVP_WINDOW] = { N16, 2, AT(window) },
	[L2TP_AVP_CHALLENGE] = { BYTES, 1, AT(challenge) },
	[L2TP_AVP_Q931] = { BYTES, 3, AT(cause) },
	[L2TP_AVP_RESPONSE] = { BYTES, 16, AT(response) },
	[L2TP_AVP_SID] = { N16, 2, AT(asid) },
	[L2TP_AVP_SERIAL] = { N32, 4, AT(serial) },
	[16] = { PASS, 4, 0 }, /* minimum and maximum BPS */
	[17] = { PASS, 4, 0 },
	[L2TP_AVP_BEARER] = { N32, 4, AT(bearer) },
	[L2TP_AVP_FRAMING] = { N32, 4, AT(framing) },
	[L2TP_AVP_CALLED] = { BYTES, 0, AT(called) },
	[L2TP_AVP_CALLING] = { BYTES, 0, AT(calling) },
	[L2TP_AVP_SUBADDR] = { BYTES, 0, AT(subaddr) },
	[L2TP_AVP_TX_SPEED] = { N32, 4, AT(tx_speed) },
	[L2TP_AVP_CHANNEL] = { N32, 4, AT(channel) },
	[26] = { PASS, 0, 0 }, /* proxy LCP */
	[27] = { PASS, 0, 0 },
	[28] = { PASS, 0, 0 },
	[29] = { PASS, 0, 0 }, /* proxy authentication */
	[30] = { PASS, 0, 0 },
	[31] = { PASS, 0, 0 },
	[32] = { PASS, 0, 0 },
	[33] = { PASS, 0, 0 },
	[34] = { PASS, 26, 0 }, /* call errors */
	[35] = { PASS, 10, 0 }, /* ACCM */
	[L2TP_AVP_RANDOM] = { PASS, 1, 0 },
	[L2TP_AVP_GROUP] = { BYTES, 0, AT(group) },
	[L2TP_AVP_RX_SPEED] = { N32, 4, AT(rx_speed) },
	[L2TP_AVP_SEQUENCING] = { PASS, 0, 0 },
	[L2TP_AVP_PPP_CAUSE] = { BYTES, 5, AT(ppp_cause) },
};

/* what a message must carry (section 6), as bits of have */
#define B(n) ((uint64_t)1 << (n))
#define CC_NEEDS                                                            \
	(B(L2TP_AVP_VERSION) | B(L2TP_AVP_HOST) | B(L2TP_AVP_FRAMING_CAP) | \
	    B(L2TP_AVP_TID))
static const uint64_t needs[] = {
	[L2TP_SCCRQ] = CC_NEEDS,
	[L2TP_SCCRP] = CC_NEEDS,
	[L2TP_STOPCCN] = B(L2TP_AVP_RESULT),
	[L2TP_ICRQ] = B(L2TP_AVP_SID) | B(L2TP_AVP_SERIAL),
	[L2TP_ICRP] = B(L2TP_AVP_SID),
	[L2TP_ICCN] = B(L2TP_AVP_TX_SPEED) | B(L2TP_AVP_FRAMING),
	[L2TP_CDN] = B(L2TP_AVP_RESULT),
	[L2TP_SLI] = 0,
};

struct avp {
	uint16_t flags, vendor, type;
	struct rd val;
};

/* what deciphering needs: the secret and the latest Random Vector */
struct key {
	const struct l2tp_secret *secret;
	struct l2tp_bytes rv;
};

/* the first reason stays: reading goes on */
static int
refuse(struct l2tp_msg *m, const struct avp *a, unsigned why)
{
	if (m->bad)
		return -1;
	m->bad = (uint8_t)why;
	m->bad_vendor = a->vendor;
	m->bad_avp = a->type;
	return -1;
}

static int
avp_get(struct avp *a, struct rd *r)
{
	unsigned len;

	a->flags = rd_u16(r);
	len = a->flags & AVP_LEN;
	a->vendor = rd_u16(r);
	a->type = rd_u16(r);
	if (len < AVP_HEAD)
		return -1;
	a->val = rd_sub(r, len - AVP_HEAD);
	return r->err ? -1 : 0;
}

/* the pad of 16 bytes: of the type and the vector at first, of the block
 * before later on (section 4.3) */
static void
pad_first(uint8_t sum[16], unsigned type, const struct l2tp_secret *s,
    const struct l2tp_bytes *rv)
{
	const uint8_t t[2] = { (uint8_t)(type >> 8), (uint8_t)type };
	struct md5 m;

	md5_init(&m);
	md5_add(&m, t, 2);
	md5_add(&m, s->p, s->len);
	md5_add(&m, rv->p, rv->len);
	md5_end(&m, sum);
}

static void
pad_next(uint8_t sum[16], const struct l2tp_secret *s, const uint8_t *block)
{
	struct md5 m;

	md5_init(&m);
	md5_add(&m, s->p, s->len);
	md5_add(&m, block, 16);
	md5_end(&m, sum);
}

/* replaces the value by its plain text in m->plain */
static int
decipher(struct l2tp_msg *m, struct avp *a, const struct key *k)
{
	size_t i, n = rd_left(&a->val), len;
	uint8_t sum[16], *out = m->plain + m->used;
	const uint8_t *in = a->val.p;
	struct rd plain;

	if (!k->secret->len || !k->rv.p || n < 2)
		return L2TP_ERR_UNKNOWN_AVP;
	if (n > sizeof(m->plain) - m->used)
		return L2TP_ERR_RESOURCES;
	pad_first(sum, a->type, k->secret, &k->rv);
	for (i = 0; i < n; i++) {
		if (i && i % 16 == 0)
			pad_next(sum, k->secret, in + i - 16);
		out[i] = in[i] ^ sum[i % 16];
	}
	m->used += (uint16_t)n;
	rd_init(&plain, out, n);
	len = rd_u16(&plain);
	a->val = rd_sub(&plain, len); /* no more than was received */
	return plain.err ? L2TP_ERR_LENGTH : 0;
}

static void
result_get(struct l2tp_msg *m, struct rd *v)
{
	m->result = rd_u16(v);
	if (rd_left(v) < 2)
		return;
	m->error = rd_u16(v);
	m->text.len = (uint16_t)rd_left(v);
	m->text.p = rd_bytes(v, m->text.len);
}

static int
field(struct l2tp_msg *m, const struct shape *s, struct rd v)
{
	struct l2tp_bytes b = { NULL, (uint16_t)rd_left(&v) };
	void *at = (char *)m + s->at;
	uint16_t n16;
	uint32_t n32;

	if (b.len < s->min)
		return L2TP_ERR_LENGTH;
	switch (s->kind) {
	case N16:
		n16 = rd_u16(&v);
		memcpy(at, &n16, sizeof(n16));
		break;
	case N32:
		n32 = rd_u32(&v);
		memcpy(at, &n32, sizeof(n32));
		break;
	case BYTES:
		b.p = rd_bytes(&v, b.len);
		memcpy(at, &b, sizeof(b));
		break;
	case OWN: result_get(m, &v); break;
	default: return 0;
	}
	/* a number is exactly its bytes */
	return (s->kind == N16 || s->kind == N32) && rd_left(&v)
		   ? L2TP_ERR_LENGTH
		   : 0;
}

static const struct shape *
shape_of(const struct avp *a)
{
	static const struct shape adsl[] = {
		{ BYTES, 0, AT(circuit) },
		{ BYTES, 0, AT(remote) },
		{ N32, 4, AT(up) },
		{ N32, 4, AT(down) },
		{ PASS, 0, 0 },
	};

	if (a->flags & AVP_RESERVED)
		return NULL;
	if (a->vendor == L2TP_ADSL_VENDOR)
		switch (a->type) {
		case L2TP_ADSL_CIRCUIT: return &adsl[0];
		case L2TP_ADSL_REMOTE: return &adsl[1];
		case L2TP_ADSL_UP: return &adsl[2];
		case L2TP_ADSL_DOWN: return &adsl[3];
		default: return &adsl[4];
		}
	if (a->vendor || a->type >= sizeof(ietf) / sizeof(*ietf) ||
	    !ietf[a->type].kind)
		return NULL;
	return &ietf[a->type];
}

/* one AVP: unknown or unreadable ones matter when they are mandatory */
static int
avp_take(struct l2tp_msg *m, struct avp *a, struct key *k)
{
	const struct shape *s = shape_of(a);
	int why = s ? 0 : L2TP_ERR_UNKNOWN_AVP;

	if (s && (a->flags & AVP_H))
		why = decipher(m, a, k);
	if (!why && !a->vendor && a->type == L2TP_AVP_RANDOM) {
		k->rv.p = a->val.p;
		k->rv.len = (uint16_t)rd_left(&a->val);
	}
	if (!why)
		why = field(m, s, a->val);
	if (!why && !a->vendor)
		m->have |= B(a->type);
	if (why && (a->flags & AVP_M))
		return refuse(m, a, (unsigned)why);
	return 0;
}

/* the first AVP is the Message Type, in clear (section 4.4.1) */
static int
type_get(struct l2tp_msg *m, struct rd *r)
{
	struct avp a;

	if (avp_get(&a, r) < 0 || rd_left(&a.val) != 2)
		return refuse(m, &a, L2TP_ERR_LENGTH);
	if (a.type != L2TP_AVP_TYPE || (a.flags & (AVP_H | AVP_RESERVED)))
		return refuse(m, &a, L2TP_ERR_VALUE);
	m->type_mandatory = !!(a.flags & AVP_M);
	m->type = a.vendor ? L2TP_VENDOR : rd_u16(&a.val);
	return 0;
}

static int
check(struct l2tp_msg *m)
{
	struct avp a = { 0 };
	uint64_t lack = m->type < sizeof(needs) / sizeof(*needs)
			    ? needs[m->type] & ~m->have
			    : 0;

	if (lack) {
		while (!(lack & B(a.type)))
			a.type++;
		return refuse(m, &a, L2TP_ERR_VALUE);
	}
	a.type = L2TP_AVP_TID;
	if ((m->have & B(L2TP_AVP_TID)) && !m->atid && m->type != L2TP_STOPCCN)
		return refuse(m, &a, L2TP_ERR_VALUE);
	a.type = L2TP_AVP_SID;
	if ((m->have & B(L2TP_AVP_SID)) && !m->asid && m->type != L2TP_CDN)
		return refuse(m, &a, L2TP_ERR_VALUE);
	return 0;
}

int
l2tp_msg_get(struct l2tp_msg *m, const struct l2tp_hdr *h,
    const struct l2tp_secret *secret)
{
	struct key k = { secret, { NULL, 0 } };
	struct rd r = h->body;
	struct avp a;

	memset(m, 0, offsetof(struct l2tp_msg, plain));
	m->tid = h->tid;
	m->sid = h->sid;
	m->ns = h->ns;
	m->nr = h->nr;
	if (!rd_left(&r))
		return 0;
	if (type_get(m, &r) < 0)
		return -1;
	while (rd_left(&r)) {
		if (avp_get(&a, &r) < 0)
			return refuse(m, &a, L2TP_ERR_LENGTH);
		(void)avp_take(m, &a, &k);
	}
	return m->bad ? -1 : check(m);
}

void
l2tp_put_begin(struct wr *w, unsigned type, uint16_t tid, uint16_t sid)
{
	wr_u16(w, L2TP_T | L2TP_L | L2TP_S | 2);
	wr_u16(w, 0);
	wr_u16(w, tid);
	wr_u16(w, sid);
	wr_u32(w, 0);
	if (type)
		l2tp_put16(w, L2TP_AVP_TYPE | L2TP_M, type);
}

void
l2tp_put_end(struct wr *w)
{
	wr_fill16(w, 2, 4);
}

static void
avp_put(struct wr *w, unsigned id, unsigned flags, size_t n)
{
	if (n > AVP_LEN - AVP_HEAD) {
		w->err = 1;
		return;
	}
	wr_u16(w, (id & L2TP_M ? AVP_M : 0) | flags | (unsigned)(AVP_HEAD + n));
	wr_u16(w, id & L2TP_ADSL ? L2TP_ADSL_VENDOR : 0);
	wr_u16(w, id & 0xffff);
}

void
l2tp_put16(struct wr *w, unsigned id, unsigned v)
{
	avp_put(w, id, 0, 2);
	wr_u16(w, v);
}

void
l2tp_put32(struct wr *w, unsigned id, uint32_t v)
{
	avp_put(w, id, 0, 4);
	wr_u32(w, v);
}

void
l2tp_put_bytes(struct wr *w, unsigned id, const void *p, size_t n)
{
	avp_put(w, id, 0, n);
	wr_bytes(w, p, n);
}

void
l2tp_put_result(struct wr *w, unsigned result, unsigned error, const char *text)
{
	size_t n = text ? strlen(text) : 0;

	avp_put(w, L2TP_AVP_RESULT | L2TP_M, 0, 4 + n);
	wr_u16(w, result);
	wr_u16(w, error);
	wr_bytes(w, text, n);
}

void
l2tp_put_refusal(struct wr *w, unsigned result, unsigned error, unsigned avp)
{
	char b[] = "AVP 65535", *p = b + sizeof(b) - 1;

	do
		*--p = (char)('0' + avp % 10);
	while (avp /= 10);
	memmove(b + 4, p, strlen(p) + 1);
	l2tp_put_result(
	    w, result, error, error == L2TP_ERR_UNKNOWN_AVP ? b : NULL);
}

void
l2tp_put_hidden(struct wr *w, unsigned id, const struct l2tp_bytes *v,
    const struct l2tp_hide *hide)
{
	const struct l2tp_bytes rv = { hide->rv, sizeof(hide->rv) };
	/* padded, so that not even the length shows; l2tpns wants 8 bytes */
	size_t i, n = ((size_t)v->len + 2 + 15) / 16 * 16;
	uint8_t sum[16], *out, c;

	if (!hide->secret.len) {
		l2tp_put_bytes(w, id, v->p, v->len);
		return;
	}
	if (n > AVP_LEN - AVP_HEAD)
		n = (size_t)v->len + 2;
	avp_put(w, id, AVP_H, n);
	if (!(out = wr_room(w, n)))
		return;
	pad_first(sum, id & 0xffff, &hide->secret, &rv);
	for (i = 0; i < n; i++) {
		if (i && i % 16 == 0)
			pad_next(sum, &hide->secret, out + i - 16);
		if (i < 2)
			c = (uint8_t)(v->len >> (8 - 8 * i));
		else
			c = i - 2 < v->len ? v->p[i - 2] : hide->rv[i % 16];
		out[i] = c ^ sum[i % 16];
	}
}

void
l2tp_response(uint8_t sum[16], unsigned type, const struct l2tp_secret *secret,
    const struct l2tp_bytes *challenge)
{
	const uint8_t t = (uint8_t)type;
	struct md5 m;

	md5_init(&m);
	md5_add(&m, &t, 1);
	md5_add(&m, secret->p, secret->len);
	md5_add(&m, challenge->p, challenge->len);
	md5_end(&m, sum);
}
