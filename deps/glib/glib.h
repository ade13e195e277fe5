/* limen: ISC licence, see LICENSE */
/*
 * What libslirp (4.7 and newer) uses of GLib, and no more, so that a static
 * bng needs no GLib. Guest commands (guestfwd cmd:) are refused. A name that
 * a newer libslirp needs shows up as an error of the compiler or linker.
 */
#ifndef GLIB_SHIM_H
#define GLIB_SHIM_H

#include <assert.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* GLib's names for types are part of its interface */
typedef char gchar;
typedef int gint;
typedef int gboolean;
typedef int GPid;
typedef int GSpawnFlags;
typedef size_t gsize;
typedef unsigned guint;
typedef void *gpointer;
typedef char **GStrv;
typedef void (*GSpawnChildSetupFunc)(gpointer);
typedef struct {
	int code;
	char *message;
} GError;
typedef struct {
	char *str;
	gsize len, allocated_len;
} GString;
typedef struct {
	uint64_t s;
} GRand;
typedef struct {
	const char *key;
	guint value;
} GDebugKey;

#ifndef FALSE
#define FALSE 0
#define TRUE  1
#endif
#define G_OS_UNIX		    1
#define G_LITTLE_ENDIAN		    1234
#define G_BIG_ENDIAN		    4321
#define GLIB_SIZEOF_VOID_P	    __SIZEOF_POINTER__
#define G_SPAWN_SEARCH_PATH	    4
#define G_SIZEOF_MEMBER(t, m)	    sizeof(((t *)0)->m)
#define G_N_ELEMENTS(a)		    (sizeof(a) / sizeof((a)[0]))
#define G_UNLIKELY(x)		    __builtin_expect(!!(x), 0)
#define G_LIKELY(x)		    __builtin_expect(!!(x), 1)
#define G_STATIC_ASSERT(x)	    _Static_assert(x, #x)
#define G_GNUC_PRINTF(a, b)	    __attribute__((format(printf, a, b)))
#define GLIB_CHECK_VERSION(a, b, c) (10000 * (a) + 100 * (b) + (c) <= 27400)
#define GPOINTER_TO_INT(p)	    ((int)(intptr_t)(p))
#define GINT_TO_POINTER(i)	    ((void *)(intptr_t)(i))
#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define G_BYTE_ORDER	 G_BIG_ENDIAN
#define GUINT16_TO_BE(v) ((uint16_t)(v))
#define GUINT32_TO_BE(v) ((uint32_t)(v))
#else
#define G_BYTE_ORDER	 G_LITTLE_ENDIAN
#define GUINT16_TO_BE(v) __builtin_bswap16((uint16_t)(v))
#define GUINT32_TO_BE(v) __builtin_bswap32((uint32_t)(v))
#endif
#define GINT16_TO_BE(v)	   ((int16_t)GUINT16_TO_BE(v))
#define GINT32_TO_BE(v)	   ((int32_t)GUINT32_TO_BE(v))
#define GUINT16_FROM_BE(v) GUINT16_TO_BE(v)
#define GUINT32_FROM_BE(v) GUINT32_TO_BE(v)
#define GINT16_FROM_BE(v)  GINT16_TO_BE(v)
#define GINT32_FROM_BE(v)  GINT32_TO_BE(v)

/* the memory functions end the program when there is none, as GLib's do */
void *g_malloc(gsize n);
void *g_malloc0(gsize n);
void *g_realloc(void *p, gsize n);
void g_free(void *p);
char *g_strdup(const char *s);
#define g_new(t, n)  ((t *)g_malloc(sizeof(t) * (size_t)(n)))
#define g_new0(t, n) ((t *)g_malloc0(sizeof(t) * (size_t)(n)))

GString *g_string_new(const char *s);
void g_string_append_printf(GString *s, const char *fmt, ...)
    G_GNUC_PRINTF(2, 3);
char *g_string_free(GString *s, gboolean segment);

gsize g_strlcpy(char *dst, const char *src, gsize n);
char *g_strstr_len(const char *s, ptrdiff_t len, const char *what);
gint g_ascii_strcasecmp(const char *a, const char *b);
gboolean g_str_has_prefix(const char *s, const char *prefix);
guint g_strv_length(char **v);
void g_strfreev(char **v);
const char *g_strerror(int e);
const char *g_getenv(const char *name);
guint g_parse_debug_string(const char *s, const GDebugKey *keys, guint n);
#define g_snprintf  snprintf
#define g_vsnprintf vsnprintf

GRand *g_rand_new(void);
void g_rand_free(GRand *r);
gint g_rand_int_range(GRand *r, gint lo, gint hi);

/* always fail: this shim starts no program */
gboolean g_shell_parse_argv(
    const char *s, gint *argc, char ***argv, GError **err);
gboolean g_spawn_async_with_fds(const char *wd, char **argv, char **env,
    GSpawnFlags f, GSpawnChildSetupFunc setup, gpointer data, GPid *pid,
    gint in, gint out, gint errfd, GError **err);
void g_error_free(GError *e);

/* messages are for people who debug libslirp: said with SLIRP_DEBUG set */
void g_shim_log(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
void g_shim_fatal(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));
#define g_debug	   g_shim_log
#define g_warning  g_shim_log
#define g_critical g_shim_log
#define g_error	   g_shim_fatal
#define g_assert(x) \
	((x) ? (void)0 : g_shim_fatal("%s:%d: %s", __FILE__, __LINE__, #x))
#define g_assert_not_reached() \
	g_shim_fatal("%s:%d: not to be reached", __FILE__, __LINE__)
#define g_warn_if_fail(x) ((x) ? (void)0 : g_shim_log("failed: %s", #x))
#define g_warn_if_reached() \
	g_shim_log("%s:%d: not to be reached", __FILE__, __LINE__)
#define g_return_if_fail(x)                           \
	do {                                          \
		if (!(x)) {                           \
			g_shim_log("failed: %s", #x); \
			return;                       \
		}                                     \
	} while (0)
#define g_return_val_if_fail(x, v)                    \
	do {                                          \
		if (!(x)) {                           \
			g_shim_log("failed: %s", #x); \
			return (v);                   \
		}                                     \
	} while (0)

#ifdef __cplusplus
}
#endif

#endif
