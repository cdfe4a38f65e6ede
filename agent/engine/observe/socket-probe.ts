import { randomInt } from 'node:crypto';
import * as z from 'zod';
import { ProbeSent_Outcome as Outcome } from '../../../proto/gen/orch/v1/agent.ts';
import type { Observing } from '../../linux/ip/queries.ts';
import { outcomeOfRefusal, type Probe, type ProbeResult } from './probe-types.ts';

/**
 * Connects once, or sends datagrams, from the port that it is told, and prints what came of it. Run by the agent's own
 * Node inside the namespace, because a namespace is a process's. Errors are said in the kernel's words.
 */
const script = `
const [protocol, to, port, from, ident, size, count, timeoutMs] = process.argv.slice(1);
const said = { rttMs: [] };
const end = (end, text = '') => {
  console.log(JSON.stringify({ ...said, end, text }));
  process.exit();
};
const words = ({ errno, code, message }) => require('node:util').getSystemErrorMap().get(errno)?.[1] ?? code ?? message;
const fail = (error) => end(error.code === 'ECONNREFUSED' ? 'refused' : error.code === 'EADDRINUSE' ? 'taken' : 'error', words(error));
const mine = from === '' ? {} : { localAddress: from };
const begun = performance.now();
const answered = () => said.rttMs.push(performance.now() - begun);
if (protocol === 'tcp') {
  const socket = require('node:net').connect({ host: to, port: +port, localPort: +ident, ...mine });
  socket.on('connect', () => { answered(); said.from = socket.localAddress; end('replied'); });
  socket.on('error', fail);
  setTimeout(end, +timeoutMs, 'silent');
} else {
  const socket = require('node:dgram').createSocket(to.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', fail);
  socket.on('message', () => { answered(); end('replied'); });
  socket.bind({ port: +ident, ...(from === '' ? {} : { address: from }) }, () => {
    socket.connect(+port, to, (error) => {
      if (error) return fail(error);
      said.from = socket.address().address;
      const data = Buffer.alloc(+size, 'orch ');
      for (let n = 0; n < +count; n++) setTimeout(() => socket.send(data, (error) => error && fail(error)), 20 * n);
      setTimeout(end, +timeoutMs + 20 * (+count - 1), 'silent');
    });
  });
}
`;

const reply = z.strictObject({
  end: z.enum(['replied', 'refused', 'taken', 'error', 'silent']),
  text: z.string(),
  from: z.string().optional(),
  rttMs: z.array(z.number()),
});

/** Ports that the kernel gives to those who ask for none (ip_local_port_range). */
const ports = { from: 32_768, to: 61_000 } as const;
const attempts = 5;

/** A TCP connection or UDP datagrams from a source port of their own. */
export async function sendFromSocket(host: Observing, probe: Probe, signal: AbortSignal): Promise<ProbeResult> {
  for (let attempt = 1; ; attempt++) {
    const ident = randomInt(ports.from, ports.to);
    const { end, text, from, rttMs } = await runScript(host, probe, ident, signal);
    if (end === 'taken' && attempt < attempts) continue;
    const outcome = {
      ...{ replied: Outcome.REPLIED, refused: Outcome.REFUSED, silent: Outcome.SILENT },
      ...{ taken: Outcome.ERROR, error: outcomeOfRefusal(text) },
    }[end];
    return { outcome, text, from, ident, rttMs };
  }
}

async function runScript(host: Observing, probe: Probe, ident: number, signal: AbortSignal) {
  const { netns, protocol, to, port, from = '', size, count, timeoutMs } = probe;
  const args = [protocol, to, port, from, ident, size, count, timeoutMs].map(String);
  const argv = [process.execPath, '-e', script, '--', ...args];
  const limits = { signal, onlyReads: true, timeoutMs: timeoutMs + 20 * count + 10_000 };
  const { status, stdout, stderr } = await host.exec({ argv, netns }, limits);
  if (status === 0) return reply.parse(JSON.parse(stdout));
  const text = stderr.trim().slice(0, 500) || 'The probe did not end in time.';
  return { end: 'error' as const, text, from: undefined, rttMs: [] };
}
