/*
 * Hosts, as Host and a request's target name them (RFC 3986, 3.2): a name, an
 * IPv4 address, or an IPv6 or a later address in brackets; then perhaps a
 * port.  No user comes before it, for RFC 9110 wants none in HTTP.
 *
 * The functions are pure.  The text is from p to before end, and no byte
 * outside of it is read.  Nothing is decoded, looked up or compared: that a
 * host is well-formed does not mean that it is ours.
 */
#ifndef COMMON_HOST_H
#define COMMON_HOST_H

/*
 * Whether all of the text is a host, which is not empty, and perhaps a colon
 * and a port.  The port may be empty, and has no upper bound.
 */
int	host_is_authority(const char *p, const char *end);

/* Likewise, with a port of a digit or more: what CONNECT asks for. */
int	host_is_endpoint(const char *p, const char *end);

/*
 * Where the authority of a URL begins: behind "http://" or "https://", in any
 * case.  NULL when the text does not begin like that.
 */
const char	*host_in_url(const char *p, const char *end);

/* Where an authority that begins at p ends: at its path, query, or end. */
const char	*host_end_in_url(const char *p, const char *end);

#endif
