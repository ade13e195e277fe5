/* limen: ISC licence, see LICENSE */
#ifndef FILE_H
#define FILE_H

#include <stddef.h>
#include <stdint.h>

#include "tftp.h"
#include "tftp_xfer.h"

#define FILE_BUF                                                    \
	(4 * (TFTP_BLKMAX + TFTP_HDR)) /* one of the largest trains \
					*/

/*
 * A file on its way, either direction: turned into the DATA packets that a
 * transfer asks for, or written from those that it took.
 */
struct file {
	int fd, mode;
	uint64_t size; /* sending: at the start, no more goes out */
	uint64_t pos;  /* netascii: of block's first byte; receiving: next */

	/* netascii, sending: where block starts, and what follows it */
	uint64_t block, after_pos;
	struct tftp_ascii a, after;
};

/* fd becomes the file's; size only when it is sent */
void file_init(struct file *f, int fd, int mode, uint64_t size);

/* closes it, if it is open; 0, or -1 and errno: what was written is not all
 * there (NFS, quotas) */
int file_close(struct file *f);

/*
 * Puts the blocks that x asks for into buf as DATA packets one after the
 * other, as many as go into FILE_BUF. The bytes, or -1: errno is 0 when the
 * file has become shorter.
 */
long file_fill(struct file *f, struct tftp_xfer *x, uint8_t *buf);

/* writes what x took; scratch holds FILE_BUF. 0, or -1 and errno */
int file_store(struct file *f, const struct tftp_xfer *x, uint8_t *scratch);

/* the end of what came, which closes it: 0, or -1 and errno */
int file_finish(struct file *f);

#endif
