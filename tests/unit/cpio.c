/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "cpio.h"
#include "fd.h"
#include "initrd.h"
#include "tap.h"

static void
codec(void)
{
	struct cpio_entry e, g;
	uint8_t b[1024];
	struct wr w;
	struct rd r, body;
	size_t len, i, bad = 0;

	memset(&e, 0, sizeof(e));
	e.name = "bin/x";
	e.mode = S_IFREG | 0755;
	e.size = 5;
	e.ino = 0x12345678;
	wr_init(&w, b, sizeof(b));
	cpio_put(&w, &e);
	OK(wr_len(&w) == 116);
	MEMEQ(b, "07070112345678000081ed", 22);
	wr_str(&w, "hello");
	cpio_pad(&w, 5);
	cpio_end(&w);
	len = wr_len(&w);
	OK(len % 4 == 0);
	wr_zero(&w, 512 - len);
	rd_init(&r, b, 512);
	OK(cpio_get(&r, &g, &body) == 1);
	STREQ(g.name, "bin/x");
	OK(g.mode == e.mode && g.ino == e.ino && rd_left(&body) == 5);
	MEMEQ(body.p, "hello", 5);
	OK(cpio_get(&r, &g, &body) == 0);
	for (i = 1; i < 124; i++) {
		rd_init(&r, b, i);
		bad += cpio_get(&r, &g, &body) < 0;
	}
	OK_MSG(bad == 120, "cut short anywhere in the entry is an error");
	b[97] = 'z';
	rd_init(&r, b, len);
	OK(cpio_get(&r, &g, &body) < 0);
}

static void
written(void)
{
	struct initrd i;
	struct cpio_entry e;
	struct rd r, body;
	size_t len, n = 0;
	char all[256] = "", *b;
	int fd;

	initrd_init(&i);
	initrd_text(&i, "/etc/a/motd", 0644, "hi");
	initrd_text(&i, "etc/a/issue", 0600, "");
	initrd_dir(&i, "etc", 0700);
	initrd_symlink(&i, "sh", "bin/busybox");
	fd = initrd_finish(&i);
	OK(fd >= 0 && lseek(fd, 0, SEEK_SET) == 0);
	b = fd_slurp(fd, 1 << 20, &len);
	rd_init(&r, b, len);
	for (; cpio_get(&r, &e, &body) == 1; n++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all),
		    "%s %o %zu;", e.name, e.mode, rd_left(&body));
	STREQ(all, "etc 40755 0;etc/a 40755 0;etc/a/motd 100644 2;"
		   "etc/a/issue 100600 0;sh 120777 11;");
	free(b);
	close(fd);
	initrd_init(&i);
	initrd_copy(&i, "x", "/nonexistent");
	OK(initrd_finish(&i) < 0);
	STREQ(i.what, "/nonexistent");
	initrd_init(&i);
	initrd_copy(&i, "x", "/");
	OK_MSG(initrd_finish(&i) < 0, "a directory is no file");
}

int
main(void)
{
	codec();
	written();
	return tap_done();
}
