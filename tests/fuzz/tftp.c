/* limen: ISC licence, see LICENSE */
/*
 * Byte 0: role, OACK or not, window; byte 1: file size in half kilobytes.
 * Then packets: a byte of length (255: 65 of it, bigger blocks), a byte of
 * milliseconds in 64s, the packet; a length of 0 repeats the request.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tftp.h"
#include "tftp_xfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                           \
	do {                              \
		if (!(x))                 \
			__builtin_trap(); \
	} while (0)

struct drive {
	struct tftp_xfer x;
	uint64_t blocks, words, asked, ticks, acks, end;
	uint64_t written;
};

static void
drain(struct drive *d)
{
	enum tftp_act act;
	int turns = 0;

	while ((act = tftp_xfer_next(&d->x))) {
		MUST(!d->end);
		MUST(++turns < 10);
		switch (act) {
		case TFTP_ACT_SEND:
			MUST(d->x.role == TFTP_SERVE_READ ||
			     d->x.role == TFTP_PUT);
			MUST(d->x.count >= 1 && d->x.first >= d->x.base);
			MUST(d->x.first + d->x.count - d->x.base <=
			     d->x.conf.window);
			MUST(d->x.first + d->x.count - 1 <= d->x.last);
			d->blocks += d->x.count;
			tftp_xfer_sent(&d->x, 0, d->x.count);
			break;
		case TFTP_ACT_WRITE:
			MUST(d->x.offset == d->written);
			MUST(d->x.len <= d->x.conf.blksize);
			d->written += d->x.len;
			break;
		case TFTP_ACT_END:
			MUST(d->x.result != TFTP_RUNNING);
			MUST(d->x.deadline == -1);
			d->end++;
			break;
		default: d->words++;
		}
	}
	/* never to a peer that has not answered: a packet a request */
	if (d->x.role <= TFTP_SERVE_WRITE && !d->x.confirmed)
		MUST(d->blocks + d->words <= d->asked);
	/* never more than a window a word or a timer, and once more for the
	 * window's second ACK */
	MUST(d->blocks <=
	     (d->acks + d->ticks + d->asked + 1) * (uint64_t)d->x.conf.window);
	MUST(d->x.role > TFTP_SERVE_WRITE ||
	     d->words <= d->acks + d->ticks + d->asked + 1);
}

static void
codec(const uint8_t *p, size_t n)
{
	struct tftp_pkt a, b;
	uint8_t out[2048];
	char path[256], again[256];
	struct wr w;

	if (tftp_get(&a, p, n) < 0)
		return;
	wr_init(&w, out, sizeof(out));
	if (a.op != TFTP_RRQ && a.op != TFTP_WRQ)
		return;
	if (tftp_path(path, sizeof(path), a.text) == 0) {
		MUST(path[0] && path[0] != '/' && strcmp(path, ".."));
		MUST(strncmp(path, "../", 3) && !strstr(path, "/../"));
		MUST(!strstr(path, "//") && path[strlen(path) - 1] != '/');
		MUST(!strchr(path, '\\'));
		MUST(tftp_path(again, sizeof(again), path) == 0);
		MUST(!strcmp(path, again));
	}
	tftp_put_req(&w, &a);
	if (w.err)
		return;
	MUST(tftp_get(&b, out, wr_len(&w)) == 0);
	MUST(b.op == a.op && !strcmp(a.text, b.text));
	MUST(b.opts.have == (a.opts.have & ~(unsigned)TFTP_HAVE_BAD));
	MUST(!(b.opts.have & TFTP_HAVE_TSIZE) || a.opts.tsize == b.opts.tsize);
	MUST(!(b.opts.have & TFTP_HAVE_BLKSIZE) ||
	     (b.opts.blksize >= 8 && b.opts.blksize <= 65464));
}

static void
ascii(const uint8_t *p, size_t n)
{
	struct tftp_ascii a = { 0, 0, 0 }, b = { 0, 0, 0 };
	uint8_t *wire = malloc(2 * n + 2), *back = malloc(2 * n + 4);
	size_t w, r;

	MUST(wire && back);
	w = tftp_to_ascii(&a, wire, 2 * n + 2, p, n);
	MUST(a.used == n && !a.pending && w >= n && w <= 2 * n);
	r = tftp_from_ascii(&b, back, wire, w);
	MUST(r == n && !b.pending && (!n || !memcmp(back, p, n)));
	/* what is no netascii loses nothing either, and overruns nothing */
	memset(&b, 0, sizeof(b));
	MUST(tftp_from_ascii(&b, back, p, n) <= n + 1);
	free(wire);
	free(back);
}

static void
start(struct drive *d, const uint8_t *p)
{
	struct tftp_conf c;

	memset(d, 0, sizeof(*d));
	memset(&c, 0, sizeof(c));
	c.window = 1;
	c.blksize = 512;
	c.retries = 5;
	c.patience = 8000;
	c.hello = 1000;
	c.rollover = p[0] >> 6 & 1;
	c.timeout = p[0] >> 7 ? 3 : 0;
	if (p[0] & 4 && (p[0] & 3) <= TFTP_SERVE_WRITE)
		c.window = 1 + (p[0] >> 3 & 7) * 9;
	c.asked.have = 15;
	c.asked.blksize = 1024;
	c.asked.window = 64;
	c.asked.timeout = 3;
	d->asked = 1;
	tftp_xfer_start(&d->x, &c, (enum tftp_role)(p[0] & 3), 0);
	if (d->x.role == TFTP_SERVE_READ || d->x.role == TFTP_PUT)
		tftp_xfer_size(&d->x, p[1] * 512u);
	if (p[0] & 4 && d->x.role <= TFTP_SERVE_WRITE)
		tftp_xfer_oack(&d->x);
	drain(d);
}

static void
finish(struct drive *d, int64_t now)
{
	int i;

	for (i = 0; i < 12 && !d->end; i++) {
		MUST(d->x.deadline >= 0);
		now = d->x.deadline > now ? d->x.deadline : now;
		d->ticks++;
		tftp_xfer_tick(&d->x, now);
		drain(d);
	}
	MUST(d->end == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *p = data, *end = data + len;
	struct tftp_pkt pkt;
	struct drive d;
	int64_t now = 0;
	size_t n;

	codec(data, len);
	ascii(data, len);
	if (len < 2)
		return 0;
	start(&d, p);
	for (p += 2; end - p >= 2 && !d.end; p += n) {
		n = p[0] == 255 ? 255 * 4 : p[0];
		now += p[1] * 64;
		p += 2;
		if (n > (size_t)(end - p))
			n = (size_t)(end - p);
		codec(p, n);
		if (d.x.deadline >= 0 && d.x.deadline <= now) {
			d.ticks++;
			tftp_xfer_tick(&d.x, now);
			drain(&d);
		}
		if (d.end)
			break;
		if (n) {
			d.acks++;
			tftp_xfer_input(
			    &d.x, now, tftp_get(&pkt, p, n) < 0 ? NULL : &pkt);
		} else if (d.x.role <= TFTP_SERVE_WRITE) {
			d.asked++;
			tftp_xfer_repeat(&d.x, now);
		}
		drain(&d);
	}
	finish(&d, now);
	return 0;
}
