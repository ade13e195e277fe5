/* limen: ISC licence, see LICENSE */
/*
 * Orders, sums and dominators: small random graphs against brute force, and
 * graphs whose size would show any recursion or squaring.
 * link: manifest-query/graph.c
 * link: manifest-query/sort.c
 * link: manifest-query/closure.c
 * link: manifest-query/order.c
 * link: manifest-query/sums.c
 * link: manifest-query/dom.c
 * link: manifest-query/base.c
 * link: manifest-query/mem.c
 * link: manifest-query/fault.c
 */
#include <stdint.h>
#include <stdlib.h>

#include "../../manifest-query/base.h"
#include "../../manifest-query/order.h"
#include "tap.h"

#define MOST 2000

static uint32_t
node(struct graph *g, uint32_t i, int64_t size)
{
	struct fault f;
	char b[64];
	uint32_t v;
	int n = snprintf(b, sizeof(b), "%032u-n%u-1.0", i, i);

	v = graph_base(g, b, (size_t)n, &f);
	if (v != GRAPH_NONE && graph_define(g, v, size, &f) < 0)
		return GRAPH_NONE;
	return v;
}

static void
begin(struct graph *g, uint32_t n, int64_t size)
{
	uint32_t i;

	graph_init(g);
	graph_source(g);
	for (i = 0; i < n; i++)
		node(g, i, size);
}

/* what root reaches when node without is taken away */
static uint64_t
left(const struct graph *g, uint32_t root, uint32_t without)
{
	static uint32_t stack[MOST];
	static uint8_t seen[MOST];
	uint64_t sum = 0;
	size_t n = 0, e;
	uint32_t v;

	memset(seen, 0, g->n);
	if (root != without)
		stack[n++] = root;
	seen[root] = 1;
	while (n) {
		v = stack[--n];
		sum += (uint64_t)g->node[v].size;
		for (e = g->off[v]; e < g->off[v + 1]; e++)
			if (!seen[g->to[e]] && g->to[e] != without) {
				seen[g->to[e]] = 1;
				stack[n++] = g->to[e];
			}
	}
	return sum;
}

/* n nodes with about m references; near: at most so far */
static int
random_graph(uint32_t n, uint32_t m, uint32_t near)
{
	uint32_t i, k, far, root[2] = { n / 8, GRAPH_NONE }, *post;
	struct order_dom d;
	struct graph g, sub;
	struct fault f;
	uint64_t *sum;
	int bad = 0;

	begin(&g, n, 0);
	for (i = 0; i < n; i++)
		g.node[i].size = rand() % 1000;
	for (i = 1; i < n; i++) {
		far = i < near ? i : near;
		graph_edge(&g, i - 1 - (uint32_t)rand() % far, i);
	}
	for (k = n; k < m; k++) {
		i = (uint32_t)rand() % n;
		far = n - i < near ? n - i : near;
		graph_edge(&g, i, i + (uint32_t)rand() % far);
	}
	graph_finish(&g, NULL, &f);
	graph_closure(&g, root, 1, &sub);
	post = order_post(&sub, &f);
	sum = order_sums(&sub, post);
	order_dominators(&sub, post, root, &d);
	for (i = 0; i < sub.n; i++) {
		bad |= sum[i] != left(&sub, i, GRAPH_NONE);
		bad |= d.added[i] !=
		       left(&sub, root[0], GRAPH_NONE) - left(&sub, root[0], i);
	}
	free(post);
	free(sum);
	order_dom_free(&d);
	graph_free(&sub);
	graph_free(&g);
	return !bad;
}

/* a chain; every tenth also refers to the last */
static void
chain(uint32_t n)
{
	struct order_dom d;
	struct graph g, sub;
	struct fault f;
	uint32_t i, root[2] = { 0, GRAPH_NONE }, *post;
	uint64_t *sum;

	begin(&g, n, 3);
	for (i = 0; i + 1 < n; i++) {
		graph_edge(&g, i, i + 1);
		if (i % 10 == 0)
			graph_edge(&g, i, n - 1);
	}
	OK(graph_finish(&g, NULL, &f) == 0);
	graph_closure(&g, root, 1, &sub);
	OK(sub.n == n);
	post = order_post(&sub, &f);
	OK(post && post[0] == n - 1 && post[n - 1] == 0);
	sum = order_sums(&sub, post);
	OK(sum[0] == 3ULL * n && sum[n - 1] == 3 && sum[n - 2] == 6);
	order_dominators(&sub, post, root, &d);
	OK(d.added[0] == 3ULL * n && d.added[1] == 3ULL * (n - 2));
	OK(d.idom[n - 1] == 0 && d.idom[n - 2] == n - 3);
	free(post);
	free(sum);
	order_dom_free(&d);
	graph_free(&sub);
	graph_free(&g);
}

/* every node refers to all later ones: n * n / 2 references */
static void
dense(uint32_t n)
{
	struct order_dom d;
	struct graph g;
	struct fault f;
	uint32_t i, k, root[2] = { 0, GRAPH_NONE }, *post;
	uint64_t *sum;
	int good = 1;

	begin(&g, n, 1);
	for (i = 0; i < n; i++)
		for (k = i; k < n; k++)
			graph_edge(&g, i, k);
	OK(graph_finish(&g, NULL, &f) == 0);
	OK(g.m == (size_t)n * (n + 1) / 2);
	post = order_post(&g, &f);
	sum = order_sums(&g, post);
	order_dominators(&g, post, root, &d);
	for (i = 0; i < n; i++)
		good &= sum[i] == n - i && (!i || d.added[i] == 1 + (n == 2)) &&
			post[i] == n - 1 - i;
	OK_MSG(good, "sums, added sizes and order of a dense graph");
	free(post);
	free(sum);
	order_dom_free(&d);
	graph_free(&g);
}

static void
huge(void)
{
	struct graph g;
	struct fault f;
	uint64_t total, *sum;
	uint32_t *post;

	begin(&g, 3, (int64_t)1 << 62);
	graph_edge(&g, 0, 1);
	graph_edge(&g, 1, 2);
	OK(graph_finish(&g, NULL, &f) == 0);
	OK(order_total(&g, &total) == 0 && total == 3ULL << 62);
	post = order_post(&g, &f);
	sum = order_sums(&g, post);
	OK(sum[0] == 3ULL << 62 && sum[1] == 2ULL << 62);
	free(post);
	free(sum);
	graph_free(&g);
	begin(&g, 4, (int64_t)1 << 62);
	OK_MSG(order_total(&g, &total) < 0, "65 bits are told");
	graph_free(&g);
}

static void
refusals(void)
{
	struct graph g;
	struct fault f;

	begin(&g, 2, 1);
	graph_edge(&g, 0, 1);
	graph_edge(&g, 1, 0);
	OK(graph_finish(&g, NULL, &f) == 0);
	OK(!order_post(&g, &f) && strstr(f.text, "cycle"));
	graph_free(&g);
	begin(&g, 1, 1);
	graph_edge(&g, 0,
	    graph_base(&g, "0000000000000000000000000000000z-x", 34, &f));
	OK(graph_finish(&g, NULL, &f) < 0 && strstr(f.text, "not there"));
	OK(graph_base(&g, "0000000000000000000000000000000z-y", 34, &f) ==
	    GRAPH_NONE);
	OK(node(&g, 0, 1) == GRAPH_NONE);
	graph_free(&g);
}

static void
names(void)
{
	static const char a[] = "0123456789abcdfghijklmnpqrsvwxyz";
	static const char *const split[][3] = {
		{ "openssl-3.0.7", "openssl", "3.0.7" },
		{ "gcc-wrapper", "gcc-wrapper", NULL },
		{ "apache-httpd-2.0.48", "apache-httpd", "2.0.48" },
		{ "x-", "x-", NULL },
		{ "a-1-2", "a", "1-2" },
		{ "lo.link.a.-1", "lo.link.a.", "1" },
	};
	char b[80];
	const char *v;
	size_t i, n, len;

	for (i = 0; i < sizeof(split) / sizeof(*split); i++) {
		v = base_version(split[i][0], strlen(split[i][0]), &len);
		if (split[i][2])
			STREQ(v ? v : "", split[i][2]);
		else
			OK(!v);
	}
	snprintf(b, sizeof(b), "e%s.t%s%c", a, a, 'e');
	i = 0;
	OK(base_scan(b, strlen(b), &i) == b + 1 && i == 2);
	OK(base_scan(b, strlen(b), &i) == b + 35);
	OK(!base_scan(b, strlen(b), &i));
	for (n = 0; n < 33; n++) {
		i = 0;
		OK(!base_scan(a, n, &i) == (n < 32));
	}
	OK(base_ok("0123456789abcdfghijklmnpqrsvwxyz-x", 34));
	OK(!base_ok("0123456789abcdfghijklmnpqrsvwxyz-", 33));
	OK(!base_ok("0123456789abcdfghijklmnpqrsvwxye-x", 34));
	OK(!base_ok("0123456789abcdfghijklmnpqrsvwxyz-x/y", 36));
	OK(!base_ok("0123456789abcdfghijklmnpqrsvwxyz-x\n", 35));
}

int
main(void)
{
	unsigned i;
	int good = 1;

	for (i = 0; i < 300; i++) {
		srand(i);
		good &= random_graph(2 + i % 40, 3 * (2 + i % 40), MOST);
	}
	OK_MSG(good, "300 random graphs as by brute force");
	OK_MSG(random_graph(MOST, 2 * MOST, 40), "narrow, some thousand paths");
	OK_MSG(random_graph(MOST, 3 * MOST / 2, MOST), "thin and wide");
	OK_MSG(random_graph(MOST, 9 * MOST, MOST), "thick and wide");
	chain(200000);
	dense(1415);
	huge();
	refusals();
	names();
	return tap_done();
}
