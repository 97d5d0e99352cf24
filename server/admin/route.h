/*
 * What there is to ask for at an admin address: one table of paths, each with
 * its method, who may ask for it, and what answers.
 */
#ifndef SERVER_ADMIN_ROUTE_H
#define SERVER_ADMIN_ROUTE_H

#include "server/admin/channel.h"
#include "server/admin/guard.h"
#include "server/admin/look.h"
#include "server/admin/sheet.h"

/* A request, and where it came from. */
struct route_ask {
	const struct http_request *http;
	enum guard_way way;
	pid_t pid;		/* 0: not known */
	const char *from;	/* for the log */
};

enum route_then {
	ROUTE_REPLY,		/* the reply is complete */
	ROUTE_STREAM,		/* events follow it */
	ROUTE_MASTER		/* the master is to be asked, and then
				   route_conclude */
};

struct route_reply {
	enum route_then then;
	int status;
	const char *type;	/* Content-Type */
	const char *fields;	/* more of them, each with its CRLF */
	struct sheet *body;	/* NULL: there was no memory or room for it */
	int text;		/* what the master says goes to a person */
	struct channel_request request;	/* for the master, less its number */
};

/* Answers a request whose head is good. */
void	route_answer(const struct route_ask *, struct look *,
	    struct route_reply *);

/* The master has answered. */
void	route_conclude(const struct channel_reply *, struct route_reply *);

/* A refusal; as text: for a person. */
void	route_refuse(struct route_reply *, int status, const char *why,
	    int text);

#endif
