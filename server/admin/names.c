#include "server/admin/snapshot.h"

static const struct {
	char letter;
	const char *name;
} states[SEEN_STATES] = {
	[SEEN_EMPTY] = { '.', "empty" },
	[SEEN_STARTING] = { 'S', "starting" },
	[SEEN_IDLE] = { '_', "idle" },
	[SEEN_READING] = { 'R', "reading" },
	[SEEN_QUEUED] = { 'Q', "queued" },
	[SEEN_DISK] = { 'D', "disk" },
	[SEEN_REPLYING] = { 'W', "replying" },
	[SEEN_KEPT] = { 'K', "kept" },
	[SEEN_DRAINING] = { 'G', "draining" },
	[SEEN_STUCK] = { '!', "stuck" },
};

static const char *const phases[] = {
	[SNAPSHOT_STARTING] = "starting",
	[SNAPSHOT_RUNNING] = "running",
	[SNAPSHOT_UPGRADING] = "upgrading",
	[SNAPSHOT_DRAINING] = "draining",
	[SNAPSHOT_STOPPING] = "stopping",
};

static const char *const arrivals[ARRIVALS] = {
	[ARRIVAL_STEERED] = "steered",
	[ARRIVAL_SHARED] = "shared",
	[ARRIVAL_HASH] = "hash",
	[ARRIVAL_KEPT] = "kept",
};

static const char *const deaths[DEATH_CAUSES] = {
	[DEATH_STATUS] = "status",
	[DEATH_SIGNAL] = "signal",
	[DEATH_CORE] = "core",
	[DEATH_MEMORY] = "memory",
	[DEATH_TIMEOUT] = "timeout",
};

char
snapshot_letter(enum seen s)
{
	return states[s].letter;
}

const char *
snapshot_state_name(enum seen s)
{
	return states[s].name;
}

const char *
snapshot_phase_name(enum snapshot_phase p)
{
	return phases[p];
}

const char *
snapshot_arrival_name(enum arrival a)
{
	return arrivals[a];
}

const char *
snapshot_death_name(enum death_cause c)
{
	return deaths[c];
}
