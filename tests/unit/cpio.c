/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
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
	static uint8_t large[CPIO_NAME + 200];
	static char name[CPIO_NAME + 1];
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
	b[10] = 'z';
	rd_init(&r, b, len);
	OK_MSG(cpio_get(&r, &g, &body) < 0, "no hexadecimal digit");
	b[10] = '0';
	b[CPIO_HEADER + 3] = 0;
	rd_init(&r, b, len);
	OK_MSG(cpio_get(&r, &g, &body) < 0, "a NUL within the name");
	memset(name, 'x', CPIO_NAME);
	name[CPIO_NAME - 1] = 0;
	for (i = 0; i < 2; i++) {
		e.name = name;
		e.rmajor = 5;
		e.rminor = 1;
		e.size = 0;
		wr_init(&w, large, sizeof(large));
		cpio_put(&w, &e);
		rd_init(&r, large, wr_len(&w));
		OK(cpio_get(&r, &g, &body) == (i ? -1 : 1));
		OK(g.rmajor == 5 && g.rminor == 1);
		memcpy(name + CPIO_NAME - 1, "x", 2);
	}
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

static void
fifo(void)
{
	struct initrd i;

	OK(mkfifo("fifo", 0600) == 0);
	initrd_init(&i);
	initrd_copy(&i, "x", "fifo");
	OK_MSG(initrd_finish(&i) < 0, "no writer is waited for");
	unlink("fifo");
}

/* what the archive in fd has, as "NAME MODE SIZE;"; all of it is freed */
static void
names(int fd, char *all, size_t cap)
{
	struct cpio_entry e;
	struct rd r, body;
	size_t len, n = 0;
	char *b = NULL;

	*all = 0;
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    !(b = fd_slurp(fd, 64 << 20, &len)))
		return;
	rd_init(&r, b, len);
	while (cpio_get(&r, &e, &body) == 1)
		n += (size_t)snprintf(all + n, cap > n ? cap - n : 0,
		    "%s %o %zu;", e.name, e.mode, rd_left(&body));
	free(b);
	close(fd);
}

static void
special(void)
{
	struct initrd i;
	char all[5000];

	initrd_init(&i);
	initrd_node(&i, "/dev/console", S_IFCHR | 0600, makedev(5, 1));
	initrd_bytes(&i, "a", "\0\1", 2);
	initrd_copy(&i, "b", "file");
	names(initrd_finish(&i), all, sizeof(all));
	STREQ(all, "dev 40755 0;dev/console 20600 0;a 100644 2;b 100640 4;");
	initrd_init(&i);
	memset(all, 'x', 4990);
	all[4990] = 0;
	initrd_text(&i, all, 0600, "");
	OK(initrd_finish(&i) < 0 && errno == ENAMETOOLONG);
}

/* ourselves: with the sanitizers the loader and libraries come along */
static void
program(void)
{
	char all[4096], self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct initrd i;

	self[n < 0 ? 0 : n] = 0;
	initrd_init(&i);
	initrd_program(&i, "bin/t", self);
	names(initrd_finish(&i), all, sizeof(all));
	OK(strstr(all, "bin/t 1007") != NULL);
	OK(!strstr(all, "ld-linux") == !strstr(all, "libc.so"));
	n = (ssize_t)strlen(all);
	initrd_init(&i);
	initrd_program(&i, "bin/t", self);
	initrd_program(&i, "bin/u", self);
	names(initrd_finish(&i), all, sizeof(all));
	OK_MSG((ssize_t)strlen(all) - n < 40, "what both load comes once");
	initrd_init(&i);
	initrd_program(&i, "bin/t", "file"); /* as a script: alone */
	names(initrd_finish(&i), all, sizeof(all));
	STREQ(all, "bin 40755 0;bin/t 100640 4;");
	initrd_init(&i);
	initrd_program(&i, "bin/t", "nosuch");
	OK(initrd_finish(&i) < 0 && errno == ENOENT);
}

/* "elf", a program for 32 or 64 bits whose interpreter is DIR/ld */
static void
elf(const char *dir, int wide)
{
	Elf32_Ehdr eh = { .e_phoff = 64, .e_phnum = 2 };
	Elf32_Phdr ph = { .p_type = PT_INTERP, .p_offset = 200 };
	Elf64_Ehdr weh = { .e_phoff = 64, .e_phnum = 2 };
	Elf64_Phdr wph = { .p_type = PT_INTERP, .p_offset = 200 };
	char b[300] = "", *at = b + 64;
	int fd = open("elf", O_WRONLY | O_CREAT | O_TRUNC, 0755);

	ph.p_filesz = (Elf32_Word)snprintf(b + 200, 100, "%s/ld", dir) + 1;
	wph.p_filesz = ph.p_filesz;
	memcpy(b, wide ? (void *)&weh : &eh, wide ? sizeof(weh) : sizeof(eh));
	at += wide ? sizeof(wph) : sizeof(ph);
	memcpy(at, wide ? (void *)&wph : &ph, wide ? sizeof(wph) : sizeof(ph));
	memcpy(b, ELFMAG, SELFMAG);
	b[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
	OK(write(fd, b, sizeof(b)) == sizeof(b));
	close(fd);
}

/* of either class, whatever ours is: the host's may be mixed */
static void
classes(const char *dir)
{
	char all[4096], want[128], text[128];
	struct initrd i;
	int wide, fd = open("ld", O_WRONLY | O_CREAT, 0755);

	snprintf(text, sizeof(text),
	    "#!/bin/sh\necho 'libx.so => %s/file (0x1)'\n", dir);
	OK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	snprintf(want, sizeof(want), "%s/ld 100755 %zu;%s/file 100640 4;",
	    dir + 1, strlen(text), dir + 1);
	for (wide = 0; wide < 2; wide++) {
		elf(dir, wide);
		initrd_init(&i);
		initrd_program(&i, "bin/t", "elf");
		names(initrd_finish(&i), all, sizeof(all));
		OK_MSG(strstr(all, want) != NULL,
		    wide ? "for 64 bits" : "for 32 bits");
	}
	unlink("elf");
	unlink("ld");
}

/* a directory of the host keeps its mode when something is put below it */
static void
taken(void)
{
	char dir[] = "/tmp/take.XXXXXX", all[256] = "", *b;
	struct cpio_entry e;
	struct rd r, body;
	struct initrd i;
	struct stat st;
	size_t len;
	int fd;

	OK(mkdtemp(dir) && chmod(dir, 0710) == 0 && lstat(dir, &st) == 0);
	initrd_init(&i);
	initrd_take(&i, "/a/b", dir, &st);
	initrd_text(&i, "a/b/c", 0600, "");
	fd = initrd_finish(&i);
	OK(rmdir(dir) == 0 && fd >= 0 && lseek(fd, 0, SEEK_SET) == 0);
	b = fd_slurp(fd, 1 << 20, &len);
	rd_init(&r, b, len);
	while (cpio_get(&r, &e, &body) == 1) {
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s %o;",
		    e.name, e.mode);
		OK(strcmp(e.name, "a/b") ||
		    (e.uid == st.st_uid && e.mtime == (uint32_t)st.st_mtime));
	}
	STREQ(all, "a 40755;a/b 40710;a/b/c 100600;");
	free(b);
	close(fd);
}

int
main(void)
{
	char dir[] = "/tmp/cpio-XXXXXX";
	int fd;

	umask(022);
	codec();
	written();
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	fd = open("file", O_WRONLY | O_CREAT, 0640);
	OK(write(fd, "text", 4) == 4);
	close(fd);
	special();
	fifo();
	program();
	classes(dir);
	unlink("file");
	if (chdir("/") == 0)
		rmdir(dir);
	taken();
	return tap_done();
}
