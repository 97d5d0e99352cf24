/* What the master publishes of itself, in its bulletin. */
#ifndef SERVER_PUBLISH_H
#define SERVER_PUBLISH_H

/* After everything that changes anything: it costs next to nothing. */
void	publish(void);

#endif
