/* limen: ISC licence, see LICENSE */
#include <unistd.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cntrl.h"
#include "die.h"
#include "fd.h"
#include "json_str.h"
#include "num.h"
#include "out.h"
#include "wr.h"

void
out_flush(struct out *o)
{
	if (o->n && fd_write_all(1, o->b, o->n) < 0) {
		if (errno == EPIPE)
			_exit(2);
		die(2, "write to stdout:");
	}
	o->n = 0;
}

/* memcpy for the short pieces that lines are made of, where a call of the C
 * library's takes longer than the copying: -t prints 126 MB of them for
 * 50 000 paths */
static void
copy(char *to, const char *s, size_t n)
{
	size_t i;

	if (n < 16) {
		for (i = 0; i < n; i++)
			to[i] = s[i];
		return;
	}
	for (i = 0; i + 16 < n; i += 16)
		memcpy(to + i, s + i, 16);
	memcpy(to + (n - 16), s + (n - 16), 16);
}

void
out_bytes(struct out *o, const char *s, size_t n)
{
	size_t k;

	while (n) {
		if (o->n == sizeof(o->b))
			out_flush(o);
		k = sizeof(o->b) - o->n;
		k = n < k ? n : k;
		copy(o->b + o->n, s, k);
		o->n += k;
		s += k;
		n -= k;
	}
}

void
out_str(struct out *o, const char *s)
{
	out_bytes(o, s, strlen(s));
}

static void
json_string(struct out *o, const char *s, size_t n)
{
	size_t cap = 6 * n + 2;
	char *b = mem_new(cap, 1);
	struct wr w;

	wr_init(&w, b, cap);
	json_str_put(&w, s, n);
	out_bytes(o, b, wr_len(&w));
	free(b);
}

static void
field(struct out *o, const char *key)
{
	if (!o->json) {
		if (o->field++)
			out_bytes(o, "\t", 1);
		return;
	}
	if (o->list) {
		if (o->list++ > 1)
			out_bytes(o, ",", 1);
		return;
	}
	out_bytes(o, o->field++ ? "," : "{", 1);
	if (key) {
		out_bytes(o, "\"", 1);
		out_str(o, key);
		out_bytes(o, "\":", 2);
	}
}

/* control characters and backslashes as C writes them */
static void
escaped(struct out *o, const char *s, size_t n)
{
	static const char in[] = "\n\t\r\\", as[] = "ntr\\";
	const char *at;
	size_t i, k, from = 0;
	char b[12];
	unsigned char c;

	for (i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		if (c >= ' ' && c < 127 && c != '\\')
			continue;
		k = cntrl_len(s + i, n - i);
		if (!k && c != '\\')
			continue;
		out_bytes(o, s + from, i - from);
		if (c && (at = strchr(in, c)))
			snprintf(b, sizeof(b), "\\%c", as[at - in]);
		else if (k == 1)
			snprintf(b, sizeof(b), "\\%03o", c);
		else
			snprintf(b, sizeof(b), "\\%03o\\%03o", c, s[++i] & 255);
		out_str(o, b);
		from = i + 1;
	}
	out_bytes(o, s + from, n - from);
}

void
out_text(struct out *o, const char *key, const char *s, size_t n)
{
	field(o, key);
	if (o->json)
		json_string(o, s, n);
	else if (o->nul)
		out_bytes(o, s, n);
	else
		escaped(o, s, n);
}

void
out_word(struct out *o, const char *key, const char *s)
{
	out_text(o, key, s, strlen(s));
}

void
out_num(struct out *o, const char *key, uint64_t v)
{
	char b[24];

	field(o, key);
	snprintf(b, sizeof(b), "%llu", (unsigned long long)v);
	out_str(o, b);
}

void
out_bool(struct out *o, const char *key, int v)
{
	field(o, key);
	out_str(o, v ? "true" : "false");
}

void
out_size(struct out *o, const char *key, uint64_t v)
{
	char b[24];

	if (!o->human || o->json) {
		out_num(o, key, v);
		return;
	}
	field(o, key);
	out_str(o, num_human(b, v));
}

void
out_delta(struct out *o, const char *key, uint64_t old, uint64_t new)
{
	uint64_t d = new > old ? new - old : old - new;
	char b[24], h[24];

	field(o, key);
	if (o->human && !o->json)
		snprintf(b, sizeof(b), "%s%s", new < old ? "-" : "",
		    num_human(h, d));
	else
		snprintf(b, sizeof(b), "%s%llu", new < old ? "-" : "",
		    (unsigned long long)d);
	out_str(o, b);
}

const char *
out_name(const struct out *o, const struct graph *g, uint32_t node)
{
	const char *s = graph_text(g, node), *slash;

	if (!o->strip || g->node[node].kind == GRAPH_IMAGE)
		return s;
	if (g->node[node].kind == GRAPH_STORE)
		return s + BASE_HASH + 1;
	slash = strrchr(s, '/');
	return slash ? slash + 1 : s;
}

void
out_path(struct out *o, const char *key, const struct graph *g, uint32_t node)
{
	struct mem_buf b = { NULL, 0, 0 };

	if (g->node[node].kind != GRAPH_STORE || o->strip) {
		out_word(o, key, out_name(o, g, node));
		return;
	}
	if (!o->json) {
		field(o, key);
		out_str(o, g->store);
		out_bytes(o, "/", 1);
		out_bytes(o, graph_text(g, node), g->node[node].len);
		return;
	}
	mem_path(&b, g->store, graph_text(g, node));
	out_text(o, key, b.p, b.n);
	free(b.p);
}

void
out_end(struct out *o)
{
	if (o->json)
		out_bytes(o, o->field ? "}" : "{}", o->field ? 1 : 2);
	out_bytes(o, o->nul && !o->json ? "" : "\n", 1);
	o->field = 0;
}

void
out_list(struct out *o, const char *key)
{
	if (!o->json)
		return;
	field(o, key);
	out_bytes(o, "[", 1);
	o->list = 1;
}

void
out_unlist(struct out *o)
{
	if (o->json)
		out_bytes(o, "]", 1);
	o->list = 0;
}
