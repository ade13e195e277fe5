/* limen: ISC licence, see LICENSE */
#ifndef IP_SUM_H
#define IP_SUM_H

#include <stddef.h>
#include <stdint.h>

/* the Internet checksum (RFC 1071): add up pieces of even length (the last
 * may be odd), then fold; of data with its checksum in place that is 0 */
uint32_t ip_sum(uint32_t sum, const void *p, size_t len);
uint16_t ip_sum_fold(uint32_t sum);

#endif
