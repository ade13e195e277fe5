/* limen: ISC licence, see LICENSE */
/* whatever is a network has a text that is the same network again */
#include <stdint.h>
#include <string.h>

#include "netname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct netname n, again;
	char s[512], t[600], q[700];

	if (len >= sizeof(s))
		return 0;
	memcpy(s, data, len);
	s[len] = 0;
	if (netname_parse(&n, s) < 0)
		return 0;
	netname_str(&n, t, sizeof(t));
	if (netname_parse(&again, t) < 0 || again.kind != n.kind ||
	    again.group != n.group || again.port != n.port ||
	    again.local != n.local)
		__builtin_trap();
	if (n.kind == NETNAME_MCAST && (n.group >> 28 != 14 || !n.port))
		__builtin_trap();
	if (netname_qemu(&n, "net0", q, sizeof(q)) == 0 && !strstr(q, "net0"))
		__builtin_trap();
	return 0;
}
