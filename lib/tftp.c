/* limen: ISC licence, see LICENSE */
#include <string.h>
#include <strings.h>

#include "rd.h"
#include "tftp.h"

static const char option[][12] = { "blksize", "timeout", "tsize",
	"windowsize" };
static const char mode[][12] = { "octet", "netascii" };
static const char text[][24] = { "undefined error", "file not found",
	"access violation", "disk full", "illegal operation",
	"unknown transfer ID", "file already exists", "no such user",
	"option refused" };

const char *
tftp_strerror(unsigned code)
{
	return code < sizeof(text) / sizeof(*text) ? text[code] : text[0];
}

int
tftp_opts_same(const struct tftp_opts *a, const struct tftp_opts *b)
{
	const unsigned have = a->have;

	return have == b->have &&
	       (!(have & TFTP_HAVE_BLKSIZE) || a->blksize == b->blksize) &&
	       (!(have & TFTP_HAVE_TIMEOUT) || a->timeout == b->timeout) &&
	       (!(have & TFTP_HAVE_TSIZE) || a->tsize == b->tsize) &&
	       (!(have & TFTP_HAVE_WINDOW) || a->window == b->window);
}

/* decimal digits only; 0, or -1 */
static int
number(const char *s, uint64_t *v)
{
	uint64_t n = 0;

	if (!*s)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' ||
		    n > (UINT64_MAX - (unsigned)(*s - '0')) / 10)
			return -1;
		n = n * 10 + (unsigned)(*s - '0');
	}
	*v = n;
	return 0;
}

static int
range(uint64_t v, uint64_t min, uint64_t max)
{
	return v >= min && v <= max ? 0 : -1;
}

/* option number i has the value v; 0, or -1 when it cannot have it */
static int
set_option(struct tftp_opts *o, size_t i, uint64_t v)
{
	switch (1u << i) {
	case TFTP_HAVE_BLKSIZE:
		v = v > TFTP_BLKMAX ? TFTP_BLKMAX : v;
		o->blksize = (unsigned)v;
		return range(v, TFTP_BLKMIN, TFTP_BLKMAX);
	case TFTP_HAVE_TIMEOUT:
		o->timeout = (unsigned)v;
		return range(v, 1, TFTP_TIMEOUTMAX);
	case TFTP_HAVE_TSIZE: o->tsize = v; return 0;
	default: o->window = (unsigned)v; return range(v, 1, TFTP_WINDOWMAX);
	}
}

static int
get_options(struct tftp_opts *o, struct rd *r)
{
	const char *name, *value;
	unsigned seen = 0;
	uint64_t v;
	size_t i;

	/* some boot loaders pad their requests with NULs */
	while (rd_left(r) && *r->p) {
		name = rd_str(r);
		value = rd_str(r);
		if (!name || !value)
			return -1;
		for (i = 0; i < 4 && strcasecmp(name, option[i]); i++)
			;
		if (i == 4 || seen & 1u << i)
			continue;
		seen |= 1u << i;
		if (number(value, &v) < 0 || set_option(o, i, v) < 0)
			o->have |= TFTP_HAVE_BAD;
		else
			o->have |= 1u << i;
	}
	return 0;
}

static int
get_request(struct tftp_pkt *p, struct rd *r)
{
	const char *m;
	size_t i;

	p->text = rd_str(r);
	m = rd_str(r);
	if (!p->text || !m)
		return -1;
	for (i = 0; i < 2; i++)
		if (!strcasecmp(m, mode[i]))
			p->mode = (int)i + 1;
	return get_options(&p->opts, r);
}

int
tftp_get(struct tftp_pkt *p, const void *buf, size_t len)
{
	struct rd r;

	memset(p, 0, sizeof(*p));
	rd_init(&r, buf, len);
	p->op = rd_u16(&r);
	switch (p->op) {
	case TFTP_RRQ:
	case TFTP_WRQ: return r.err ? -1 : get_request(p, &r);
	case TFTP_OACK: return get_options(&p->opts, &r);
	case TFTP_DATA:
		p->block = rd_u16(&r);
		p->len = rd_left(&r);
		p->data = rd_bytes(&r, p->len);
		break;
	case TFTP_ACK: p->block = rd_u16(&r); break;
	case TFTP_ERROR:
		p->code = rd_u16(&r);
		/* a message without its NUL is still an error */
		p->text = memchr(r.p, 0, rd_left(&r)) ? rd_str(&r) : "";
		break;
	default: return -1;
	}
	return r.err ? -1 : 0;
}

static void
put_str(struct wr *w, const char *s)
{
	wr_str(w, s);
	wr_u8(w, 0);
}

static void
put_options(struct wr *w, const struct tftp_opts *o)
{
	const uint64_t v[] = { o->blksize, o->timeout, o->tsize, o->window };
	size_t i;

	for (i = 0; i < 4; i++)
		if (o->have & 1u << i) {
			put_str(w, option[i]);
			wr_num(w, v[i]);
			wr_u8(w, 0);
		}
}

void
tftp_put_req(struct wr *w, const struct tftp_pkt *p)
{
	wr_u16(w, (unsigned)p->op);
	put_str(w, p->text);
	put_str(w, mode[p->mode == TFTP_NETASCII]);
	put_options(w, &p->opts);
}

void
tftp_put_oack(struct wr *w, const struct tftp_opts *o)
{
	wr_u16(w, TFTP_OACK);
	put_options(w, o);
}

void
tftp_put_ack(struct wr *w, uint16_t block)
{
	wr_u16(w, TFTP_ACK);
	wr_u16(w, block);
}

void
tftp_put_error(struct wr *w, unsigned code, const char *s)
{
	wr_u16(w, TFTP_ERROR);
	wr_u16(w, code);
	put_str(w, s);
}

void
tftp_data_header(uint8_t b[TFTP_HDR], uint16_t block)
{
	b[0] = 0;
	b[1] = TFTP_DATA;
	b[2] = (uint8_t)(block >> 8);
	b[3] = (uint8_t)block;
}

/* how long the path is without its last component */
static size_t
parent(const char *path, size_t used)
{
	while (used && path[--used] != '/')
		;
	return used;
}

int
tftp_path(char *path, size_t cap, const char *name)
{
	static const char slash[] = "/\\";
	const char *s = name;
	size_t n, used = 0;

	for (;; s += n) {
		s += strspn(s, slash);
		if (!(n = strcspn(s, slash)))
			break;
		if (n == 1 && *s == '.')
			continue;
		if (n == 2 && s[0] == '.' && s[1] == '.') {
			if (!used)
				return TFTP_EACCESS;
			used = parent(path, used);
			continue;
		}
		if (n + 2 > cap - used)
			return TFTP_ENOTFOUND;
		if (used)
			path[used++] = '/';
		memcpy(path + used, s, n);
		used += n;
	}
	path[used] = 0;
	return !used || (s > name && strchr(slash, s[-1])) ? TFTP_ENOTFOUND : 0;
}

size_t
tftp_to_ascii(struct tftp_ascii *a, uint8_t *out, size_t cap, const uint8_t *in,
    size_t len)
{
	size_t n = 0;

	for (a->used = 0; n < cap; n++) {
		if (a->pending) {
			out[n] = a->held;
			a->pending = 0;
			continue;
		}
		if (a->used == len)
			break;
		out[n] = in[a->used++];
		if (out[n] != '\n' && out[n] != '\r')
			continue;
		a->held = out[n] == '\n' ? '\n' : 0;
		a->pending = 1;
		out[n] = '\r';
	}
	return n;
}

size_t
tftp_from_ascii(
    struct tftp_ascii *a, uint8_t *out, const uint8_t *in, size_t len)
{
	size_t n = 0;

	for (a->used = 0; a->used < len; a->used++) {
		uint8_t c = in[a->used];

		if (a->pending) {
			a->pending = 0;
			if (c == '\n' || c == 0) {
				out[n++] = c ? '\n' : '\r';
				continue;
			}
			out[n++] = '\r'; /* no netascii: as it came */
		}
		if (c == '\r')
			a->pending = 1;
		else
			out[n++] = c;
	}
	return n;
}

uint16_t
tftp_wire(uint64_t n, unsigned rollover)
{
	if (rollover && n)
		return (uint16_t)((n - 1) % 65535 + 1);
	return (uint16_t)n;
}

int32_t
tftp_ahead(uint64_t n, uint16_t block, unsigned rollover)
{
	const uint16_t w = tftp_wire(n, rollover);

	if (!rollover)
		return (uint16_t)(block - w);
	if (!block)
		return n ? -1 : 0;
	return n ? (int32_t)((block + 65535u - w) % 65535) : block;
}
