/* limen: ISC licence, see LICENSE */
#ifndef TFTP_H
#define TFTP_H

#include <stddef.h>
#include <stdint.h>

#include "wr.h"

/* TFTP packets: RFC 1350, options RFC 2347, 2348, 2349, 7440 */

#define TFTP_PORT	69
#define TFTP_HDR	4     /* of DATA, and all of ACK */
#define TFTP_BLKSIZE	512   /* without the option */
#define TFTP_BLKMIN	8     /* RFC 2348 */
#define TFTP_BLKMAX	65464 /* RFC 2348 */
#define TFTP_WINDOWMAX	65535 /* RFC 7440; ours are of half the numbers at */
#define TFTP_WINDOWOWN	32767 /* most: no late ACK looks like a new one */
#define TFTP_REQMAX	1024  /* longer requests are refused; RFC 2347: 512 */
#define TFTP_TIMEOUTMAX 255   /* seconds, RFC 2349 */

enum { /* RFC 1350 section 5, RFC 2347 */
	TFTP_RRQ = 1,
	TFTP_WRQ,
	TFTP_DATA,
	TFTP_ACK,
	TFTP_ERROR,
	TFTP_OACK,
};

enum { /* RFC 1350 appendix I, RFC 2347 */
	TFTP_EUNDEF,
	TFTP_ENOTFOUND,
	TFTP_EACCESS,
	TFTP_EFULL,
	TFTP_EILLEGAL,
	TFTP_ETID,
	TFTP_EEXIST,
	TFTP_EUSER,
	TFTP_EOPTION,
};

enum {
	TFTP_OCTET = 1,
	TFTP_NETASCII,
};

enum { /* bits of struct tftp_opts.have */
	TFTP_HAVE_BLKSIZE = 1,
	TFTP_HAVE_TIMEOUT = 2,
	TFTP_HAVE_TSIZE = 4,
	TFTP_HAVE_WINDOW = 8,
	TFTP_HAVE_BAD = 16, /* a known one with a value that it cannot have */
};

/* what a request, or an OACK, says; only the members in have count */
struct tftp_opts {
	unsigned have;
	unsigned blksize, timeout, window;
	uint64_t tsize;
};

/* do they say the same? */
int tftp_opts_same(const struct tftp_opts *a, const struct tftp_opts *b);

struct tftp_pkt {
	int op;
	uint16_t block;	     /* DATA, ACK */
	const uint8_t *data; /* DATA */
	size_t len;	     /* of data */
	uint16_t code;	     /* ERROR */
	const char *text;    /* ERROR: its message; RRQ, WRQ: the file's name */
	int mode;	     /* RRQ, WRQ: 0 when it is none that we know */
	struct tftp_opts opts;
};

/*
 * Takes a packet apart; pointers go into buf. Options: names in any case, the
 * first of each counts, unknown ones are passed over. Values that an option
 * cannot have leave it out of have (RFC 2347: as if not asked for) and set
 * TFTP_HAVE_BAD; a blksize over the limit is taken as the limit. 0, or -1
 * when it is no TFTP packet (op is set as far as known).
 */
int tftp_get(struct tftp_pkt *p, const void *buf, size_t len);

/* packets; w->err when they do not fit */
void tftp_put_req(struct wr *w, const struct tftp_pkt *p);
void tftp_put_oack(struct wr *w, const struct tftp_opts *o);
void tftp_put_ack(struct wr *w, uint16_t block);
void tftp_put_error(struct wr *w, unsigned code, const char *text);

/* the 4 bytes before a block's data */
void tftp_data_header(uint8_t b[TFTP_HDR], uint16_t block);

/*
 * A requested name as a relative path: leading slashes, "." and doubled
 * slashes go, ".." takes away the component before it, a backslash counts as a
 * slash. 0; TFTP_EACCESS for a ".." with nothing before it, or TFTP_ENOTFOUND
 * when nothing is left, a directory's is asked for ("a/") or it exceeds cap.
 */
int tftp_path(char *path, size_t cap, const char *name);

/* a name's text for an error code */
const char *tftp_strerror(unsigned code);

/*
 * netascii (RFC 764): "\n" travels as CR LF, CR as CR NUL. held is the byte
 * that still has to come, 0: none; both start with zeroes. The return value
 * is how many bytes went out.
 */
struct tftp_ascii {
	size_t used; /* bytes of the input taken */
	uint8_t held, pending;
};
size_t tftp_to_ascii(struct tftp_ascii *a, uint8_t *out, size_t cap,
    const uint8_t *in, size_t len);

/* the way back: at most len + 1 bytes come out, which out must hold; a CR
 * at the very end stays held */
size_t tftp_from_ascii(
    struct tftp_ascii *a, uint8_t *out, const uint8_t *in, size_t len);

/* the 16 bits that block n, counted from 1, travels with; rollover is what
 * follows 65535: 0 or 1 */
uint16_t tftp_wire(uint64_t n, unsigned rollover);

/* how far a block of these 16 bits stands after block n: 0 to 65535, or -1
 * when there is none such */
int32_t tftp_ahead(uint64_t n, uint16_t block, unsigned rollover);

#endif
