/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "kmod.h"
#include "rmtree.h"
#include "tap.h"

static void
put(const char *path, const char *text)
{
	FILE *fp = fopen(path, "w");

	if (!fp || fputs(text, fp) < 0 || fclose(fp))
		abort();
}

/* what a modalias adds to an empty list */
static int
alias(const char *modalias)
{
	struct kmod k;
	int n;

	if (kmod_open(&k, ".") < 0)
		return -1;
	n = kmod_add_alias(&k, modalias);
	kmod_close(&k);
	return n;
}

static void
none(void)
{
	struct kmod k;

	OK(kmod_none(&k, "9p.ko\nvirtio_pci.ko\n") == 0);
	OK(kmod_has(&k, "virtio-pci") && kmod_is_builtin(&k, "9p"));
	OK(!kmod_has(&k, "9pnet") && kmod_add_alias(&k, "pci:x") == 0);
	OK(kmod_add(&k, "9p") == 0 && k.n == 0);
	OK(kmod_add(&k, "overlay") < 0 && errno == ENOENT);
	kmod_close(&k);
}

static void
names(void)
{
	struct kmod k;

	OK(kmod_open(&k, "./nosuch") < 0);
	OK(kmod_open(&k, ".") == 0);
	OK(kmod_has(&k, "e1000") && kmod_has(&k, "snd-a") &&
	    !kmod_has(&k, "x"));
	OK(kmod_is_builtin(&k, "ext4") && !kmod_is_builtin(&k, "e1000"));
	OK(kmod_add(&k, "ext4") == 0 && k.n == 0);
	OK(kmod_add(&k, "snd-a") == 0 && kmod_add(&k, "snd_a") == 0);
	OK(k.n == 1);
	STREQ(k.list[0], "./kernel/snd_a.ko");
	OK(kmod_add(&k, "nosuch") < 0 && errno == ENOENT);
	kmod_close(&k);
}

/* an object whose .modinfo is info[0..len), n bytes of it cut off */
static void
object(const char *path, const char *info, size_t len, size_t cut)
{
	static const char names[] = "\0.modinfo\0.shstrtab";
	Elf64_Ehdr h = { .e_shnum = 3, .e_shstrndx = 2 };
	Elf64_Shdr s[3] = { { 0 } };
	const size_t all = sizeof(h) + sizeof(s) + sizeof(names) + len;
	char b[1024] = "";
	FILE *fp = fopen(path, "w");

	memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_shoff = sizeof(h);
	s[1].sh_name = 1;
	s[1].sh_offset = all - len;
	s[1].sh_size = len;
	s[2].sh_name = 10;
	s[2].sh_offset = sizeof(h) + sizeof(s);
	s[2].sh_size = sizeof(names);
	memcpy(b, &h, sizeof(h));
	memcpy(b + sizeof(h), s, sizeof(s));
	memcpy(b + s[2].sh_offset, names, sizeof(names));
	memcpy(b + s[1].sh_offset, info, len);
	if (!fp || fwrite(b, all - cut, 1, fp) != 1 || fclose(fp))
		abort();
}

#define OBJECT(path, info) object(path, info, sizeof(info), 0)

/* what a tree without depmod's files says of itself: a needs b and c_d, and
 * would have e before it */
static void
tree(void)
{
	static const char a[] = "license=ISC\0depends=b,c-d\0"
				"softdep=pre: e nosuch post: late";
	static const char packed[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b"
				     "\xe4\x02\0\x07\xa1\xea\xdd\x02\0\0\0";
	FILE *fp;

	if (mkdir("t", 0700) < 0 || mkdir("t/kernel", 0700) < 0 ||
	    mkdir("t/kernel/.hidden", 0700) < 0)
		abort();
	OBJECT("t/kernel/a.ko", a);
	OBJECT("t/kernel/b.ko", "depends=");
	OBJECT("t/kernel/c_d.ko", "depends=b");
	OBJECT("t/kernel/late.ko", "depends=nosuch");
	OBJECT("t/kernel/x.ko", "depends=y");
	OBJECT("t/kernel/y.ko", "depends=x");
	OBJECT("t/kernel/p.ko", "softdep=pre: q r");
	OBJECT("t/kernel/q.ko", "softdep=pre: p r");
	OBJECT("t/kernel/r.ko", "softdep=pre: q p");
	object("t/kernel/cut.ko", "depends=b", 10, 11);
	object("t/kernel/short.ko", "depends=b", 10, 200);
	OBJECT("t/kernel/.hidden/h.ko", "depends=");
	put("t/kernel/README", "");
	put("t/kernel/f.ko.bak", "");
	if (!(fp = fopen("t/kernel/e.ko.gz", "w")) ||
	    fwrite(packed, sizeof(packed) - 1, 1, fp) != 1 || fclose(fp))
		abort();
}

static void
walked(void)
{
	struct kmod k;

	OK(kmod_open(&k, "t") == 0);
	OK(kmod_has(&k, "a") && kmod_has(&k, "c-d") && kmod_has(&k, "e"));
	OK(!kmod_has(&k, "h") && !kmod_has(&k, "f") && !kmod_has(&k, "README"));
	OK(kmod_add(&k, "a") == 0 && k.n == 4);
	if (k.n == 4) {
		STREQ(k.list[0], "t/kernel/b.ko");
		STREQ(k.list[1], "t/kernel/c_d.ko");
		STREQ(k.list[2], "t/kernel/e.ko.gz");
		STREQ(k.list[3], "t/kernel/a.ko");
	}
	OK_MSG(kmod_add(&k, "late") < 0 && errno == ENOENT && k.n == 4,
	    "what a module depends on must be there");
	OK_MSG(kmod_add(&k, "x") < 0 && errno == ELOOP, "a circle ends");
	OK_MSG(kmod_add(&k, "p") == 0 && k.n == 7, "a soft one, too");
	if (k.n == 7)
		STREQ(k.list[6], "t/kernel/p.ko");
	OK_MSG(
	    kmod_add(&k, "cut") == 0 && kmod_add(&k, "short") == 0 && k.n == 9,
	    "objects cut short name nothing");
	unlink("t/kernel/y.ko");
	OK_MSG(kmod_add(&k, "y") < 0 && errno == ENOENT, "it went away");
	kmod_close(&k);
}

/* a package's own list is believed as far as its files are there */
static void
ordered(void)
{
	struct kmod k;

	put("t/modules.order", "kernel/a.ko\nkernel/b.ko\nkernel/gone.ko\n");
	OK(kmod_open(&k, "t") == 0);
	OK(kmod_has(&k, "a") && kmod_has(&k, "b"));
	OK(!kmod_has(&k, "e") && !kmod_has(&k, "gone"));
	OK(kmod_add(&k, "gone") < 0 && errno == ENOENT);
	kmod_close(&k);
	put("t/modules.order", "kernel/a.o\n");
	OK(kmod_open(&k, "t") == 0);
	OK_MSG(kmod_has(&k, "e"), "a build tree's list is not for modules");
	kmod_close(&k);
	put("t/modules.order", "kernel/nosuch.ko\nkernel/a.ko\n");
	OK(kmod_open(&k, "t") == 0);
	OK_MSG(kmod_has(&k, "e"), "nor one whose files have other names");
	kmod_close(&k);
	unlink("t/modules.order");
}

static void
reads(void)
{
	size_t n = 0;
	char *b;

	OK((b = kmod_read("t/kernel/e.ko.gz", &n)) && n == 2 &&
	    !memcmp(b, "a\n", 2));
	free(b);
	put("t/kernel/e.ko.gz", "\x1f\x8b\x08 no more");
	OK(!kmod_read("t/kernel/e.ko.gz", &n));
	OK(!kmod_read("t/nosuch.ko", &n) && errno == ENOENT);
}

/* a list holds KMOD_MAX modules and no more */
static void
many(void)
{
	char name[32], path[64];
	struct kmod k;
	int i, bad = 0;

	for (i = 0; i <= KMOD_MAX; i++) {
		snprintf(path, sizeof(path), "t/kernel/m%d.ko", i);
		put(path, "");
	}
	OK(kmod_open(&k, "t") == 0);
	for (i = 0; i < KMOD_MAX; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		bad += kmod_add(&k, name) != 0;
	}
	OK(!bad && k.n == KMOD_MAX);
	snprintf(name, sizeof(name), "m%d", KMOD_MAX);
	OK(kmod_add(&k, name) < 0 && errno == E2BIG && k.n == KMOD_MAX);
	kmod_close(&k);
}

/* of the files that depmod writes, lines that say nothing add nothing */
static void
odd_lines(void)
{
	char name[2 * KMOD_NAME];
	struct kmod k;
	FILE *fp;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	put("t/modules.dep", "kernel/a.ko:\nkernel/b.ko: no newline");
	fp = fopen("t/modules.alias", "w");
	if (!fp || fprintf(fp, "alias b\nalias x %s\nalias x* b\n", name) < 0 ||
	    fclose(fp))
		abort();
	OK(kmod_open(&k, "t") == 0);
	OK(kmod_has(&k, "a") && kmod_has(&k, "b") && !kmod_has(&k, "e"));
	OK(kmod_add_alias(&k, "x") == 1 && k.n == 1);
	OK_MSG(kmod_add(&k, name) < 0 && errno == ENOENT, "a long name");
	kmod_close(&k);
}

static void
no_depmod(void)
{
	tree();
	ordered();
	walked();
	reads();
	many();
	odd_lines();
}

int
main(void)
{
	char dir[] = "/tmp/kmod-XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) < 0 || mkdir("kernel", 0700) < 0)
		return 1;
	put("kernel/e1000.ko", "");
	put("kernel/snd_a.ko", "");
	put("modules.dep",
	    "kernel/e1000.ko:\nkernel/snd_a.ko: kernel/e1000.ko\n");
	put("modules.builtin", "kernel/fs/ext4/ext4.ko\n");
	put("modules.alias",
	    "# Aliases\n"
	    "alias pci:v00008086d0000100Esv*sd*bc*sc*i* e1000\n"
	    "alias usb:v0BDAp8153d*dc*in0[0-3]* snd_a\n"
	    "alias of:N*T?Cacme,x snd_a\n");
	none();
	names();
	OK(alias("pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00") == 1);
	OK(alias("pci:v00008086d0000100Fsv00001AF4sd00001100bc02sc00i00") == 0);
	OK(alias("usb:v0BDAp8153d3000dc00in02ip") == 1);
	OK(alias("usb:v0BDAp8153d3000dc00in04ip") == 0);
	OK(alias("of:NethT1Cacme,x") == 1 && alias("of:NethTCacme,x") == 0);
	OK(alias("") == 0);
	no_depmod();
	if (chdir("/") < 0 || rmtree(dir) < 0)
		return 1;
	return tap_done();
}
