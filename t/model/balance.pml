/*
 * The balancing protocol of "balance idle", for spin(1).  README, beside this
 * file, says how to run it, what each variant shows, and why what is left out may
 * be left out; t/70-model.t runs all of it.
 *
 * The world: W workers, G listen addresses (SO_REUSEPORT groups), C clients that
 * connect again and again, KILLS kills that may come at any moment.  A worker
 * that serves may do so for ever: nothing may depend on its coming back.
 *
 * What must hold
 *
 *   behind_a_sleeper   never: a connection lies in, or lands in, the own queue of
 *                      a worker that serves.
 *   work_is_left       never: all have done what they can do now (each worker
 *                      waits, serves, or is dead and reaped), and yet some worker
 *                      waits and a connection is queued somewhere.  Timers do not
 *                      count as something that could still be done.
 *   conserve           (with LIVE) over time, under weak fairness: it is never
 *                      so for ever that a connection is queued and a worker does
 *                      not serve.  This finds those who run in circles.
 *
 * The protocol as it is proven here; [+] marks what the first design lacked:
 *
 *   busy:  our bit is clear; own may be shut
 *   1      accept from shared; got one -> serve           (may be left out)
 *   2      own is shut -> listen(own), put it back into the map;   set the bit
 *   3      wait for own, shared, and the baton [+]
 *   4      have we set the bit since we last looked?  clear it with one atomic
 *          fetch-and; it was clear already -> owed++
 *   5      accept from own; got one -> owed--, serve
 *   5'     [+] (may be left out) a claim was seen less than 1 ms ago -> pass the
 *          baton if b, below, says so; wait for own that long; 5 once more
 *   6      accept from shared; got one -> serve
 *   7      nothing: set the bit, or, while a claim is younger than 1 s, leave it
 *          clear and let the wait end when it no longer is; back to 3
 *   serve  forget the claims on whose handshakes the kernel has given up; then
 *     a    anything owed -> shutdown(own)
 *     b    [+] if a was done, or the wait in 3 reported shared or the baton:
 *          is shared readable?  pass the baton
 *     c    read, sleep, reply; back to 1
 *   reap   what the master does for a worker that died:
 *     A    clear its bit, before C
 *     B    [+] pass the baton
 *     C    start a successor, which is born owing [+]: it does a before each c
 *          until the kernel must have given up on all handshakes that were begun
 *          for its forerunner
 *
 * With several addresses, 1, 5, 6 and b try each in turn, and 2 and a deal with
 * all: a claim does not say which own listener it was made for.
 */

#ifndef W
#define W	2			/* workers: 2 or 3 */
#endif
#ifndef G
#define G	1			/* listen addresses: 1 or 2 */
#endif
#ifndef C
#define C	2			/* clients */
#endif
#ifndef KILLS
#define KILLS	1			/* workers killed in all */
#endif

/*
 * How a worker waits (3), and what passing the baton is:
 *   (nothing)  poll(2): a connection for shared wakes all who wait.  No baton.
 *   NUDGE      poll(2) for an eventfd too.  Passing the baton wakes all.
 *   BATON      an epoll(7) of its own, with EPOLLEXCLUSIVE for shared and for the
 *              baton, which is an eventfd, edge-triggered and never read.
 *   BATONLT    the same, the eventfd level-triggered and read between 3 and 4.
 *   EXCL       EPOLLEXCLUSIVE for shared, and no baton.  Known bad.
 * QUIET        a kernel that moves connections from a listener that was shut or
 *              closed, and wakes nobody who waits for the one that gets them: all
 *              before Linux 7.1 and the stable releases of May 2026.
 * GRACE        with step 5'.
 * ONCE         each client connects but once, which keeps big worlds small.
 * LIVE         check conserve; implies ONCE.
 * Everything else that is tested with #ifdef is a mistake, and must be found out.
 */
#ifdef KEEPSHUT
#define BORNCLEAN
#endif
#ifdef BATONLT
#define BATON
#endif
#if defined(BATON) || defined(EXCL)
#define EPOLL
#endif

#define OF(w, g)	((w) * G + (g))	/* index of w's own listener in group g */

#define DEAD		0		/* killed, not reaped yet */
#define REAPED		1		/* A and B are done; may stay so for ever */
#define FREE		2		/* in steps 1 to 7 */
#define BUSY		3		/* has a connection; in a or b */
#define SERVING		4		/* in c; may stay so for ever */

/* What the kernel keeps. */
byte elsewhere = C;			/* clients with no connection at all */
byte claimed[W * G];			/* the program has cleared the bit, and is */
					/* yet to select the listener */
byte half[W * G];			/* half-open on own; may never complete */
byte own[W * G];			/* own's accept queue */
byte shared[G];				/* shared's accept queue */
bool open[W * G];			/* own listens and is in the map */
bool asleep[W];				/* blocked in step 3, and nobody woke it */
#ifdef EPOLL
bool see[W * G];			/* shared is on w's epoll ready list */
bool seebaton[W];			/* so is the baton */
#endif
#if defined(NUDGE) || defined(BATONLT)
bool eventfd;				/* its counter is not 0 */
#endif

/* What the processes share. */
bool idle[W];				/* the bitmap */

/* What a worker knows; global only because clock and death change it. */
byte phase[W];
byte owed[W];				/* claims seen, less connections from own */
#ifndef BORNCLEAN
bool born[W];				/* owing whatever its forerunner may have */
#define OWING(w)	(owed[w] > 0 || born[w])
#else
#define OWING(w)	(owed[w] > 0)
#endif

byte kills = KILLS;
#ifdef BLIND
byte peeked[W * G];
#endif
hidden byte behind_a_sleeper, work_is_left;

#if G == 1
#define OWN(w)		(own[w] > 0)
#define ANYSHARED	(shared[0] > 0)
#define COMING(w)	(claimed[w] + half[w] + own[w])
#else
#define OWN(w)		(own[OF(w, 0)] + own[OF(w, 1)] > 0)
#define ANYSHARED	(shared[0] + shared[1] > 0)
#define COMING(w)	(claimed[OF(w, 0)] + half[OF(w, 0)] + own[OF(w, 0)] + \
			 claimed[OF(w, 1)] + half[OF(w, 1)] + own[OF(w, 1)])
#endif

/*
 * A claim is forgotten only when the kernel has given up on its handshake.  When
 * that is makes no difference until the worker serves, so it is done there.
 */
#ifdef FORGET	/* mistake: forgets before the kernel does */
#define FORGETTABLE(w)	(owed[w] > 0)
#else
#define FORGETTABLE(w)	(owed[w] > COMING(w))
#endif

/* w will do nothing more unless something is done to it. */
#define STILL(w)	(asleep[w] || phase[w] == SERVING || phase[w] == REAPED)
#if W == 2
#define EVERY(p)	(p(0) && p(1))
#define ANYSLEEPS	(asleep[0] || asleep[1])
#define ANYFREE		(phase[0] == FREE || phase[1] == FREE)
#define QUEUED		(ANYSHARED || OWN(0) || OWN(1))
#else
#define EVERY(p)	(p(0) && p(1) && p(2))
#define ANYSLEEPS	(asleep[0] || asleep[1] || asleep[2])
#define ANYFREE		(phase[0] == FREE || phase[1] == FREE || phase[2] == FREE)
#define QUEUED		(ANYSHARED || OWN(0) || OWN(1) || OWN(2))
#endif

/*
 * Waking.  A plain waiter is woken by whatever happens to a socket it waits for.
 *
 * Of exclusive waiters the kernel walks a list: each is marked ready; the walk
 * ends at the first that is blocked in epoll_wait(2), which wakes.  Where that is
 * in the list is left open here: any sleeper may be the one, and any of those
 * who are awake may have come before it.  With nobody asleep all are marked.
 */
#ifdef EPOLL
#define MARK(w, mark) \
	if \
	:: phase[w] >= FREE && !asleep[w] -> \
		if \
		:: mark(w) = true \
		:: ANYSLEEPS	/* the walk may have ended before w */ \
		fi \
	:: else \
	fi
#if W == 2
#define WAKEONE(mark) \
	MARK(0, mark); MARK(1, mark); \
	if \
	:: asleep[0] -> asleep[0] = false; mark(0) = true \
	:: asleep[1] -> asleep[1] = false; mark(1) = true \
	:: else \
	fi
#else
#define WAKEONE(mark) \
	MARK(0, mark); MARK(1, mark); MARK(2, mark); \
	if \
	:: asleep[0] -> asleep[0] = false; mark(0) = true \
	:: asleep[1] -> asleep[1] = false; mark(1) = true \
	:: asleep[2] -> asleep[2] = false; mark(2) = true \
	:: else \
	fi
#endif
#define SEEBATON(w)	seebaton[w]
#define SEE0(w)		see[OF(w, 0)]
#define SEE1(w)		see[OF(w, 1)]
#else
inline wake_everyone()
{
	asleep[0] = false;
	asleep[1] = false;
#if W > 2
	asleep[2] = false;
#endif
}
#endif

inline wake_for_shared(g)
{
#ifndef EPOLL
	wake_everyone()
#elif G == 1
	WAKEONE(SEE0)
#else
	if
	:: g == 0 -> WAKEONE(SEE0)
	:: else -> WAKEONE(SEE1)
	fi
#endif
}

/* Pass the baton (or nudge everyone): one write(2) to the eventfd. */
inline pass()
{
#if defined(NUDGE) || defined(BATONLT)
	eventfd = true;
#endif
#ifdef BATON
	WAKEONE(SEEBATON)
#elif defined(NUDGE)
	wake_everyone()
#else
	skip
#endif
}

/* The kernel: own is shut or closed; what is queued there moves to shared. */
inline shut(w, g)
{
	open[OF(w, g)] = false;
	do
	:: own[OF(w, g)] > 0 ->
		own[OF(w, g)]--;
		shared[g]++;
#ifndef QUIET
		wake_for_shared(g)
#endif
	:: else -> break
	od
}

/* Try the next group, or go on with the next step when all were tried. */
#define NEXT(again)	g++; if :: g < G -> goto again :: else -> g = 0 fi

/* A client whose connection ends connects again, or (ONCE) goes for good. */
#if defined(ONCE) || defined(LIVE)
#define LEAVES		skip
#else
#define LEAVES		elsewhere++
#endif

/*
 * KEEPSHUT, steps 2 and 7: own, once shut, listens again only when nothing can
 * come of the claims that were owed; it may stay shut for longer.
 */
#ifdef TOOEARLY	/* mistake: it does not wait for that */
#define GIVEN_UP(w)	true
#else
#define GIVEN_UP(w)	(COMING(w) == 0)
#endif
#define BECOME_IDLE(w) \
	if \
	:: open[OF(w, 0)] -> idle[w] = true; armed = true \
	:: !open[OF(w, 0)] && GIVEN_UP(w) -> \
		open[OF(w, 0)] = true; open[OF(w, G - 1)] = true; \
		idle[w] = true; armed = true \
	:: !open[OF(w, 0)] \
	fi

proctype worker(byte w)
{
	bool armed;			/* we set the bit, and did not do 4 since */
	bool told;			/* the wait reported shared or the baton */
	bool moved;			/* a was done */
#ifdef GRACE
	bool waited;			/* 5' is done */
#define UNWAITED	waited = false
#else
#define UNWAITED	skip
#endif
	byte g;				/* the group in hand */

	{
		g = 0;

step1:	atomic {
		if
#ifndef NOSTEP1
		:: shared[g] > 0 -> shared[g]--; goto got
#endif
		:: else -> NEXT(step1)
		fi
	};

	/*
	 * 2, in one: what may happen between its parts, that connections land on
	 * own, may as well happen after them.
	 */
#ifdef KEEPSHUT
	atomic { BECOME_IDLE(w) };
#else
	atomic {
		open[OF(w, 0)] = true;
		open[OF(w, G - 1)] = true;
		idle[w] = true; armed = true
	};
#endif

step3:	atomic {
#ifdef EPOLL
		/*
		 * The kernel looks only at what is marked, and unmarks what turns
		 * out not to be readable.  An edge is reported once.
		 */
#ifdef BATONLT
		seebaton[w] = seebaton[w] && eventfd;
		told = seebaton[w];
#else
		told = seebaton[w];
		seebaton[w] = false;
#endif
		see[OF(w, 0)] = see[OF(w, 0)] && shared[0] > 0;
		told = told || see[OF(w, 0)];
#if G > 1
		see[OF(w, 1)] = see[OF(w, 1)] && shared[1] > 0;
		told = told || see[OF(w, 1)];
#endif
		if
#ifdef ONEEVENT	/* mistake: epoll_wait(..., maxevents = 1, ...) */
		:: OWN(w) -> told = false
#endif
		:: told || OWN(w)
		:: else -> asleep[w] = true
		fi
#else
		if
#ifdef OWNONLY	/* mistake: shared is looked at in step 1 only */
		:: OWN(w)
#else
		:: OWN(w) || ANYSHARED
#endif
#ifdef NUDGE
		:: eventfd -> eventfd = false
#endif
		:: else -> asleep[w] = true
		fi
#endif
		;
		if
		:: asleep[w]
		:: else -> goto awake
		fi
	};
end_waiting:
	atomic {
		if
		:: !asleep[w] -> goto step3	/* woken: the kernel looks again */
#ifndef LIVE
		:: asleep[w] -> asleep[w] = false	/* a timer, a signal, the master */
#endif
		fi
	};
awake:
#if defined(BATONLT) && !defined(READLATE)
	atomic { if :: told -> eventfd = false :: else fi };
#endif

	/* 4: one fetch-and. */
	atomic {
		if
		:: armed && idle[w] -> idle[w] = false
		:: armed && !idle[w] ->
#ifdef OWEDFLAG	/* mistake: a flag, where a count is needed */
			owed[w] = 1
#else
			if :: owed[w] < C -> owed[w]++ :: else fi
#endif
		:: else
		fi;
		armed = false
	};

step5:	atomic {
		if
		:: own[OF(w, g)] > 0 ->
			own[OF(w, g)]--;
			if :: owed[w] > 0 -> owed[w]-- :: else fi;
			goto got
		:: else -> NEXT(step5)
		fi;
#ifdef GRACE
		if
		:: owed[w] > 0 && !waited -> waited = true
		:: waited = false; goto step6
		fi
#endif
	};
#ifdef GRACE
	/* 5': others may take what is on shared; then wait, and look again. */
	atomic {
		if
		:: told && ANYSHARED
		:: else -> goto step5
		fi
	};
	atomic { pass(); goto step5 };
#endif

step6:	atomic {
		if
#if !defined(OWNONLY) && !defined(NOSTEP6)
		:: shared[g] > 0 -> shared[g]--; goto got
#endif
		:: else -> NEXT(step6)
		fi
	};
#ifdef READLATE	/* mistake: the baton is read after the look it calls for */
	atomic { if :: told -> eventfd = false :: else fi };
#endif

	/* 7 */
	atomic {
		told = false;
		if
#ifdef KEEPSHUT
		:: BECOME_IDLE(w)
#else
		:: idle[w] = true; armed = true
#endif
		:: owed[w] > 0		/* and a claim is younger than 1 s */
		fi;
		goto step3
	};

	/*
	 * An accept ends here, in one step with the forgetting, and with c where
	 * neither a nor b is called for.
	 */
got:	atomic {
		g = 0; UNWAITED;
		do
		:: FORGETTABLE(w) -> owed[w]--
		:: true -> break
		od;
#ifndef BORNCLEAN
		if
		:: born[w] && COMING(w) <= owed[w] -> born[w] = false
		:: true
		fi;
#endif
		phase[w] = BUSY;
		if
#ifndef NOSHUT
		:: OWING(w) -> goto stepa
#endif
		:: else
		fi;
		if
		:: told -> goto stepb
		:: else -> goto stepc
		fi
	};

stepa:	atomic {
		shut(w, g);
#ifdef RELISTEN	/* mistake: back into the map at once */
		open[OF(w, g)] = true;
#endif
#ifndef NOMOVED	/* mistake: b only if the wait reported something */
		moved = true;
#endif
		NEXT(stepa);
#ifdef KEEPSHUT
		owed[w] = 0;
#endif
		if
		:: told || moved
		:: else -> goto stepc
		fi
	};

	/* The look, and below it the write: two system calls. */
stepb:	atomic {
		if
#if defined(BATON) || defined(NUDGE)
		:: shared[g] > 0 -> g = 0
#endif
		:: else -> NEXT(stepb); goto stepc
		fi
	};
	atomic {
		pass();
stepc:		told = false; moved = false;
		phase[w] = SERVING;
		assert(!(behind_a_sleeper || OWN(w)))
	};
#ifdef LIVE
	if
	:: true
	:: true -> end_stuck: false
	fi;
#endif
	atomic { phase[w] = FREE; LEAVES; goto step1 }

	} unless {
		atomic {
			phase[w] == DEAD ->
			armed = false; told = false; moved = false; g = 0; UNWAITED
		}
	};

	/* From here on it is the master who acts.  A */
#ifndef NOCLEAR
	idle[w] = false;
#endif
	/* B */
	atomic {
#ifndef NOREAP
		pass();
#endif
		phase[w] = REAPED
	};
	/* C: at once, later, or never */
#ifdef LIVE
	if
	:: true
	:: true -> end_gone: false
	fi;
#endif
	atomic {
#ifdef KEEPSHUT
		/* Its slot has rested, and step 2 opens own: it is born clean. */
		COMING(w) == 0;
#else
		open[OF(w, 0)] = true;
		open[OF(w, G - 1)] = true;
#endif
#ifdef EPOLL
		/* Adding a socket to an epoll looks at it. */
		see[OF(w, 0)] = shared[0] > 0;
#if G > 1
		see[OF(w, 1)] = shared[1] > 0;
#endif
#endif
#ifndef BORNCLEAN
		born[w] = true;
#endif
		phase[w] = FREE;
		goto step1
	}
}

/*
 * The network, the kernel's program, time, and death.  None of it ever has to
 * happen.  That the program finds nobody though somebody is idle, that a SYN is
 * dropped, and that a half-open connection moves to shared because own is shut
 * when the kernel sends its SYN-ACK again, are all the same to a connection: it
 * is back where it could have come straight to shared, or to anybody.
 */
#ifdef BLIND	/* mistake: look, then clear without looking at what was there */
#define CLAIM(w, g) \
	:: atomic { elsewhere > 0 && idle[w] -> elsewhere--; peeked[OF(w, g)]++ } \
	:: atomic { peeked[OF(w, g)] > 0 -> peeked[OF(w, g)]--; \
		idle[w] = false; claimed[OF(w, g)]++ }
#else
#define CLAIM(w, g) \
	:: atomic { elsewhere > 0 && idle[w] -> elsewhere--; \
		idle[w] = false; claimed[OF(w, g)]++ }
#endif

#ifdef HASHFALL	/* mistake: no listener selected, so the kernel's hash picks one */
#define MISSED \
	if \
	:: open[0] -> half[0]++ \
	:: open[1] -> half[1]++ \
	:: else -> elsewhere++ \
	fi
#else
#define MISSED	elsewhere++
#endif

/* Claim; select; complete; go to shared as own is shut; come to nothing. */
#define LINK(w, g) \
	CLAIM(w, g) \
	:: atomic { claimed[OF(w, g)] > 0 -> claimed[OF(w, g)]--; \
		if \
		:: open[OF(w, g)] -> half[OF(w, g)]++ \
		:: else -> MISSED \
		fi } \
	:: atomic { half[OF(w, g)] > 0 && open[OF(w, g)] -> half[OF(w, g)]--; \
		own[OF(w, g)]++; asleep[w] = false; \
		assert(!(behind_a_sleeper || phase[w] == SERVING)) } \
	:: atomic { half[OF(w, g)] > 0 && !open[OF(w, g)] -> half[OF(w, g)]--; \
		elsewhere++ } \
	:: atomic { half[OF(w, g)] > 0 -> half[OF(w, g)]--; LEAVES }

#define DIRECT(g) \
	:: atomic { elsewhere > 0 -> elsewhere--; shared[g]++; wake_for_shared(g) }

/*
 * Death closes own: its queue moves, its half-open connections complete on
 * shared.  Only the connection in hand is lost.
 */
#define CLOSE(w, g) \
	elsewhere = elsewhere + half[OF(w, g)]; half[OF(w, g)] = 0; shut(w, g)
#if G == 1
#define CLOSEALL(w)	CLOSE(w, 0)
#else
#define CLOSEALL(w)	CLOSE(w, 0); CLOSE(w, 1)
#endif
#ifdef EPOLL
#define UNMARK(w, g)	see[OF(w, g)] = false; seebaton[w] = false
#else
#define UNMARK(w, g)	skip
#endif
#ifdef BORNCLEAN
#define UNBORN(w)	skip
#else
#define UNBORN(w)	born[w] = false
#endif
#define KILL(w) \
	:: atomic { kills > 0 && phase[w] >= FREE -> \
		kills--; \
		if :: phase[w] >= BUSY -> LEAVES :: else fi; \
		phase[w] = DEAD; asleep[w] = false; \
		owed[w] = 0; UNBORN(w); \
		UNMARK(w, 0); UNMARK(w, G - 1); CLOSEALL(w) }

proctype world()
{
end_world:
	do
	DIRECT(0) LINK(0, 0) LINK(1, 0)
	KILL(0) KILL(1)
#if W > 2
	LINK(2, 0) KILL(2)
#endif
#if G > 1
	DIRECT(1) LINK(0, 1) LINK(1, 1)
#if W > 2
	LINK(2, 1)
#endif
#endif
#ifdef LIVE
	:: true -> break		/* nothing happens any more */
#else
	:: atomic { EVERY(STILL) && ANYSLEEPS && QUEUED -> assert(work_is_left) }
#endif
	od
}

#ifdef LIVE
ltl conserve { [] <> !(QUEUED && ANYFREE) }
#endif

init {
	atomic {
		phase[0] = FREE; run worker(0);
		phase[1] = FREE; run worker(1)
#if W > 2
		; phase[2] = FREE; run worker(2)
#endif
		; run world()
	}
}
