/* limen: ISC licence, see LICENSE */
/*
 * link: run-in-vm/results.c run-in-vm/pack.c
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../run-in-vm/results.h"
#include "clock.h"
#include "fd.h"
#include "tap.h"

static uint8_t buf[65536];
static struct wr w;
static char top[] = "/tmp/results-XXXXXX";

static void
add(int type, const char *path, unsigned mode, const char *body)
{
	static struct pack p;

	memset(&p, 0, sizeof(p));
	p.type = (enum pack_type)type;
	p.mode = mode;
	p.mtime = 1000000000;
	p.size = strlen(body);
	snprintf(p.path, sizeof(p.path), "%s", path);
	pack_put(&w, &p);
	wr_bytes(&w, body, strlen(body));
}

static int
holds(const char *path, const char *want)
{
	char b[4096], *t;
	size_t n;
	int same;

	snprintf(b, sizeof(b), "%s/%s", top, path);
	if (!(t = fd_slurp_path(b, 4096, &n)))
		return 0;
	same = !strcmp(t, want);
	free(t);
	return same;
}

static struct stat
at(const char *path)
{
	struct stat st = { 0 };
	char b[4096];

	snprintf(b, sizeof(b), "%s/%s", top, path);
	(void)lstat(b, &st);
	return st;
}

static mode_t
mode(const char *path)
{
	return at(path).st_mode;
}

static int
entries(void)
{
	char cmd[4096];
	int n = 0;

	for (; n < 3; n++) {
		snprintf(cmd, sizeof(cmd), "%s/%s", top,
		    n == 0   ? "a"
		    : n == 1 ? "b"
			     : "c");
		if (access(cmd, F_OK) < 0)
			break;
	}
	return n;
}

static void
tree(void)
{
	wr_init(&w, buf, sizeof(buf));
	add(PACK_DIR, "d", 0555, "");
	add(PACK_FILE, "d/f", 0640, "hello");
	add(PACK_FILE, "d/none", 0600, "");
	/* a target longer than what stands before it */
	add(PACK_LINK, "d/l", 0777, "././././././././././././././././f");
	add(PACK_DIR, "d", 07577, "");
	add(PACK_FILE, "g", 04755, "x");
	add(PACK_END, "", 0, "");
}

/* the whole stream in pieces of n bytes */
static void
whole(const char *name, size_t n)
{
	static struct results r;
	char path[4096];
	size_t i, len;
	int bad = 0;

	tree();
	len = wr_len(&w);
	snprintf(path, sizeof(path), "%s/%s", top, name);
	OK(results_open(&r, path) == 0);
	for (i = 0; i < len && !bad; i += n) {
		bad = results_put(&r, buf + i, n < len - i ? n : len - i);
		if (i + n < len && results_done(&r) == 0)
			bad = 2;
	}
	OK(!bad);
	OK(r.ended && r.bytes == len);
	OK(results_done(&r) == 0);
	results_close(&r);
}

/* heads that are none */
static void
heads(void)
{
	static const struct pack odd[] = { { PACK_FILE, 010000, 0, 0, "f" },
		{ PACK_DIR, 0755, 0, 1, "d" }, { PACK_END, 0, 0, 1, "" },
		{ PACK_LINK, 0777, 0, 0, "l" },
		{ PACK_LINK, 0777, 0, PACK_PATH, "l" } };
	static struct pack p;
	struct rd rd;
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		wr_init(&w, buf, sizeof(buf));
		pack_put(&w, &odd[i]);
		rd_init(&rd, buf, wr_len(&w));
		OK(pack_get(&rd, &p) == -1);
	}
	memset(buf, 'x', PACK_FIX + PACK_PATH);
	wr_init(&w, buf, sizeof(buf));
	wr_u8(&w, PACK_FILE);
	wr_u32(&w, 0644);
	wr_zero(&w, 16);
	wr_u16(&w, PACK_PATH);
	rd_init(&rd, buf, PACK_FIX + PACK_PATH);
	OK_MSG(pack_get(&rd, &p) == -1, "a path longer than its place");
}

/* a file of zeros but for its ends takes no room for them */
static void
hollow(void)
{
	static struct results r;
	static struct pack p;
	char path[4096];
	struct stat st;
	int i, bad = 0;

	memset(&p, 0, sizeof(p));
	p.type = PACK_FILE;
	p.mode = 0644;
	p.size = 2 + 64 * sizeof(buf);
	snprintf(p.path, sizeof(p.path), "f");
	wr_init(&w, buf, sizeof(buf));
	pack_put(&w, &p);
	wr_u8(&w, '<');
	snprintf(path, sizeof(path), "%s/h", top);
	OK(results_open(&r, path) == 0);
	OK(results_put(&r, buf, wr_len(&w)) == 0);
	memset(buf, 0, sizeof(buf));
	for (i = 0; i < 64; i++)
		bad |= results_put(&r, buf, sizeof(buf)) < 0;
	OK(!bad);
	wr_init(&w, buf, sizeof(buf));
	wr_u8(&w, '>');
	add(PACK_END, "", 0, "");
	OK(results_put(&r, buf, wr_len(&w)) == 0 && results_done(&r) == 0);
	results_close(&r);
	snprintf(path, sizeof(path), "%s/h/f", top);
	OK(stat(path, &st) == 0 && (uint64_t)st.st_size == p.size);
	OK(st.st_blocks * 512 < st.st_size / 8);
	OK((i = open(path, O_RDONLY)) >= 0);
	OK(pread(i, buf, 2, st.st_size - 2) == 2 && !buf[0] && buf[1] == '>');
	OK(pread(i, buf, 2, 0) == 2 && buf[0] == '<' && !buf[1]);
	close(i);
}

static void
refused(const char *why)
{
	static struct results r;
	char path[4096];

	add(PACK_END, "", 0, "");
	snprintf(path, sizeof(path), "%s/no", top);
	OK(results_open(&r, path) == 0);
	OK_MSG(results_put(&r, buf, wr_len(&w)) < 0, why);
	results_close(&r);
	OK(access(r.temp, F_OK) < 0);
	OK(access(path, F_OK) < 0);
}

/* whoever holds the results is killed: they go */
static void
killed(void)
{
	static struct results r;
	char path[4096];
	int64_t end;
	int fds[2], st;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/k", top);
	OK(pipe(fds) == 0);
	if ((pid = fork()) == 0) {
		if (results_open(&r, path) < 0 ||
		    write(fds[1], r.temp, sizeof(r.temp)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	OK(fd_read_full(fds[0], r.temp, sizeof(r.temp)) == sizeof(r.temp));
	OK(access(r.temp, F_OK) == 0);
	kill(pid, SIGKILL);
	waitpid(pid, &st, 0);
	end = clock_ms() + 20000;
	while (access(r.temp, F_OK) == 0 && clock_ms() < end)
		usleep(10000);
	OK(access(r.temp, F_OK) < 0);
}

/* nothing is left of a tree that is deeper than descriptors go, with names in
 * the way of whatever is moved */
static void
deep(void)
{
	const struct rlimit few = { 24, 24 };
	static struct results r;
	char path[4096] = "1", want[4096];
	size_t n;

	wr_init(&w, buf, sizeof(buf));
	add(PACK_FILE, "2", 0644, "x");
	add(PACK_DIR, "3", 0700, "");
	add(PACK_FILE, "3/x", 0644, "x");
	for (n = 1; n < 120; n += 2) {
		add(PACK_DIR, path, 0700, "");
		snprintf(path + n, sizeof(path) - n, "/1");
	}
	add(PACK_FILE, path, 0600, "y");
	add(PACK_END, "", 0, "");
	OK(!w.err);
	snprintf(want, sizeof(want), "%s/deep", top);
	OK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	OK(results_open(&r, want) == 0);
	OK(results_put(&r, buf, wr_len(&w)) == 0);
	results_close(&r);
	OK(access(r.temp, F_OK) < 0);
}

/* a guest that has the results in a share, too, changes a directory into a
 * link and back: where that leads nothing is changed */
static void
swapped(void)
{
	static struct results r;
	char path[4096], to[4096];
	int i;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/s", top);
	snprintf(to, sizeof(to), "%s/mine", top);
	OK(mkdir(to, 0711) == 0 && results_open(&r, path) == 0);
	OK(mkdirat(r.dir, "d", 0700) == 0 && symlinkat(to, r.dir, "l") == 0);
	if ((pid = fork()) == 0)
		for (;;) /* 2: RENAME_EXCHANGE */
			syscall(SYS_renameat2, r.dir, "d", r.dir, "l", 2);
	wr_init(&w, buf, sizeof(buf));
	add(PACK_DIR, "d", 0755, "");
	for (i = 0; i < 20000 && (mode("mine") & 07777) == 0711; i++)
		(void)results_put(&r, buf, wr_len(&w));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	OK((mode("mine") & 07777) == 0711);
	results_close(&r);
	OK((mode("mine") & 07777) == 0711 && rmdir(to) == 0);
}

int
main(void)
{
	static struct results r;
	char cmd[64];

	OK(mkdtemp(top) != NULL);
	umask(027);
	whole("a", 1);
	whole("b", 7);
	whole("c", 65536);
	OK(entries() == 3);
	OK(holds("a/d/f", "hello") && holds("b/d/l", "hello"));
	OK(holds("c/d/none", "") && holds("c/g", "x"));
	OK((mode("a") & 07777) == 0750 && (mode("a/d") & 07777) == 0550);
	OK((mode("a/d/f") & 07777) == 0640);
	OK(at("a/d").st_mtime == 1000000000 &&
	    at("a/d/f").st_mtime == 1000000000);
	snprintf(cmd, sizeof(cmd), "%s/a", top);
	OK_MSG(results_open(&r, cmd) < 0 && strstr(r.err, "is there already"),
	    "what is there stays");
	results_close(&r);
	umask(022);
	OK((mode("a/g") & S_ISUID) == 0);
	OK(S_ISLNK(mode("a/d/l")));
	wr_init(&w, buf, sizeof(buf));
	add(PACK_LINK, "l", 0777, "..");
	add(PACK_FILE, "l/x", 0644, "out");
	refused("a file behind a link that leads out is refused");
	wr_init(&w, buf, sizeof(buf));
	add(PACK_LINK, "l", 0777, "..");
	add(PACK_FILE, "l/a/x", 0644, "out");
	refused("so is one in a directory there");
	wr_init(&w, buf, sizeof(buf));
	add(PACK_FILE, "f", 0644, "1");
	add(PACK_FILE, "f", 0644, "2");
	refused("the same file twice is refused");
	wr_init(&w, buf, sizeof(buf));
	add(PACK_FILE, "../x", 0644, "out");
	refused("a path that leads out is refused");
	wr_init(&w, buf, sizeof(buf));
	add(PACK_END, "", 0, "");
	refused("what comes behind the end is refused");
	heads();
	hollow();
	killed();
	swapped();
	deep();
	snprintf(cmd, sizeof(cmd), "rm -r %s", top);
	OK(system(cmd) == 0);
	return tap_done();
}
