/* limen: ISC licence, see LICENSE */
#ifndef QCOW2_H
#define QCOW2_H

#include <stddef.h>
#include <stdint.h>

#include "rd.h"
#include "wr.h"

/*
 * The header of an empty qcow2 image over a raw backing file (QEMU's
 * docs/interop/qcow2.txt, version 3, clusters of 64 KiB). The image may be
 * larger than its backing file: what lies beyond reads as zeros.
 */
#define QCOW2_CLUSTER 65536
#define QCOW2_LEN     (4 * QCOW2_CLUSTER) /* header, 2 refcount, L1 */
#define QCOW2_MAX     (1ULL << 40)	  /* what one cluster of L1 maps well */

/* further bytes that are not zero: 8 at one, 8 at two clusters */
#define QCOW2_REFTABLE QCOW2_CLUSTER
#define QCOW2_REFBLOCK (2 * QCOW2_CLUSTER)

struct qcow2 {
	uint64_t size; /* of the disk */
	char backing[1024];
	/* the backing file as it was: an extension of ours, 0 without it */
	uint64_t backing_size, backing_mtime;
};

/* the header, less than a cluster: w.err when the name is too long */
void qcow2_put(struct wr *w, const struct qcow2 *q);

/* 8 bytes each: where the refcount block is; 4 clusters in use */
void qcow2_put_reftable(struct wr *w);
void qcow2_put_refblock(struct wr *w);

/* reads a header back; 0, or -1: not a qcow2 image, or a name too long */
int qcow2_get(struct rd *r, struct qcow2 *q);

#endif
