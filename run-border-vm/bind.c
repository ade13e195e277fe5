/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "die.h"

/* writes to a file of sysfs: 0 or -1 after a line */
static int
put(struct conf *c, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r = -1;

	if (c->verbose)
		warn("%s: %s", path, *text == '\n' ? "(empty)" : text);
	if (fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text))
		r = 0;
	if (r < 0)
		warn("%s:", path);
	if (fd >= 0)
		close(fd);
	return r;
}

/* makes the driver named (NULL: whichever knows it) take the device */
static int
rebind(struct conf *c, const char *addr, const char *driver)
{
	char p[CONF_PATH], b[256];

	card_path(c, addr, "driver_override", p);
	if (put(c, p, driver ? driver : "\n") < 0)
		return -1;
	if (*card_link(c, addr, "driver", b) &&
	    put(c, card_path(c, addr, "driver/unbind", p), addr) < 0)
		return -1;
	snprintf(p, sizeof(p), "%s/sys/bus/pci/drivers_probe", c->root);
	return put(c, p, addr);
}

int
bind_take(struct conf *c)
{
	char addr[13], b[256];

	border_pci(c->b.pci, addr);
	if (!strcmp(card_link(c, addr, "driver", b), "vfio-pci")) {
		c->bind = 0; /* somebody else's doing: leave it so */
		return 0;
	}
	if (rebind(c, addr, "vfio-pci") < 0)
		return -1;
	if (!strcmp(card_link(c, addr, "driver", b), "vfio-pci"))
		return 0;
	warn("pci %s: vfio-pci did not take it: see dmesg", addr);
	return -1;
}

void
bind_undo(struct conf *c)
{
	char addr[13];

	if (!c->bind || !c->b.pci)
		return;
	border_pci(c->b.pci, addr);
	rebind(c, addr, NULL);
}
