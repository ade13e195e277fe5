/* limen: ISC licence, see LICENSE */
#ifndef CPIO_H
#define CPIO_H

#include <stddef.h>
#include <stdint.h>

#include "rd.h"
#include "wr.h"

/*
 * The "newc" archives that the kernel unpacks as an initramfs (linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst): a header of
 * 110 characters, the name with its NUL, the body; name and body padded to
 * 4 bytes. Several archives may follow one another.
 */
#define CPIO_HEADER 110
#define CPIO_NAME   4096 /* longest name, its NUL included */

struct cpio_entry {
	const char *name; /* no leading slash; NULL at the end of an archive */
	uint32_t mode;	  /* S_IF... and permissions */
	uint32_t ino, uid, gid, nlink, mtime;
	uint32_t rmajor, rminor; /* of a device */
	uint32_t size;		 /* of the body; a symlink's is its target */
};

/* header, name and padding; the caller adds size bytes, then cpio_pad() */
void cpio_put(struct wr *w, const struct cpio_entry *e);

/* zeros up to the next multiple of 4, len being what was written so far */
void cpio_pad(struct wr *w, size_t len);

/* the trailer that ends an archive */
void cpio_end(struct wr *w);

/*
 * The next entry and its body from r, which holds whole archives; names stay
 * in r's buffer. Zeros between archives are passed over. 1, 0 at the end of
 * everything, -1: not such an archive, or cut short.
 */
int cpio_get(struct rd *r, struct cpio_entry *e, struct rd *body);

#endif
