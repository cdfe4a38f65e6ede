/**
 * What may be under way on a connection before the other side has said that it took it (RFC 9113, 5.2). With HTTP/2's own 64 KiB a
 * file waits for the way there and back after each of them; with more than this a ping behind it would be late on a slow line
 * (26 kB/s here), and the connection be given up.
 */
export const windowBytes = 256 * 1024;
