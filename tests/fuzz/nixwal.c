/* limen: ISC licence, see LICENSE */
/*
 * Any bytes as a write-ahead log: what is found lies within the file, and
 * the log has not changed when it has not.
 * link: manifest-query/wal.c
 * link: manifest-query/mem.c
 */
#include <sys/mman.h>

#include <stdlib.h>
#include <unistd.h>

#include "../../manifest-query/wal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(int good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int fd = memfd_create("wal", MFD_CLOEXEC);
	struct wal w;
	uint32_t i;
	int64_t at;

	must(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	wal_open(&w, fd, 512);
	must(w.frames <= len / (24 + 512));
	must(!w.frames || w.pages > 0);
	for (i = 0; i < w.frames; i++) {
		at = wal_find(&w, w.page[i]);
		must(at >= 56 && (uint64_t)at + 512 <= len);
	}
	must(wal_find(&w, 0) == -1);
	must(!wal_changed(&w));
	wal_close(&w);
	close(fd);
	return 0;
}
