/* What a row of a table of syscalls.h is written with. */
#ifndef SERVER_SYSCALLS_ROW_H
#define SERVER_SYSCALLS_ROW_H

#include <sys/syscall.h>

#include "server/syscalls.h"

#define CALL(call)	.name = #call, .number = SYS_##call
#define IS(arg, is)	{ .n = (arg), .mask = UINT32_MAX, .value = (is) }
#define LACKS(arg, bits) { .n = (arg), .mask = (bits), .value = 0 }

#endif
