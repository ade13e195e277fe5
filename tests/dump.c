/* limen: ISC licence, see LICENSE */
/*
 * Linked into the programs of the coverage build in place of _exit (ld
 * --wrap): a child that ends by it has run lines, too. That build is gnu99,
 * because gcc counts what came before an exec in GNU's dialects only.
 */
void __gcov_dump(void);
void __real__exit(int) __attribute__((noreturn));
void __wrap__exit(int) __attribute__((noreturn));

void
__wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
