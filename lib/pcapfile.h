/* limen: ISC licence, see LICENSE */
#ifndef PCAPFILE_H
#define PCAPFILE_H

#include <sys/uio.h>

#include <stddef.h>
#include <stdint.h>

/*
 * A capture written while a tool runs. Packets are gathered and written in
 * large pieces; a reader that follows the file sees them after each flush.
 * Nobody waits for the reader of a pipe: when it is behind by what the pipe
 * and buf hold, packets are left out.
 */
struct pcapfile {
	int fd; /* -1: none, and then every call does nothing */
	int err;
	int file; /* takes all that is written, unlike a pipe */
	size_t used;
	unsigned long lost; /* packets left out */
	char why[64];
	uint8_t buf[65536];
};

/* creates or truncates path ("-": stdout); link as in pcap.h. 0, or -1 and
 * errno */
int pcapfile_open(struct pcapfile *f, const char *path, uint32_t link);

/* one packet, stamped with the time of day */
void pcapfile_add(struct pcapfile *f, const void *p, size_t len);

/* the same from pieces */
void pcapfile_addv(struct pcapfile *f, const struct iovec *v, int n);

/* call once a turn of the loop. NULL, or, once, why nothing more is written:
 * disk full, say; that the reader of a pipe has left is its own affair */
const char *pcapfile_flush(struct pcapfile *f);

/* the same at the end; a reader that is behind has a second to take the rest.
 * What is told may also be how many packets were left out */
const char *pcapfile_close(struct pcapfile *f);

/* tells what these two returned of the file path, if anything */
void pcapfile_tell(const char *path, const char *why);

#endif
