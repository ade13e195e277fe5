/* limen: ISC licence, see LICENSE */
#ifndef WAL_H
#define WAL_H

#include <stddef.h>
#include <stdint.h>

/*
 * SQLite's write-ahead log (fileformat2.html section 4): frames of whole
 * pages, of which those up to the last commit count, as long as salts and
 * the running checksum agree. Read by descriptor; no lock is taken and the
 * -shm file is not looked at.
 */
struct wal {
	int fd; /* -1: there is none, or it holds nothing */
	uint32_t pagesize;
	uint32_t pages;		  /* of the database after the last commit */
	uint32_t frames;	  /* committed ones */
	uint32_t salt[2], sum[2]; /* sum: after the last commit */
	int big;		  /* checksums over big-endian words */
	uint32_t *page;		  /* of each frame read, from 0 */
	size_t cap;
	uint32_t *table; /* newest frame of a page: frame + 1, by hash */
	size_t tablecap;
};

/* reads fd (not owned; -1: there is none) up to its last commit; what is no
 * log, or one of an earlier life, counts as empty */
void wal_open(struct wal *w, int fd, uint32_t pagesize);
void wal_close(struct wal *w);

/* where page's newest committed content lies in the file, or -1 */
int64_t wal_find(const struct wal *w, uint32_t page);

/* has the log been begun anew or got another commit since? */
int wal_changed(const struct wal *w);

#endif
