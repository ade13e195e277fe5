/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "msg.h"

static void
put_str(struct wr *w, const char *s)
{
	const size_t n = strlen(s) + 1;

	wr_u32(w, (uint32_t)n);
	wr_bytes(w, s, n);
}

static const char *
get_str(struct rd *r)
{
	const uint32_t n = rd_u32(r);
	const char *s = (const char *)rd_bytes(r, n);

	if (!s || n == 0 || strnlen(s, n) != n - 1) {
		r->err = 1;
		return "";
	}
	return s;
}

static void
put_words(struct wr *w, const char **v, uint32_t n)
{
	uint32_t i;

	wr_u32(w, n);
	for (i = 0; i < n; i++)
		put_str(w, v[i]);
}

static uint32_t
get_words(struct rd *r, const char **v)
{
	uint32_t i, n = rd_u32(r);

	if (n > MSG_WORDS) {
		r->err = 1;
		n = 0;
	}
	for (i = 0; i < n && !r->err; i++)
		v[i] = get_str(r);
	v[i] = NULL;
	return n;
}

void
msg_put_job(struct wr *w, const struct msg_job *j)
{
	uint32_t i;

	wr_u64(w, j->sec);
	wr_u32(w, j->nsec);
	wr_bytes(w, j->seed, sizeof(j->seed));
	wr_u32(w, j->flags);
	wr_u32(w, j->uid);
	wr_u32(w, j->gid);
	wr_u32(w, j->rows);
	wr_u32(w, j->cols);
	put_str(w, j->cwd);
	put_str(w, j->init);
	put_str(w, j->hostname);
	put_str(w, j->prog);
	wr_u32(w, j->nmounts);
	for (i = 0; i < j->nmounts; i++) {
		wr_u32(w, j->mount[i].fs);
		wr_u32(w, j->mount[i].ro);
		put_str(w, j->mount[i].tag);
		put_str(w, j->mount[i].path);
	}
	put_words(w, j->argv, j->argc);
	put_words(w, j->env, j->envc);
	put_words(w, j->binds, j->nbinds);
	wr_bytes(w, j->mac, sizeof(j->mac));
}

int
msg_get_job(struct rd *r, struct msg_job *j)
{
	uint32_t i;

	j->sec = rd_u64(r);
	j->nsec = rd_u32(r);
	rd_copy(r, j->seed, sizeof(j->seed));
	j->flags = rd_u32(r);
	j->uid = rd_u32(r);
	j->gid = rd_u32(r);
	j->rows = rd_u32(r);
	j->cols = rd_u32(r);
	j->cwd = get_str(r);
	j->init = get_str(r);
	j->hostname = get_str(r);
	j->prog = get_str(r);
	j->nmounts = rd_u32(r);
	if (j->nmounts > MSG_MOUNTS) {
		r->err = 1;
		j->nmounts = 0;
	}
	for (i = 0; i < j->nmounts; i++) {
		j->mount[i].fs = rd_u32(r);
		j->mount[i].ro = rd_u32(r);
		j->mount[i].tag = get_str(r);
		j->mount[i].path = get_str(r);
	}
	j->argc = get_words(r, j->argv);
	j->envc = get_words(r, j->env);
	j->nbinds = get_words(r, j->binds);
	rd_copy(r, j->mac, sizeof(j->mac));
	return r->err ? -1 : 0;
}

void
msg_put(struct wr *w, enum msg_type type, const void *body, size_t len)
{
	wr_u8(w, type);
	wr_u32(w, (uint32_t)len);
	wr_bytes(w, body, len);
}

int
msg_get(const uint8_t *buf, size_t len, struct rd *r)
{
	int type;
	size_t n;

	rd_init(r, buf, len);
	type = rd_u8(r);
	n = rd_u32(r);
	if (r->err)
		return 0;
	/* NOLINTNEXTLINE: 0 is no type */
	if (n > MSG_MAX || !memchr("JSWIUXFN", type, 8))
		return -1;
	if (rd_left(r) < n)
		return 0;
	*r = rd_sub(r, n);
	return type;
}
