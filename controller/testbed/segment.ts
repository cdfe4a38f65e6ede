/*
 * The segment and gateway process of the qemu driver, a program of its own, run in the testbed's folder: a switch that
 * the VMs' cables lead to, and a QEMU without a machine as the user-mode gateway. A hub of QEMU's own would do but for
 * one thing: its gateway takes every frame for its own, and resets each TCP connection between two hosts.
 *
 * Arguments: the gateway's program and its arguments. It ends with the gateway, and the gateway with it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { cableEnds } from './qemu-argv.ts';
import { newSwitch, type Port } from './switch.ts';

/** QEMU's stream netdev sends each frame with its length before it, in network order (net/stream.c). */
const lengthBytes = 4;
/** NET_BUFSIZE of QEMU's include/net/net.h: 4096 + 65536. */
const mostBytes = 69_632;
/** A port whose station does not read loses frames, as on any switch. */
const queueBytes = 4 * 1024 * 1024;

const segment = newSwitch();

function plug(cable: Socket, flooded: boolean): void {
  const port: Port = {
    flooded,
    send(frame) {
      if (cable.writableLength > queueBytes) return;
      const length = Buffer.allocUnsafe(lengthBytes);
      length.writeUInt32BE(frame.length);
      cable.cork();
      cable.write(length);
      cable.write(frame);
      process.nextTick(() => cable.uncork());
    },
  };
  segment.plug(port);
  let rest: Buffer = Buffer.alloc(0);
  cable.on('data', (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    while (rest.length >= lengthBytes) {
      const end = lengthBytes + rest.readUInt32BE(0);
      if (end > lengthBytes + mostBytes) cable.destroy(new Error('a frame longer than any'));
      if (rest.length < end || cable.destroyed) break;
      segment.receive(port, rest.subarray(lengthBytes, end));
      rest = rest.subarray(end);
    }
  });
  // A host that died.
  cable.on('error', () => undefined);
  cable.on('close', () => segment.unplug(port));
}

async function listen(path: string, flooded: boolean): Promise<void> {
  // Of one that was killed.
  rmSync(path, { force: true });
  await once(createServer((cable) => plug(cable, flooded)).listen(path), 'listening');
}

/** Whatever ends this process, no gateway without hosts may keep its ports. */
function startGateway([program = '', ...argv]: readonly string[]): void {
  const gateway = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...argv], { stdio: 'inherit' });
  gateway.on('error', (error) => {
    throw error;
  });
  gateway.on('close', () => process.exit(1));
}

process.on('SIGINT', () => undefined);
Promise.all([listen(cableEnds.host, true), listen(cableEnds.gateway, false)]).then(() =>
  startGateway(process.argv.slice(2)),
);
