// Traffic of others, and services, inside a namespace: `node traffic.mjs KIND ARGS`. It ends with its standard input, when it is
// told to, and by itself after a while. Plain JavaScript, so that whatever Node a host has can run it.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** No test takes longer. */
const mostMs = 240_000;
const tickMs = 10;

const [kind, ...args] = process.argv.slice(2);
let sent = 0;

const family = (address) => (address.includes(':') ? 'udp6' : 'udp4');
const fail = (error) => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
};

/** Calls `send` a number of times a second; less often where that takes a host too long, so that it goes on to listen. */
function steadily(perSecond, send) {
  const begun = performance.now();
  const most = Math.ceil((2 * perSecond * tickMs) / 1000);
  let called = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1000) * perSecond);
    for (called = Math.max(called, due - most); called < due; called++) send(called);
  }, tickMs);
}

/** Datagrams; that nobody takes them is the point. */
function datagrams(targets, perSecond) {
  const sockets = new Map(['udp4', 'udp6'].map((type) => [type, createSocket(type).on('error', () => {})]));
  const data = Buffer.alloc(100, 'noise');
  steadily(perSecond, (n) => {
    const [address, port] = targets(n);
    sockets.get(family(address)).send(data, port, address, (error) => {
      if (!error) sent++;
    });
  });
}

const kinds = {
  /** udp ADDRESS PORT PER-SECOND */
  udp: ([address, port, perSecond]) => datagrams(() => [address, Number(port)], Number(perSecond)),
  /** neighbours PREFIX PER-SECOND: to PREFIX.1, PREFIX.2, ..., most of which nobody has. */
  neighbours: ([prefix, perSecond]) => datagrams((n) => [`${prefix}.${1 + (n % 250)}`, 9], Number(perSecond)),
  /** scan ADDRESS PER-SECOND: connections to one TCP port after the other. */
  scan: ([address, perSecond]) =>
    steadily(Number(perSecond), (n) => {
      const socket = connect({ host: address, port: 1 + (n % 1024) });
      socket.setTimeout(500, () => socket.destroy());
      socket.on('error', () => {}).on('connect', () => socket.destroy());
      sent++;
    }),
  /** ping ADDRESS SIZE: 500 a second. */
  ping: ([address, size]) => {
    const args = ['-n', '-q', '-i', '0.002', '-c', '50', '-W', '0.1', '-s', size, address];
    const again = () => {
      const ping = spawn('ping', args, { stdio: ['ignore', 'pipe', 'ignore'] })
        .on('error', fail)
        .on('close', again);
      ping.stdout.on('data', (said) => {
        sent += Number(/(\d+) packets transmitted/.exec(said)?.[1] ?? 0);
      });
    };
    again();
  },
  /** serve tcp|udp PORT [ADDRESS] */
  serve: ([protocol, port, address = '::']) => {
    if (protocol === 'tcp') {
      createServer((socket) => socket.on('error', () => {}).end('hello\n'))
        .on('error', fail)
        .listen({ port: Number(port), host: address });
      return;
    }
    const socket = createSocket(family(address)).on('error', fail);
    socket.on('message', (data, { port: from, address: to }) => socket.send(data, from, to));
    socket.bind(Number(port), address);
  },
};

kinds[kind](args);
setTimeout(() => process.exit(), mostMs);
if (kind !== 'serve') {
  // Each line is answered with how many packets went out, once there are any.
  const lines = createInterface(process.stdin);
  lines.on('line', () => {
    const asking = setInterval(() => {
      if (sent === 0) return;
      clearInterval(asking);
      process.stdout.write(`${sent}\n`);
    }, tickMs);
  });
  lines.on('close', () => process.exit());
}
