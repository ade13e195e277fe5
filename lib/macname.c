/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "macname.h"

/* the bound socket, -1 when the name is another's, -2 when there is none */
static int
claim(const struct netname *n, const uint8_t mac[6])
{
	struct sockaddr_un un;
	int fd, len;

	if (n->kind != NETNAME_MCAST)
		return -2;
	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	len = snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1,
	    "limen-mac/%08x:%u/%02x%02x%02x%02x%02x%02x", (unsigned)n->group,
	    n->port, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return -2;
	if (bind(fd, (struct sockaddr *)&un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			    (size_t)len)) == 0)
		return fd;
	close(fd);
	return errno == EADDRINUSE ? -1 : -2;
}

int
macname_take(const struct netname *n, const uint8_t mac[6])
{
	return claim(n, mac) == -1 ? -1 : 0;
}

int
macname_free(const struct netname *n, const uint8_t mac[6])
{
	int fd = claim(n, mac);

	if (fd >= 0)
		close(fd);
	return fd != -1;
}
