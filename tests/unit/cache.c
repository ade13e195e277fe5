/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cache.h"
#include "fd.h"
#include "tap.h"

static char block[8192];

/* a file of two blocks, so many seconds old */
static void
put(const char *name, long age)
{
	struct timespec t[2];
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	memset(t, 0, sizeof(t));
	t[0].tv_sec = t[1].tv_sec = 1000000 - age;
	if (fd < 0 || fd_write_all(fd, block, sizeof(block)) < 0 ||
	    futimens(fd, t) < 0 || close(fd) < 0)
		abort();
}

static void
place(void)
{
	char b[256], here[128];

	setenv("XDG_CACHE_HOME", "relative", 1);
	setenv("HOME", "/proc/nosuch", 1);
	OK(cache_dir("x", b, sizeof(b)) < 0 && errno == ENOENT);
	if (!getcwd(here, sizeof(here)))
		return;
	setenv("HOME", here, 1);
	OK(cache_dir("x", b, sizeof(b)) == 0);
	OK(strstr(b, "/.cache/limen/x") && access(b, W_OK) == 0);
	setenv("XDG_CACHE_HOME", here, 1);
	OK(cache_dir("x", b, sizeof(b)) == 0 && strstr(b, "/limen/x"));
	OK(cache_dir("x", b, 8) < 0);
	OK(chmod("limen/x", 0777) == 0);
	OK(cache_dir("x", b, sizeof(b)) < 0 && errno == EPERM);
	rmdir("limen/x");
	rmdir("limen");
	rmdir(".cache/limen/x");
	rmdir(".cache/limen");
	rmdir(".cache");
}

static void
files(void)
{
	int fd;

	OK((fd = cache_new(".")) >= 0);
	OK(write(fd, "one", 3) == 3 && cache_name(fd, "kept") == 0);
	close(fd);
	OK((fd = cache_new(".")) >= 0);
	OK(write(fd, "other", 5) == 5 && cache_name(fd, "kept") == 0);
	close(fd);
	OK((fd = cache_open("kept", O_RDONLY)) >= 0);
	OK(lseek(fd, 0, SEEK_END) == 5);
	close(fd);
	OK(chmod("kept", 0666) == 0);
	OK(cache_open("kept", O_RDONLY) < 0 && errno == EPERM);
	OK(cache_open(".", O_RDONLY) < 0 && errno == EPERM);
	OK(symlink("kept", "link") == 0);
	OK(cache_open("link", O_RDONLY) < 0 && errno == ELOOP);
	OK(cache_new("/nosuch") < 0 && errno == ENOENT);
	unlink("link");
	unlink("kept");
}

static void
identity(void)
{
	uint64_t a, b;

	OK(cache_identity("nosuch") == 0);
	put("a", 0);
	put("b", 0);
	a = cache_identity("a");
	b = cache_identity("b");
	OK(a && b && a != b && a == cache_identity("a"));
	put("a", 1);
	OK(cache_identity("a") != a);
	OK(cache_mix(1, 2) != cache_mix(2, 1));
	OK(cache_mix_str(1, "ab") != cache_mix_str(1, "ba"));
	unlink("a");
	unlink("b");
}

static void
trimmed(void)
{
	put("old", 30);
	put("mid", 20);
	put("new", 10);
	cache_trim(".", 1 << 20);
	OK(access("old", F_OK) == 0);
	cache_trim(".", 2 * sizeof(block));
	OK(access("old", F_OK) < 0 && access("mid", F_OK) == 0 &&
	    access("new", F_OK) == 0);
	cache_trim(".", 0);
	OK(access("mid", F_OK) < 0 && access("new", F_OK) < 0);
	cache_trim("/nosuch", 0);
	put("new", 10);
	put("later", 1000000 - (long)time(NULL) - 3600);
	put("future", 1000000 - (long)time(NULL) - 90000);
	cache_trim(".", 2 * sizeof(block));
	OK_MSG(access("future", F_OK) < 0 && access("new", F_OK) == 0,
	    "what the clock of then calls new is the oldest");
	cache_trim(".", sizeof(block));
	OK(access("later", F_OK) == 0 && access("new", F_OK) < 0);
	unlink("later");
}

static void
sums(void)
{
	uint64_t whole = cache_sum(0, block, 100);
	int i, same = 0;

	OK(whole != cache_sum(0, block, 99) &&
	    whole != cache_sum(1, block, 100));
	for (i = 0; i < 100; i++) {
		block[i] ^= 1;
		same += cache_sum(0, block, 100) == whole;
		block[i] ^= 1;
	}
	OK_MSG(same == 0, "each byte counts");
}

int
main(void)
{
	char dir[] = "/tmp/cache-XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	place();
	files();
	identity();
	trimmed();
	sums();
	if (chdir("/") == 0)
		rmdir(dir);
	return tap_done();
}
