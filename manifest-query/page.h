/* limen: ISC licence, see LICENSE */
#ifndef PAGE_H
#define PAGE_H

#include "fault.h"
#include "wal.h"

/* The pages of an SQLite database as its last commit left them: those of
 * the log where it has them, else the file's. */
struct page_set {
	int fd;
	int walfd;
	const char *path;
	uint32_t size;	 /* of a page */
	uint32_t usable; /* of its bytes */
	uint32_t count;
	uint32_t there;	 /* pages in the file and the log, at most */
	uint32_t change; /* the file's change counter */
	int busy;	 /* page_open() met a journal */
	int logged;	 /* the header says that there may be a log */
	struct wal wal;
};

/* fd stays the caller's. 0, or -1 and f */
int page_open(struct page_set *p, const char *path, int fd, struct fault *f);
void page_close(struct page_set *p);

/* page number n, from 1, into b of p->size bytes; 0, or -1 and f */
int page_get(const struct page_set *p, uint32_t n, uint8_t *b, struct fault *f);

/* did somebody write since page_open()? */
int page_changed(const struct page_set *p);

#endif
