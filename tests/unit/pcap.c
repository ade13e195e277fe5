/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "pcap.h"
#include "pcapfile.h"
#include "tap.h"

enum { MANY = 2000, LEN = 1000, ALL = MANY * (LEN + PCAP_REC) + PCAP_HEAD };

/* a reader that reads nothing until there is much: the packets that it gets
 * are whole, the others are counted */
static void
slow_reader(void)
{
	static uint8_t data[LEN], all[ALL];
	static struct pcapfile f;
	char want[64], path[32];
	struct pcap_rec rec;
	struct pcap p;
	struct rd r;
	ssize_t n, len = 0;
	int i, fd[2], told = 0;

	OK(pipe(fd) == 0 && fd_nonblock(fd[0], 1) == 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd[1]);
	OK(pcapfile_open(&f, path, PCAP_RAW) == 0);
	for (i = 0; i < MANY; i++) {
		pcapfile_add(&f, data, LEN);
		told |= pcapfile_flush(&f) != NULL;
	}
	OK(!told && f.fd >= 0 && f.lost > 0 && f.lost < MANY);
	while ((n = read(fd[0], all + len, (size_t)(ALL - len))) > 0)
		len += n;
	snprintf(want, sizeof(want),
	    "without %lu packets: its reader was behind", f.lost);
	i = MANY - (int)f.lost;
	STREQ(pcapfile_close(&f), want);
	while ((n = read(fd[0], all + len, (size_t)(ALL - len))) > 0)
		len += n;
	rd_init(&r, all, (size_t)len);
	OK(pcap_get(&r, &p) == 0 && p.link == PCAP_RAW);
	while (pcap_rec_get(&r, &p, &rec) == 1 && rec.len == LEN)
		i--;
	OK(i == 0 && !rd_left(&r));
	close(fd[0]);
	close(fd[1]);
}

/* the reader leaves: no error, and nothing is written any more */
static void
gone_reader(void)
{
	static struct pcapfile f;
	char path[32];
	int fd[2];

	signal(SIGPIPE, SIG_IGN);
	OK(pipe(fd) == 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd[1]);
	OK(pcapfile_open(&f, path, PCAP_RAW) == 0);
	close(fd[0]);
	pcapfile_add(&f, path, 1);
	OK(!pcapfile_flush(&f) && f.fd < 0);
	OK(!pcapfile_close(&f));
	close(fd[1]);
}

int
main(void)
{
	static const uint8_t usec_be[] = { 0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0,
		0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 9, 'o', 'k' };
	uint8_t odd[sizeof(usec_be)];
	static struct pcapfile f;
	char path[] = "/tmp/limen-pcap.XXXXXX", *all;
	struct pcap_rec rec;
	struct pcap p;
	struct rd r;
	size_t len;
	int i, fd = mkstemp(path);

	rd_init(&r, usec_be, sizeof(usec_be));
	OK(pcap_get(&r, &p) == 0 && p.swapped && !p.nano && p.snap == 256);
	OK(pcap_rec_get(&r, &p, &rec) == 1 && rec.ns == 3000005000);
	OK(rec.len == 2 && rec.orig == 9 && !memcmp(rec.data, "ok", 2));
	OK(pcap_rec_get(&r, &p, &rec) == 0);
	rd_init(&r, usec_be, sizeof(usec_be) - 1);
	OK(pcap_get(&r, &p) == 0 && pcap_rec_get(&r, &p, &rec) < 0);
	memcpy(odd, usec_be, sizeof(odd));
	odd[18] = 0;
	odd[19] = 1;
	odd[20] = 0x14; /* as of frames with their FCS */
	rd_init(&r, odd, sizeof(odd));
	OK(pcap_get(&r, &p) == 0 && p.snap == 1 && p.link == PCAP_ETHERNET);
	OK_MSG(pcap_rec_get(&r, &p, &rec) < 0, "more than it says at most");
	odd[19] = 0;
	rd_init(&r, odd, sizeof(odd));
	OK(pcap_get(&r, &p) == 0 && p.snap == PCAP_SNAP);
	odd[16] = 0xff;
	rd_init(&r, odd, sizeof(odd));
	OK(pcap_get(&r, &p) == 0 && p.snap == PCAP_SNAP);
	rd_init(&r, "nothing of the kind at all", 24);
	OK(pcap_get(&r, &p) < 0);

	OK(fd >= 0 && ftruncate(fd, 100000) == 0 &&
	    pcapfile_open(&f, path, PCAP_ETHERNET) == 0);
	for (i = 0; i < 100; i++)
		pcapfile_add(&f, usec_be, (size_t)i % sizeof(usec_be));
	OK(!pcapfile_close(&f));
	pcapfile_add(&f, usec_be, 1); /* does nothing any more */
	all = fd_slurp_path(path, 1 << 20, &len);
	unlink(path);
	rd_init(&r, all, len);
	OK(all && pcap_get(&r, &p) == 0 && p.nano && !p.swapped);
	OK(p.link == PCAP_ETHERNET);
	for (i = 0; pcap_rec_get(&r, &p, &rec) == 1; i++)
		if (rec.len != (uint32_t)i % sizeof(usec_be) || rec.ns <= 0)
			break;
	OK_MSG(i == 100 && !rd_left(&r), "and nothing of what was there");
	errno = 0;
	OK(pcapfile_open(&f, "/dev/full", PCAP_RAW) < 0 && f.fd < 0 &&
	    errno == ENOSPC);
	OK(pcapfile_open(&f, "/nowhere/x", PCAP_RAW) < 0 && f.fd < 0);
	free(all);
	slow_reader();
	gone_reader();
	return tap_done();
}
