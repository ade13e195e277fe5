/* limen: ISC licence, see LICENSE */
#ifndef STATE_H
#define STATE_H

#include <stdint.h>

/* The state of a machine's devices, asked from QEMU by its monitor, qmp. */

/* QEMU writes it to fd by clock_ms() end; the guest stands still then. It was
 * running before, so it runs again as soon as it is taken up. 0 or -1 */
int state_save(int qmp, int fd, int64_t end);

/* the guest runs again; QEMU has until end to say so */
void state_go_on(int qmp, int64_t end);

#endif
