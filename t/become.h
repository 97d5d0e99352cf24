/* The daemon started as somebody else than this process is; for root. */
#ifndef T_BECOME_H
#define T_BECOME_H

/*
 * The daemons from now on are started as: "nobody", "nobody who may bind"
 * (with CAP_NET_BIND_SERVICE, and no other), "root in many groups" (0, 4 and
 * 27), or NULL, as this process.
 */
void	become(const char *who);

/*
 * What main() does first: where this process is to be the daemon
 * (standin.h), becomes that, and does not return.
 */
void	become_launch(char *argv[]);

#endif
