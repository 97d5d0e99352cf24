#include <sys/syscall.h>

#include <string.h>
#include <unistd.h>

#include "server/bpf.h"

/* What is wrong, and the cost; not the verifier's every step. */
#define LOG_BRIEF 4

static uint64_t
ptr(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* The kernel wants zeroes behind the fields that it knows. */
static int
call(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

int
bpf_map_open(enum bpf_map_type type, uint32_t entries, uint32_t flags,
    const char *name)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = sizeof(uint64_t);
	attr.max_entries = entries;
	attr.map_flags = flags;
	strlcpy(attr.map_name, name, sizeof(attr.map_name));
	return call(BPF_MAP_CREATE, &attr);
}

int
bpf_map_put(int map, uint32_t key, uint64_t value)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = ptr(&key);
	attr.value = ptr(&value);
	attr.flags = BPF_ANY;
	return call(BPF_MAP_UPDATE_ELEM, &attr);
}

int
bpf_map_remove(int map, uint32_t key)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = ptr(&key);
	return call(BPF_MAP_DELETE_ELEM, &attr);
}

int
bpf_load(const struct bpf_program *p, const int *maps, char *log, size_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = p->type;
	attr.expected_attach_type = p->attach;
	attr.insns = ptr(p->code);
	attr.insn_cnt = (uint32_t)(p->size / sizeof(p->code[0]));
	attr.fd_array = ptr(maps);
	/* The helpers that we call ask for no GPL. */
	attr.license = ptr("ISC");
	attr.log_level = log == NULL ? 0 : LOG_BRIEF;
	attr.log_buf = ptr(log);
	attr.log_size = (uint32_t)size;
	strlcpy(attr.prog_name, p->name, sizeof(attr.prog_name));
	return call(BPF_PROG_LOAD, &attr);
}
