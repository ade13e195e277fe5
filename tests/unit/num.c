/* limen: ISC licence, see LICENSE */
#include "num.h"
#include "tap.h"

static int64_t
parse(const char *s)
{
	int64_t v = -99;

	return num_parse(s, -10, INT64_MAX, &v) < 0 ? -99 : v;
}

static int64_t
size(const char *s)
{
	int64_t v = -99;

	return num_size(s, 0, INT64_MAX, &v) < 0 ? -99 : v;
}

static int64_t
rate(const char *s)
{
	int64_t v = -99;

	return num_rate(s, 0, INT64_MAX, &v) < 0 ? -99 : v;
}

static int64_t
msec(const char *s)
{
	int64_t v = -99;

	return num_msec(s, 0, INT64_MAX, &v) < 0 ? -99 : v;
}

int
main(void)
{
	char b[8];

	OK(parse("0") == 0 && parse("42") == 42 && parse("-10") == -10);
	OK(parse("0x1f") == 31 && parse("9223372036854775807") == INT64_MAX);
	OK(parse("9223372036854775808") == -99 && parse("-11") == -99);
	OK(parse("") == -99 && parse(" 1") == -99 && parse("1 ") == -99);
	OK(parse("+1") == -99 && parse("0x") == -99 && parse("1e3") == -99);
	OK(parse("99999999999999999999") == -99);
	OK(size("16M") == 16 << 20 && size("64KiB") == 65536);
	OK(size("1g") == 1 << 30 && size("5") == 5 && size("5B") == 5);
	OK(size("16MM") == -99 && size("8388608T") == -99 && size("k") == -99);
	OK(rate("512k") == 512000 && rate("10M") == 10000000 && rate("7") == 7);
	OK(rate("9G") == 9000000000 && rate("9999999999G") == -99);
	OK(rate("5x") == -99 && rate("5kk") == -99 && rate("k") == -99 &&
	    rate("") == -99 && rate("5K") == -99 && rate("0x1f") == -99);
	OK(msec("5") == 5000 && msec("2.5") == 2500 && msec("300ms") == 300);
	OK(msec("1.5s") == 1500 && msec("2m") == 120000 &&
	    msec("1h") == 3600000);
	OK(msec("1.") == -99 && msec(".5") == -99 && msec("5d") == -99);
	STREQ(num_human(b, 999), "999");
	STREQ(num_human(b, 1536), "1.5K");
	STREQ(num_human(b, 16 << 20), "16M");
	STREQ(num_human(b, UINT64_MAX), "15E");
	return tap_done();
}
