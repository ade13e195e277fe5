/* limen: ISC licence, see LICENSE */
#ifndef STATE_H
#define STATE_H

/* The state of a machine's devices, asked from QEMU by its monitor, qmp. */

/* QEMU writes it to fd; the guest stands still then. It was running before, so
 * it runs again as soon as it is taken up. 0 or -1 */
int state_save(int qmp, int fd);

/* the guest runs again */
void state_go_on(int qmp);

#endif
