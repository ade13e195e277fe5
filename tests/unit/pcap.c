/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "pcap.h"
#include "pcapfile.h"
#include "tap.h"

int
main(void)
{
	static const uint8_t usec_be[] = { 0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0,
		0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 9, 'o', 'k' };
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
	rd_init(&r, "nothing of the kind at all", 24);
	OK(pcap_get(&r, &p) < 0);

	OK(fd >= 0 && pcapfile_open(&f, path, PCAP_ETHERNET) == 0);
	for (i = 0; i < 100; i++)
		pcapfile_add(&f, usec_be, (size_t)i % sizeof(usec_be));
	pcapfile_close(&f);
	pcapfile_add(&f, usec_be, 1); /* does nothing any more */
	all = fd_slurp_path(path, 1 << 20, &len);
	unlink(path);
	rd_init(&r, all, len);
	OK(all && pcap_get(&r, &p) == 0 && p.nano && !p.swapped);
	OK(p.link == PCAP_ETHERNET);
	for (i = 0; pcap_rec_get(&r, &p, &rec) == 1; i++)
		if (rec.len != (uint32_t)i % sizeof(usec_be) || rec.ns <= 0)
			break;
	OK(i == 100);
	OK(pcapfile_open(&f, "/dev/full", PCAP_RAW) < 0 && f.fd < 0);
	OK(pcapfile_open(&f, "/nowhere/x", PCAP_RAW) < 0 && f.fd < 0);
	free(all);
	return tap_done();
}
