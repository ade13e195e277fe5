/* limen: ISC licence, see LICENSE */
#include "dhcp6.h"
#include "hex.h"
#include "tap.h"

static const struct dhcp6_offer offer = { { 2, 0, 0, 0, 0, 1 },
	{ 0xfd, 0x62, [15] = 0x10 }, { 0xfd, 0x63 }, 56,
	{ 0xfd, 0x64, [15] = 0x53 }, 7200, 3600 };
static uint8_t in[512], out[512];
static size_t inlen;
static struct wr w, a;
static struct dhcp6_log log_;
static struct dhcp6_lease lease;

enum {
	CLIENT = 1,
	OURS = 2,
	OTHER = 4,
	NA = 8,
	PD = 16,
	RAPID = 32,
	OLD = 64,
	TA = 128
};

static void
opt(unsigned type, const char *v, size_t len)
{
	wr_u16(&w, type);
	wr_u16(&w, (unsigned)len);
	wr_bytes(&w, v, len);
}

/* a message with the options of what; its answer is in out; its type, or -1 */
static int
say(unsigned type, unsigned what)
{
	wr_init(&w, in, sizeof(in));
	wr_u32(&w, type << 24 | 0xabcdef);
	if (what & CLIENT)
		opt(DHCP6_CLIENTID, "\0\1client", 8);
	if (what & OURS)
		opt(DHCP6_SERVERID, "\0\3\0\1\2\0\0\0\0\1", 10);
	if (what & OTHER)
		opt(DHCP6_SERVERID, "\0\3\0\1\2\0\0\0\0\2", 10);
	if (what & RAPID)
		opt(DHCP6_RAPID, "", 0);
	if (what & NA && what & OLD)
		opt(DHCP6_IA_NA,
		    "\0\0\0\7\0\0\0\0\0\0\0\0\0\5\0\30\1\1\1\1\1\1\1\1\1\1\1"
		    "\1\1\1\1\1\0\0\0\0\0\0\0\0",
		    40);
	else if (what & NA)
		opt(DHCP6_IA_NA, "\0\0\0\7\0\0\0\0\0\0\0\0", 12);
	if (what & PD)
		opt(DHCP6_IA_PD, "\0\0\0\11\0\0\0\0\0\0\0\0", 12);
	if (what & TA)
		opt(DHCP6_IA_TA, "\0\0\0\13", 4);
	opt(6, "\0\27", 2); /* wants DNS: given anyhow */
	inlen = wr_len(&w);
	wr_init(&a, out, sizeof(out));
	return dhcp6_answer(&a, in, inlen, &offer, &lease, &log_) < 0 ? -1
								      : out[0];
}

/* where option type begins in the answer, or NULL */
static const uint8_t *
find(unsigned type, size_t *len)
{
	const uint8_t *p = out + 4, *end = out + wr_len(&a);

	for (; end - p >= 4; p += 4 + (p[2] << 8 | p[3])) {
		*len = (size_t)(p[2] << 8 | p[3]);
		if ((unsigned)(p[0] << 8 | p[1]) == type)
			return p + 4;
	}
	return NULL;
}

static void
giving(void)
{
	const uint8_t *p;
	size_t n;

	OK(say(DHCP6_SOLICIT, CLIENT | NA | PD) == DHCP6_ADVERTISE);
	OK(log_.na == 1 && log_.pd == 1 && log_.type == DHCP6_SOLICIT);
	OK(!memcmp(out + 1, "\xab\xcd\xef", 3));
	OK((p = find(DHCP6_CLIENTID, &n)) && n == 8 &&
	    !memcmp(p + 2, "client", 6));
	OK((p = find(DHCP6_SERVERID, &n)) && n == 10 && p[1] == 3 && p[9] == 1);
	OK((p = find(DHCP6_DNS, &n)) && n == 16 && p[15] == 0x53);
	OK((p = find(DHCP6_IA_NA, &n)) && n == 40 && p[3] == 7);
	OK(p && p[13] == DHCP6_IAADDR && p[16] == 0xfd && p[31] == 0x10);
	OK((p = find(DHCP6_IA_PD, &n)) && n == 41 && p[3] == 9);
	OK(p && p[13] == DHCP6_IAPREFIX && p[24] == 56 && p[26] == 0x63);
	OK(p && p[6] == 7 && p[7] == 8); /* T1: 1800 */
	OK(say(DHCP6_SOLICIT, CLIENT | PD | RAPID) == DHCP6_REPLY);
	OK(find(DHCP6_RAPID, &n) && n == 0);
	OK(say(DHCP6_REQUEST, CLIENT | OURS | PD) == DHCP6_REPLY && log_.pd);
	OK(say(DHCP6_INFORMATION, 0) == DHCP6_REPLY && find(DHCP6_DNS, &n));
	OK(say(DHCP6_RENEW, CLIENT | OURS | NA | OLD) == DHCP6_REPLY);
	p = find(DHCP6_IA_NA, &n);
	OK_MSG(p && n == 68 && p[44] == 1 &&
		   !memcmp(p + 60, "\0\0\0\0\0\0\0\0", 8),
	    "an old address is taken back with lifetimes of 0");
	OK(say(DHCP6_SOLICIT, CLIENT | NA | TA) == DHCP6_ADVERTISE && log_.na);
	OK_MSG((p = find(DHCP6_IA_TA, &n)) && n == 10 && p[3] == 11 &&
		   p[5] == DHCP6_STATUS && p[9] == 2,
	    "no temporary addresses (section 18.3.1)");
	OK(say(DHCP6_RELEASE, CLIENT | OURS | TA) == DHCP6_REPLY);
	OK((p = find(DHCP6_IA_TA, &n)) && n == 10 && p[9] == 3);
	OK(say(DHCP6_CONFIRM, CLIENT | NA | OLD) == DHCP6_REPLY);
	OK((p = find(DHCP6_STATUS, &n)) && p[1] == 4);
	OK(say(DHCP6_RELEASE, CLIENT | OURS | NA | OLD) == DHCP6_REPLY);
	OK((p = find(DHCP6_IA_NA, &n)) && p[13] == DHCP6_STATUS && p[17] == 3);
}

/*
 * What dibbler-client 1.0.1 sent when it was to have two addresses and a
 * prefix: Solicit with Rapid Commit, Solicit for the second address that it
 * did not get, Renew of each, Release of all.
 */
#define FROM_DIBBLER(type) type "0001 000e 0001 0001 329c6106 f61427a5b61a"
#define TO_BNG		   "0002 000a 0003 0001 baad1dea1102"
#define NA_OF(iaid, times, address, lives) \
	"0003 0028" iaid times "0005 0018" address lives
#define ADDRESS "fd626e67800000000000000000001000"
#define PD_OF(times, lives)                          \
	"0019 0029 00000001" times "001a 0019" lives \
	"38 fd626e67000000000000000000000000"
#define FIVE "00000005 00000008"
#define TEN  "0000000a 00000014"
#define NONE "00000000 00000000"
#define TAIL "0008 0002 0000 0006 0002 0017"
static const char solicit[] =
    FROM_DIBBLER("013bafc6") "0003 000c 00000001 ffffffff ffffffff"
			     "0003 000c 00000002 ffffffff ffffffff"
			     "0019 0029 00000001 ffffffff ffffffff 001a 0019 "
			     "ffffffff ffffffff"
			     "3c 00000000000000000000000000000000"
			     "000e 0000" TAIL;
static const char solicit2[] =
    FROM_DIBBLER("016b7940") "0003 000c 00000002 ffffffff ffffffff"
			     "000e 0000" TAIL;
static const char renew[] = FROM_DIBBLER("05881671")
    TO_BNG NA_OF("00000001", FIVE, ADDRESS, TEN) PD_OF(FIVE, TEN) TAIL;
static const char renew2[] =
    FROM_DIBBLER("0500d37b") TO_BNG NA_OF("00000002", FIVE, ADDRESS, TEN) TAIL;
static const char release[] =
    FROM_DIBBLER("08753629") TO_BNG NA_OF("00000001", NONE, ADDRESS, NONE)
	NA_OF("00000002", NONE, ADDRESS, NONE)
	    PD_OF(NONE, NONE) "0008 0002 0000";
static const char decline[] =
    FROM_DIBBLER("09753629") TO_BNG NA_OF("00000001", NONE, ADDRESS, NONE);

/* na and pd of the answer to such a message, and how many IAs are refused */
static int
gives(const char *hex)
{
	static const struct dhcp6_offer line = { { 0xba, 0xad, 0x1d, 0xea, 0x11,
						     2 },
		{ 0xfd, 0x62, 0x6e, 0x67, 0x80, [14] = 0x10 },
		{ 0xfd, 0x62, 0x6e, 0x67 }, 56, { 0xfd, 0x64, [15] = 0x53 }, 20,
		10 };

	inlen = hex_line(hex, in, sizeof(in));
	wr_init(&a, out, sizeof(out));
	if (dhcp6_answer(&a, in, inlen, &line, &lease, &log_) < 0)
		return -1;
	return log_.na * 100 + log_.pd * 10 + log_.refused;
}

static void
several(void)
{
	memset(&lease, 0, sizeof(lease));
	lease.now = 1000;
	OK(gives(solicit) == 111);
	OK_MSG(gives(solicit2) == 1, "the address is not another IA's too");
	lease.now += 5000;
	OK(gives(renew) == 110);
	OK(gives(renew2) == 1);
	OK(gives(release) == 1);
	OK_MSG(gives(release) == 3, "there is no binding any more");
	OK_MSG(gives(solicit2) == 100, "what was released is free");
	OK(gives(solicit) == 111 && out[1] == 0x3b);
	OK(lease.na.iaid == 2 && lease.pd.iaid == 1);
	lease.now += 20001;
	OK_MSG(gives(renew) == 110, "what has expired is free");
	OK(lease.na.iaid == 1);
	OK(gives(solicit2) == 1);
	OK(say(DHCP6_REQUEST, CLIENT | OURS | NA | PD) == DHCP6_REPLY);
	OK_MSG(log_.na && log_.pd && !log_.refused,
	    "another client takes them over");
}

/* section 18.3.8: on its link somebody has the address already */
static void
declined(void)
{
	const uint8_t *p = NULL;
	size_t n;

	memset(&lease, 0, sizeof(lease));
	lease.now = 1000;
	OK(gives(solicit) == 111 && gives(decline) == 0);
	OK(gives(solicit) == 111 && (p = find(DHCP6_IA_NA, &n)));
	OK_MSG(p && n == 40 && p[16] == 0xfd && p[30] == 0x10 && p[31] == 1,
	    "the next address is given");
	OK_MSG(gives(decline) == 1, "the first is the client's no more");
	OK(gives(renew) == 110 && (p = find(DHCP6_IA_NA, &n)));
	OK_MSG(p && n == 68 && p[31] == 1 && p[59] == 0 &&
		   !memcmp(p + 60, "\0\0\0\0\0\0\0\0", 8),
	    "and is taken back");
	OK(gives(release) == 2 && gives(solicit) == 111);
	OK_MSG((p = find(DHCP6_IA_NA, &n)) && p[31] == 1, "it is not free");
}

static void
refusing(void)
{
	size_t i, bad = 0;

	OK(say(DHCP6_SOLICIT, PD) == -1);
	OK(say(DHCP6_SOLICIT, CLIENT | OURS | PD) == -1);
	OK(say(DHCP6_REQUEST, CLIENT | PD) == -1);
	OK(say(DHCP6_REQUEST, CLIENT | OTHER | PD) == -1);
	OK(say(DHCP6_INFORMATION, OTHER) == -1);
	OK(say(DHCP6_INFORMATION, CLIENT | NA) == -1);
	OK(say(DHCP6_INFORMATION, CLIENT | TA) == -1);
	OK(say(DHCP6_REPLY, CLIENT | OURS) == -1);
	OK(say(DHCP6_CONFIRM, CLIENT) == -1);
	OK_MSG(say(DHCP6_CONFIRM, CLIENT | NA) == -1, "no address to confirm");
	OK(say(DHCP6_CONFIRM, CLIENT | PD) == -1);
	say(DHCP6_REQUEST, CLIENT | OURS | PD | NA);
	for (i = 0; i < inlen; i++) {
		wr_init(&a, out, sizeof(out));
		/* cut at an option's end it is a shorter message */
		if (dhcp6_answer(&a, in, i, &offer, &lease, &log_) == 0)
			bad += i != 12 + 4 + 14 && i != inlen - 6 &&
			       i != 12 + 4 + 14 + 16;
	}
	OK_MSG(!bad, "cut short anywhere it is not answered");
	say(DHCP6_REQUEST, CLIENT | OURS | PD);
	wr_init(&a, out, 20);
	OK(dhcp6_answer(&a, in, inlen, &offer, &lease, &log_) < 0);
}

/* RFC 8415, section 7.3 */
static void
names(void)
{
	STREQ(dhcp6_name(1), "Solicit");
	STREQ(dhcp6_name(3), "Request");
	STREQ(dhcp6_name(4), "Confirm");
	STREQ(dhcp6_name(5), "Renew");
	STREQ(dhcp6_name(6), "Rebind");
	STREQ(dhcp6_name(8), "Release");
	STREQ(dhcp6_name(9), "Decline");
	STREQ(dhcp6_name(11), "Information-request");
	STREQ(dhcp6_name(200), "unknown");
}

int
main(void)
{
	giving();
	several();
	declined();
	refusing();
	names();
	return tap_done();
}
