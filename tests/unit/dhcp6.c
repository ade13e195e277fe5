/* limen: ISC licence, see LICENSE */
#include "dhcp6.h"
#include "tap.h"

static const struct dhcp6_offer offer = { { 2, 0, 0, 0, 0, 1 },
	{ 0xfd, 0x62, [15] = 0x10 }, { 0xfd, 0x63 }, 56,
	{ 0xfd, 0x64, [15] = 0x53 }, 7200, 3600 };
static uint8_t in[512], out[512];
static size_t inlen;
static struct wr w, a;
static struct dhcp6_log log_;

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
	return dhcp6_answer(&a, in, inlen, &offer, &log_) < 0 ? -1 : out[0];
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
		if (dhcp6_answer(&a, in, i, &offer, &log_) == 0)
			bad += i != 12 + 4 + 14 && i != inlen - 6 &&
			       i != 12 + 4 + 14 + 16;
	}
	OK_MSG(!bad, "cut short anywhere it is not answered");
	say(DHCP6_REQUEST, CLIENT | OURS | PD);
	wr_init(&a, out, 20);
	OK(dhcp6_answer(&a, in, inlen, &offer, &log_) < 0);
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
	refusing();
	names();
	return tap_done();
}
