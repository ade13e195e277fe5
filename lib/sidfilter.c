/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <linux/filter.h>

#include <string.h>

#include "eth.h"
#include "sidfilter.h"

#define ALL 0x40000 /* of a packet */

enum {
	AT_TYPE = 12,
	AT_SID = 16,
	PROG = 4096, /* BPF_MAXINSNS */
};

/* the ids at which the set begins or ends to hold, ascending */
struct bounds {
	int n;
	uint16_t at[2 * SIDFILTER_RANGES];
};

struct prog {
	unsigned short n;
	struct sock_filter f[PROG];
};

void
sidfilter_set(struct sidfilter *f, unsigned sid)
{
	f->has[(sid & 0xffff) >> 3] |= (uint8_t)(1 << (sid & 7));
}

void
sidfilter_clear(struct sidfilter *f, unsigned sid)
{
	f->has[(sid & 0xffff) >> 3] &= (uint8_t) ~(1 << (sid & 7));
}

int
sidfilter_has(const struct sidfilter *f, unsigned sid)
{
	return f->has[(sid & 0xffff) >> 3] >> (sid & 7) & 1;
}

static void
find_bounds(struct bounds *b, const struct sidfilter *f)
{
	int in = 0, now;
	unsigned sid;

	b->n = 0;
	for (sid = 0; sid < 65536; sid++) {
		if (!(sid & 7) && f->has[sid >> 3] == (in ? 0xff : 0)) {
			sid += 7;
			continue;
		}
		now = sidfilter_has(f, sid);
		if (now == in)
			continue;
		if (now && b->n == 2 * SIDFILTER_RANGES)
			return;
		b->at[b->n++] = (uint16_t)sid;
		in = now;
	}
}

static void
put(struct prog *p, struct sock_filter f)
{
	p->f[p->n++] = f;
}

/* bounds lo to hi - 1 are undecided: halves them until one answer is left. A
 * conditional jump reaches 255 instructions, the other half may be farther. */
static void
search(struct prog *p, const struct bounds *b, int lo, int hi)
{
	const int mid = (lo + hi) / 2;
	struct sock_filter is = BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0, 0, 1);
	struct sock_filter far = BPF_STMT(BPF_JMP | BPF_JA, 0);
	struct sock_filter ret = BPF_STMT(BPF_RET | BPF_K, 0);
	unsigned short at;

	if (lo == hi) {
		ret.k = lo & 1 ? 0 : ALL;
		put(p, ret);
		return;
	}
	is.k = b->at[mid];
	put(p, is);
	at = p->n;
	put(p, far);
	search(p, b, lo, mid);
	p->f[at].k = (uint32_t)(p->n - at - 1);
	search(p, b, mid + 1, hi);
}

/* its first n instructions */
static int
attach(struct prog *p, unsigned short n, int fd)
{
	struct sock_fprog prog = { n, p->f };

	return setsockopt(
	    fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

int
sidfilter_attach(const struct sidfilter *f, int fd)
{
	static const struct sock_filter head[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, AT_TYPE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_PPPOES, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_PPPOED, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_QTAG, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_STAG, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, ALL),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, AT_SID),
	};
	enum { HEAD = sizeof(head) / sizeof(*head) };
	struct sock_filter first;
	struct bounds b;
	struct prog p;

	find_bounds(&b, f);
	memcpy(p.f, head, sizeof(head));
	p.n = HEAD;
	search(&p, &b, 0, b.n);
	if (attach(&p, p.n, fd) == 0)
		return 0;
	/* what is in force takes room from it (net.core.optmem_max), and would
	 * drop what others send later: one that drops none takes its place */
	first = p.f[HEAD];
	p.f[HEAD] = head[HEAD - 2];
	(void)attach(&p, HEAD + 1, fd);
	p.f[HEAD] = first;
	return attach(&p, p.n, fd);
}
