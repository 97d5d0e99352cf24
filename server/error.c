#include "server/error.h"

const char *
error_name(enum error_kind kind)
{
	static const char *const names[ERROR_KINDS] = {
		[ERROR_NONE] = "none",
		[ERROR_BAD_REQUEST] = "bad_request",
		[ERROR_LATE] = "late",
		[ERROR_QUEUE_TIMEOUT] = "queue_timeout",
		[ERROR_LIMIT] = "limit",
		[ERROR_ADDRESS] = "address",
		[ERROR_READ_FAILED] = "read_failed",
		[ERROR_READ_TIMEOUT] = "read_timeout",
		[ERROR_NOT_FOUND] = "not_found",
		[ERROR_FILE] = "file",
		[ERROR_GONE] = "gone",
	};

	return names[kind < ERROR_KINDS ? kind : ERROR_NONE];
}
