/* limen: ISC licence, see LICENSE */
#ifndef PCAPFILE_H
#define PCAPFILE_H

#include <sys/uio.h>

#include <stddef.h>
#include <stdint.h>

/*
 * A capture written while a tool runs. Packets are gathered and written in
 * large pieces; a reader that follows the file sees them after each flush.
 * A write that fails (disk full) closes the file, and the error is left in
 * err for the tool to report once.
 */
struct pcapfile {
	int fd; /* -1: none, and then every call does nothing */
	int err;
	size_t used;
	uint8_t buf[65536];
};

/* creates or truncates path ("-": stdout); link as in pcap.h. 0, or -1 and
 * errno */
int pcapfile_open(struct pcapfile *f, const char *path, uint32_t link);

/* one packet, stamped with the time of day */
void pcapfile_add(struct pcapfile *f, const void *p, size_t len);

/* the same from pieces */
void pcapfile_addv(struct pcapfile *f, const struct iovec *v, int n);

/* call once a turn of the loop */
void pcapfile_flush(struct pcapfile *f);

void pcapfile_close(struct pcapfile *f);

#endif
