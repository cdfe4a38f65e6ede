/**
 * What may be under way on a connection before the other side has said that it took it (RFC 9113, 5.2). With HTTP/2's own 64 KiB
 * a file waits for the way there and back after each of them; with far more, pings wait too long behind it where a link is slow.
 */
export const windowBytes = 1024 * 1024;
