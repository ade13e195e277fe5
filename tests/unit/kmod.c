/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "kmod.h"
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
	names();
	OK(alias("pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00") == 1);
	OK(alias("pci:v00008086d0000100Fsv00001AF4sd00001100bc02sc00i00") == 0);
	OK(alias("usb:v0BDAp8153d3000dc00in02ip") == 1);
	OK(alias("usb:v0BDAp8153d3000dc00in04ip") == 0);
	OK(alias("of:NethT1Cacme,x") == 1 && alias("of:NethTCacme,x") == 0);
	OK(alias("") == 0);
	unlink("kernel/e1000.ko");
	unlink("kernel/snd_a.ko");
	rmdir("kernel");
	unlink("modules.dep");
	unlink("modules.builtin");
	unlink("modules.alias");
	if (chdir("/") < 0 || rmdir(dir) < 0)
		return 1;
	return tap_done();
}
