import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { armTrace } from '../../agent/engine/observe/trace/arm-trace.ts';
import { Btf } from '../../agent/engine/observe/trace/btf.ts';
import { Syntax } from '../../agent/engine/observe/trace/syntax.ts';
import { TraceLevel } from '../../proto/gen/orch/v1/agent.ts';
import { flowCase, flowOf } from './flow-case.ts';

const folder = join(import.meta.dirname, 'kernels');
const btfOf = (kernel: string) => readFileSync(join(folder, `${kernel}.btf`));

// What the kernels of Debian 12 and 13 say of their types (cut down to the structs and functions that are asked for).
describe.each([
  ['6.1', { name: 0, net: 1280, header: 222, inode: 144 }],
  ['6.12', { name: 304, net: 280, header: 180, inode: 136 }],
])('BTF of %s', (kernel, device) => {
  const btf = new Btf(btfOf(kernel));

  test('has the places of members, also of those inside nameless ones', () => {
    const members = ['dev', 'head', 'data', 'network_header', 'protocol'];
    expect(members.map((name) => btf.offset('sk_buff', name))).toEqual([16, 200, 208, 184, 180]);
    expect({
      name: btf.offset('net_device', 'name'),
      net: btf.offset('net_device', 'nd_net.net'),
      header: btf.offset('net_device', 'hard_header_len'),
      inode: btf.offset('net', 'ns.inum'),
    }).toEqual(device);
  });

  test('has the order of parameters', () => {
    expect(btf.parameter('__ip_local_out', 'skb')).toBe(3);
    expect(btf.parameter('__ip_local_out', 'net')).toBe(1);
  });

  test('does not have what is not there', () => {
    expect(btf.offset('sk_buff', 'weather')).toBeUndefined();
    expect(btf.offset('sk_buff', 'dev.name')).toBeUndefined();
    expect(btf.offset('weather', 'dev')).toBeUndefined();
    expect(btf.parameter('icmp_rcv', 'weather')).toBeUndefined();
    expect(btf.parameter('weather', 'skb')).toBeUndefined();
  });

  test('that is cut off or damaged is refused, or has nothing; it does not hang', () => {
    const whole = btfOf(kernel);
    expect(() => new Btf(whole.subarray(0, 100))).toThrow('cut off');
    expect(() => new Btf(Buffer.alloc(64))).toThrow('not BTF');
    for (let at = 24; at < whole.length; at += 97) {
      const damaged = Buffer.from(whole);
      damaged.fill(0xff, at, at + 4);
      try {
        const read = new Btf(damaged);
        read.offset('net_device', 'nd_net.net');
        read.parameter('ip_handle_martian_source', 'skb');
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
  });
});

const caseFile = z.strictObject({
  flow: flowCase,
  /** Starts of lines that the kernel refuses. */
  refuses: z.array(z.string()).default([]),
  kernel: z.string(),
  level: z.enum(['NONE', 'KPROBE', 'FPROBE']),
  /** What was accepted, with each filter below its event. */
  made: z.string(),
  lacking: z.array(z.string()).default([]),
});

describe('events that are made', () => {
  test.each(['kprobe-6.12', 'kprobe-6.1', 'ipv6', 'fprobe', 'none'])('%s', (name) => {
    const told = caseFile.parse(parse(readFileSync(join(folder, `${name}.yml`), 'utf8')));
    const made: string[] = [];
    const tracing = {
      group: 'orch_1',
      define: (_event: string, line: string) => {
        if (told.refuses.some((start) => line.startsWith(start))) return 'invalid argument';
        made.push(line);
        return undefined;
      },
      undefine: () => undefined,
      filter: (_event: string, filter: string) => {
        made.push(`  ${filter}`);
        return undefined;
      },
    };
    const flow = flowOf({ ...told.flow, nextHops: ['192.0.2.254'] });
    const { level, lacking } = armTrace(tracing, flow, new Syntax(new Btf(btfOf(told.kernel))));
    expect({ level, lacking, made: made.map((line) => `${line}\n`).join('') }).toEqual({
      level: TraceLevel[told.level],
      lacking: told.lacking,
      made: told.made,
    });
  });
});
