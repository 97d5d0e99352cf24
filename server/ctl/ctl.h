/* spindlectl: what all of it knows. */
#ifndef SERVER_CTL_CTL_H
#define SERVER_CTL_CTL_H

#define CTL_WHY	512		/* bytes of a text that says why not */

/* Exit status. */
enum ctl_status {
	CTL_DONE,
	CTL_FAILED,		/* the daemon refuses, or does not know it */
	CTL_USAGE,
	CTL_UNREACHABLE		/* there is no daemon, or no answer */
};

#endif
