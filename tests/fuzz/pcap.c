/* limen: ISC licence, see LICENSE */
#include "pcap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pcap_rec rec, back;
	uint8_t b[PCAP_HEAD + PCAP_REC];
	struct pcap p, q = { 0 };
	struct rd r, s;
	struct wr w;

	rd_init(&r, data, len);
	if (pcap_get(&r, &p) < 0)
		return 0;
	while (pcap_rec_get(&r, &p, &rec) == 1) {
		if (rec.len > p.snap || rec.data < data ||
		    rec.data + rec.len > data + len || rec.ns < 0)
			__builtin_trap();
		wr_init(&w, b, sizeof(b));
		pcap_put(&w, p.link);
		pcap_rec_put(&w, rec.ns, 0);
		rd_init(&s, b, wr_len(&w));
		if (pcap_get(&s, &q) < 0 || q.link != p.link ||
		    pcap_rec_get(&s, &q, &back) != 1)
			__builtin_trap();
		if (rec.ns / 1000000000 <= UINT32_MAX && back.ns != rec.ns)
			__builtin_trap();
	}
	return 0;
}
