/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base.h"
#include "cntrl.h"
#include "json_str.h"
#include "num.h"

/* within double quotes of dot; control characters become blanks */
static void
dot_str(struct out *o, const char *s)
{
	size_t k;

	for (; *s; s += k ? k : 1) {
		k = cntrl_len(s, 2);
		if (*s == '"' || *s == '\\')
			out_bytes(o, "\\", 1);
		out_bytes(o, k ? " " : s, 1);
	}
}

static void
dot(struct ask *a)
{
	const struct graph *g = a->g;
	char b[24];
	uint32_t v;
	size_t e;

	out_str(a->o, "digraph closure {\n\trankdir=LR\n\tnode [shape=box]\n");
	for (v = 0; v < g->n; v++) {
		out_str(a->o, "\t\"");
		dot_str(a->o, graph_text(g, v));
		out_str(a->o, "\" [label=\"");
		dot_str(a->o, g->node[v].kind == GRAPH_STORE
				  ? graph_text(g, v) + BASE_HASH + 1
				  : graph_text(g, v));
		out_str(a->o, "\\n");
		out_str(a->o, num_human(b, (uint64_t)g->node[v].size));
		out_str(a->o, "\"]\n");
	}
	for (v = 0; v < g->n; v++)
		for (e = g->off[v]; e < g->off[v + 1UL]; e++) {
			if (g->to[e] == v)
				continue;
			out_str(a->o, "\t\"");
			dot_str(a->o, graph_text(g, v));
			out_str(a->o, "\" -> \"");
			dot_str(a->o, graph_text(g, g->to[e]));
			out_str(a->o, "\"\n");
		}
	out_str(a->o, "}\n");
}

/* the dominator tree from the top down, the biggest first */
struct pic {
	struct ask *a;
	uint32_t *first, *child; /* v's children: child[first[v]..first[v+1]) */
	double *x;
	uint32_t *depth, deepest;
};

static int
by_parent(const void *p, const void *q, void *arg)
{
	const struct order_dom *d = arg;
	uint32_t x = *(const uint32_t *)p, y = *(const uint32_t *)q;

	if (d->idom[x] != d->idom[y])
		return d->idom[x] < d->idom[y] ? -1 : 1;
	if (d->added[x] != d->added[y])
		return d->added[x] > d->added[y] ? -1 : 1;
	return (x > y) - (x < y);
}

static void
pic_tree(struct pic *p, struct ask *a)
{
	uint32_t n = a->g->n, i, v, at = 0;

	p->a = a;
	p->child = mem_new(n, sizeof(*p->child));
	p->first = mem_new(n + 2UL, sizeof(*p->first));
	for (i = 0; i < n; i++)
		p->child[i] = i;
	if (n)
		qsort_r(p->child, n, sizeof(*p->child), by_parent, &a->dom);
	for (v = 0; v <= n + 1; v++) {
		while (at < n && a->dom.idom[p->child[at]] < v)
			at++;
		p->first[v] = at;
	}
}

static void
pic_free(struct pic *p)
{
	free(p->first);
	free(p->child);
	free(p->x);
	free(p->depth);
}

/* a line "root;name;name size" for each node that weighs something */
static void
folded(struct ask *a)
{
	struct pic p = { 0 };
	struct mem_buf b = { NULL, 0, 0 };
	uint32_t v = a->g->n, c, *next;
	size_t from, k, *len;
	const char *s;
	char num[24];

	pic_tree(&p, a);
	next = mem_new(a->g->n + 1UL, sizeof(*next));
	len = mem_new(a->g->n + 1UL, sizeof(*len));
	memcpy(next, p.first, (a->g->n + 1UL) * sizeof(*next));
	for (;;) {
		if (next[v] == p.first[v + 1UL]) {
			if (v == a->g->n)
				break;
			v = a->dom.idom[v];
			b.n = len[v];
			continue;
		}
		c = p.child[next[v]++];
		if (b.n)
			mem_str(&b, ";");
		from = b.n;
		s = out_name(a->o, a->g, c);
		mem_str(&b, s);
		for (; from < b.n; from++)
			if ((k = cntrl_len(b.p + from, b.n - from)) ||
			    strchr("; ", b.p[from]))
				memset(b.p + from, '_', k ? k : 1);
		len[c] = b.n;
		v = c;
		if (!a->g->node[c].size)
			continue;
		out_bytes(a->o, b.p, b.n);
		snprintf(num, sizeof(num), " %llu\n",
		    (unsigned long long)a->g->node[c].size);
		out_str(a->o, num);
	}
	free(next);
	free(len);
	free(b.p);
	pic_free(&p);
}

#define WIDTH 1200.0
#define ROW   18

/* what XML has no way to write (1.0, section 2.2) becomes '?' */
static void
xml(struct out *o, const char *s, size_t n)
{
	static const char in[] = "<>&\"'";
	static const char *const as[] = { "&lt;", "&gt;", "&amp;", "&quot;",
		"&#39;" };
	const char *at;
	size_t i, k;

	for (i = 0; i < n; i += k ? k : 1) {
		k = json_str_utf8(s + i, n - i);
		if (!k || (unsigned char)s[i] < ' ' ||
		    (k == 3 && memcmp(s + i, "\xef\xbf\xbe", 3) >= 0))
			out_bytes(o, "?", 1);
		else if ((at = strchr(in, s[i])))
			out_str(o, as[at - in]);
		else
			out_bytes(o, s + i, k);
	}
}

/* x and depth of each node; a child begins where its elder sister ends */
static void
layout(struct pic *p, double scale)
{
	struct ask *a = p->a;
	uint32_t n = a->g->n, i, k, v, c;
	double x;

	p->x = mem_new(n + 1UL, sizeof(*p->x));
	p->depth = mem_new(n + 1UL, sizeof(*p->depth));
	for (i = 0; i <= n; i++) { /* the top, then referrers first */
		v = i ? a->post[n - i] : n;
		x = p->x[v];
		for (k = p->first[v]; k < p->first[v + 1UL]; k++) {
			c = p->child[k];
			p->x[c] = x;
			x += (double)a->dom.added[c] * scale;
			p->depth[c] = p->depth[v] + (v != n);
			if (p->depth[c] > p->deepest)
				p->deepest = p->depth[c];
		}
	}
}

static unsigned
hue(const char *s)
{
	unsigned h = 0;

	while (*s)
		h = h * 31 + (unsigned char)*s++;
	return h % 360;
}

/* how much of a name of n bytes stands in a width: whole letters of UTF-8 */
static size_t
fitting(const char *name, size_t n, double width)
{
	size_t fit = width > 20 ? (size_t)((width - 6) / 6.6) : 0;

	if (fit >= n)
		return n;
	while (fit && ((unsigned char)name[fit] & 0xc0) == 0x80)
		fit--;
	return fit > 2 ? fit : 0;
}

static void
box(struct pic *p, uint32_t v, double width)
{
	struct ask *a = p->a;
	const struct graph *g = a->g;
	const char *name = g->node[v].kind == GRAPH_STORE
			       ? graph_text(g, v) + BASE_HASH + 1
			       : graph_text(g, v);
	size_t fit = fitting(name, strlen(name), width);
	char b[256], own[24], added[24];

	out_str(a->o, "<g><title>");
	xml(a->o, graph_text(g, v), strlen(graph_text(g, v)));
	snprintf(b, sizeof(b), "\nown %s, with what only it needs %s (%llu)",
	    num_human(own, (uint64_t)g->node[v].size),
	    num_human(added, a->dom.added[v]),
	    (unsigned long long)a->dom.added[v]);
	out_str(a->o, b);
	snprintf(b, sizeof(b),
	    "</title><rect x=\"%.2f\" y=\"%lu\" width=\"%.2f\" height=\"%d\" "
	    "fill=\"hsl(%u,60%%,75%%)\"/>",
	    p->x[v], p->depth[v] * (unsigned long)ROW, width, ROW - 1,
	    hue(name));
	out_str(a->o, b);
	if (fit) {
		snprintf(b, sizeof(b), "<text x=\"%.2f\" y=\"%lu\">",
		    p->x[v] + 3, p->depth[v] * (unsigned long)ROW + 13);
		out_str(a->o, b);
		xml(a->o, name, fit);
		out_str(a->o, "</text>");
	}
	out_str(a->o, "</g>\n");
}

static void
svg(struct ask *a)
{
	struct pic p = { 0 };
	double all = (double)a->dom.added[a->g->n], scale;
	char b[256];
	uint32_t v;

	pic_tree(&p, a);
	scale = all > 0 ? WIDTH / all : 0;
	layout(&p, scale);
	snprintf(b, sizeof(b),
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
	    "height=\"%lu\" font-family=\"monospace\" font-size=\"11\">\n",
	    WIDTH, (p.deepest + 1UL) * ROW);
	out_str(a->o, b);
	for (v = 0; v < a->g->n; v++)
		box(&p, v, (double)a->dom.added[v] * scale);
	out_str(a->o, "</svg>\n");
	pic_free(&p);
}

int
ask_draw(struct ask *a)
{
	static void (*const draw[])(struct ask *) = { dot, svg, folded };

	draw[a->picture](a);
	return 0;
}
