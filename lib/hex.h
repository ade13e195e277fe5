/* limen: ISC licence, see LICENSE */
#ifndef HEX_H
#define HEX_H

/* the value of a hexadecimal digit, of either case, or -1 */
int hex_digit(int c);

#endif
