/* SPDX-License-Identifier: ISC */
/* The connection of a client, as those who serve it (sshd, ws) want it. */
#ifndef IPC_TCP_H
#define IPC_TCP_H

/*
 * Never blocking, small writes sent at once; writable while next to nothing waits in the kernel;
 * a peer that is gone without a word is noticed after about a minute. What cannot be set is
 * left as it is.
 */
void tcp_set_up(int fd);

/*
 * Up to the login a client's Nagle waits for acknowledgements that the kernel would delay:
 * they go out at once. It lasts for a few packets only.
 */
void tcp_acknowledge(int fd);

/*
 * The end of a connection on which the peer may still be sending: what comes within ms is read
 * and dropped, for a close(2) with bytes unread resets it, and the peer loses what it was told
 * last (RFC 9112, 9.6). Closes fd; blocks for so long at most.
 */
void tcp_close_gently(int fd, unsigned ms);

#endif
