/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "qcow2.h"

#define MAGIC	   0x514649fb
#define HEADER	   104
#define EXT_FORMAT 0xe2792aca
#define EXT_OURS   0x4c694d6e /* size and mtime of the backing file */
#define L2_COVERS  ((uint64_t)QCOW2_CLUSTER / 8 * QCOW2_CLUSTER)

void
qcow2_put(struct wr *w, const struct qcow2 *q)
{
	size_t n = strlen(q->backing);
	const uint32_t name = HEADER + 16 + 24 + 8;

	wr_u32(w, MAGIC);
	wr_u32(w, 3);
	wr_u64(w, name);
	wr_u32(w, (uint32_t)n);
	wr_u32(w, 16); /* cluster bits */
	wr_u64(w, q->size);
	wr_u32(w, 0); /* not encrypted */
	wr_u32(w, (uint32_t)((q->size + L2_COVERS - 1) / L2_COVERS));
	wr_u64(w, 3 * QCOW2_CLUSTER);
	wr_u64(w, QCOW2_REFTABLE);
	wr_u32(w, 1);
	wr_u32(w, 0);	/* snapshots */
	wr_zero(w, 32); /* their offset, feature bits */
	wr_u32(w, 4);	/* refcounts of 16 bits */
	wr_u32(w, HEADER);
	wr_u32(w, EXT_FORMAT);
	wr_u32(w, 3);
	wr_bytes(w, "raw\0\0\0\0", 8);
	wr_u32(w, EXT_OURS);
	wr_u32(w, 16);
	wr_u64(w, q->backing_size);
	wr_u64(w, q->backing_mtime);
	wr_zero(w, 8); /* the end of the extensions */
	wr_bytes(w, q->backing, n);
	if (n >= sizeof(q->backing) || q->size > QCOW2_MAX)
		w->err = 1;
}

void
qcow2_put_reftable(struct wr *w)
{
	wr_u64(w, QCOW2_REFBLOCK);
}

void
qcow2_put_refblock(struct wr *w)
{
	int i;

	for (i = 0; i < 4; i++)
		wr_u16(w, 1);
}

/* the extensions up to the terminator, which may be missing before the name */
static void
extensions(struct rd *r, struct qcow2 *q)
{
	struct rd e;
	uint32_t type, n;

	while (rd_left(r) >= 8 && (type = rd_u32(r))) {
		n = rd_u32(r);
		e = rd_sub(r, n);
		if (type == EXT_OURS && n == 16) {
			q->backing_size = rd_u64(&e);
			q->backing_mtime = rd_u64(&e);
		}
		rd_skip(r, -n & 7);
	}
}

int
qcow2_get(struct rd *r, struct qcow2 *q)
{
	struct rd all = *r, ext;
	uint64_t name;
	uint32_t version, n, header = 72;

	memset(q, 0, sizeof(*q));
	if (rd_u32(r) != MAGIC)
		return -1;
	version = rd_u32(r);
	name = rd_u64(r);
	n = rd_u32(r);
	rd_skip(r, 4);
	q->size = rd_u64(r);
	if (version >= 3) {
		rd_skip(r, 68);
		header = rd_u32(r);
	}
	if (r->err || version < 2 || n >= sizeof(q->backing))
		return -1;
	ext = all;
	rd_skip(&ext, header);
	if (name > header && name <= rd_left(&all))
		ext = rd_sub(&ext, (size_t)name - header);
	extensions(&ext, q);
	if (!n)
		return 0;
	if (name > SIZE_MAX / 2)
		return -1;
	rd_skip(&all, (size_t)name);
	rd_copy(&all, q->backing, n);
	return all.err ? -1 : 0;
}
