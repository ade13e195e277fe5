/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "image.h"
#include "qcow2.h"
#include "tap.h"

static const struct image_size z = { 1 << 20, 65536 };

static int
header(int fd, struct qcow2 *q)
{
	uint8_t b[4096];
	struct rd r;
	ssize_t n = pread(fd, b, sizeof(b), 0);

	rd_init(&r, b, n > 0 ? (size_t)n : 0);
	return qcow2_get(&r, q);
}

static void
file(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		abort();
	close(fd);
}

static void
overlays(void)
{
	uint64_t size;
	struct qcow2 q;
	struct stat st;
	int fd;

	file("small", 1);
	file("exact", 1 << 20);
	file("more", (1 << 20) + 1);
	OK(image_size("small", &z, &size) == 0 && size == 1 << 20);
	OK(image_size("exact", &z, &size) == 0 && size == 1 << 20);
	OK(image_size("more", &z, &size) == 0 && size == (1 << 20) + 65536);
	OK(image_size(".", &z, &size) < 0 && errno == EISDIR);
	OK(image_size("none", &z, &size) < 0 && errno == ENOENT);
	OK((fd = image_overlay("more", &z)) >= 0 && header(fd, &q) == 0);
	OK(q.size == (1 << 20) + 65536 && q.backing[0] == '/' &&
	    !strcmp(strrchr(q.backing, '/'), "/more"));
	OK(q.backing_size == (1 << 20) + 1);
	OK(fstat(fd, &st) == 0 && st.st_size == QCOW2_LEN &&
	    st.st_blocks * 512 <= 65536);
	close(fd);
}

static void
stores(void)
{
	static const uint8_t other[4] = "else"; /* an extension of that type */
	int fd;

	OK(image_persist("store", "small", &z) == 0);
	OK_MSG(image_persist("store", "small", &z) == 0, "again");
	OK(image_persist("store", "exact", &z) < 0 && errno == ESTALE);
	OK(image_persist("more", "exact", &z) < 0 && errno == EINVAL);
	file("small", 2);
	OK_MSG(image_persist("store", "small", &z) < 0 && errno == ESTALE,
	    "the image below has changed");
	OK(truncate("store", 4096) == 0);
	fd = open("store", O_WRONLY);
	OK(pwrite(fd, other, sizeof(other), 104 + 16) == sizeof(other));
	close(fd);
	OK_MSG(image_persist("store", "small", &z) < 0 && errno == EINVAL,
	    "somebody else's qcow2 image");
	OK(image_persist("no/store", "small", &z) < 0 && errno == ENOENT);
}

static void
copies(void)
{
	uint8_t b[8];
	int fd, f = dup(0), g = dup(0);

	close(f);
	close(g);
	OK(image_copy("more", 1 << 20, 0) < 0 && errno == EFBIG);
	OK((fd = image_copy("small", 8, 0xff)) >= 0);
	OK(pread(fd, b, 8, 0) == 8 && b[1] == 0 && b[2] == 0xff &&
	    b[7] == 0xff && pread(fd, b, 1, 8) == 0);
	close(fd);
	OK((fd = image_copy("small", 8, 0)) >= 0 && pread(fd, b, 8, 0) == 8 &&
	    b[7] == 0);
	close(fd);
	OK(image_copy("small", SIZE_MAX, 0) < 0 &&
	    errno == (SIZE_MAX > UINT32_MAX ? EINVAL : ENOMEM));
	OK(image_copy(".", 1 << 20, 0) < 0 && errno == EISDIR);
	OK_MSG(dup(0) == f && dup(0) == g, "nothing is left open");
	close(f);
	close(g);
}

/* headers that a sound overlay does not have */
static void
headers(void)
{
	static struct qcow2 q, g;
	static uint8_t b[4096];
	struct wr w;
	struct rd r;
	size_t len;

	q.size = (uint64_t)1 << 30; /* of two tables of L2 */
	q.backing_size = 77;
	q.backing_mtime = 99;
	memset(q.backing, 'n', sizeof(q.backing) - 1);
	wr_init(&w, b, sizeof(b));
	qcow2_put(&w, &q);
	OK(!w.err && b[39] == 2);
	len = wr_len(&w);
	rd_init(&r, b, len);
	OK(qcow2_get(&r, &g) == 0 && g.size == q.size && g.backing_size == 77 &&
	    g.backing_mtime == 99);
	STREQ(g.backing, q.backing);
	b[19] = 0; /* the name's length, 1024 */
	b[18] = 4;
	rd_init(&r, b, sizeof(b));
	OK_MSG(qcow2_get(&r, &g) < 0, "a name longer than its place");
	b[18] = 0;
	b[7] = 1;
	rd_init(&r, b, len);
	OK_MSG(qcow2_get(&r, &g) < 0, "version 1");
	b[7] = 3;
	b[127] = 24; /* our extension, larger */
	rd_init(&r, b, len);
	OK(qcow2_get(&r, &g) == 0 && !g.backing_size);
	q.size = QCOW2_MAX + 1;
	wr_init(&w, b, sizeof(b));
	qcow2_put(&w, &q);
	OK_MSG(w.err, "an image that is too large");
	wr_init(&w, b, sizeof(b));
	qcow2_put_refblock(&w);
	OK_MSG(wr_len(&w) == 2 * QCOW2_LEN / QCOW2_CLUSTER,
	    "each of its clusters is in use");
}

int
main(void)
{
	char dir[] = "/tmp/image.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	headers();
	overlays();
	stores();
	copies();
	unlink("small");
	unlink("exact");
	unlink("more");
	unlink("store");
	rmdir(dir);
	return tap_done();
}
