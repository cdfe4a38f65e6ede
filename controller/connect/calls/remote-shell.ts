/*
 * The remote shell that other programs are given (`rsync --rsh`), a program of its own. It makes no connection to any host: what
 * it is asked to run there goes to the orch that stands behind a socket (shell-socket.ts), and the streams go through it.
 *
 * Arguments: the socket; then, as of any remote shell, the host, the program and its arguments.
 */
import { connect } from 'node:net';

const [path = '', , ...argv] = process.argv.slice(2);
const socket = connect({ path, allowHalfOpen: true });
/** Either side has left: what is said further nobody hears. */
const leave = () => process.exit(255);
// So rsync ends its children; Node would listen for a debugger.
process.on('SIGUSR1', leave);
for (const stream of [socket, process.stdin, process.stdout]) stream.on('error', leave);
socket.write(`${JSON.stringify(argv)}\n`);
process.stdin.pipe(socket).pipe(process.stdout);
socket.on('end', () => process.stdout.write('', () => process.exit()));
