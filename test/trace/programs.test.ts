import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { armBpf, type Programs } from '../../agent/engine/observe/trace/bpf/arm-bpf.ts';
import { partBytes } from '../../agent/engine/observe/trace/bpf/record.ts';
import { Btf } from '../../agent/engine/observe/trace/btf.ts';
import type { PacketTrace } from '../../agent/engine/observe/trace/packet-trace.ts';
import type { Sighting } from '../../agent/engine/observe/trace/sighting.ts';
import { parseIp } from '../../agent/modules/shared/ip-address.ts';
import { OrchError } from '../../proto/errors.ts';
import { TraceLevel } from '../../proto/gen/orch/v1/agent.ts';
import { hasDeadCode, Machine } from './bpf-machine.ts';
import { flowCase, flowOf } from './flow-case.ts';

const folder = join(import.meta.dirname, 'programs');
const kernels = new Map(
  ['6.1', '6.12'].map((name) => [name, new Btf(readFileSync(join(import.meta.dirname, 'kernels', `${name}.btf`)))]),
);

// A case: packets that pass a function or tracepoint one after the other, and what is told of them.
const caseFile = z.strictObject({
  why: z.string(),
  kernels: z.array(z.string()).default(['6.1', '6.12']),
  flow: flowCase,
  /** Whether the kernel says where its variables are. */
  hidesVariables: z.boolean().default(false),
  /** Functions and tracepoints for which the kernel takes no program. */
  refuses: z.array(z.string()).default([]),
  packets: z
    .array(
      z.strictObject({
        at: z.string(),
        /** FROM > TO PROTOCOL of IP, with `about TARGET` for neighbour discovery; `arp FROM > TO`; `none`. */
        packet: z.string(),
        device: z.string().default('eth0'),
        /** Bytes of the device's own header, which is before that of IP where the packet leaves. */
        header: z.number().default(0),
        length: z.number().default(84),
        /** How many bytes from the header on are in one piece with what is before; the others are in a page of their own. */
        onePiece: z.number().optional(),
        skb: z.number().default(1),
        reason: z.number().default(0),
        location: z.string().default(''),
      }),
    )
    .default([]),
  told: z.array(z.string()).default([]),
  lacking: z.array(z.string()).default([]),
  throws: z.string().optional(),
});
type Case = z.infer<typeof caseFile>;
type Packet = Case['packets'][number];

/** Where in the made-up memory a packet's parts are; inodes of namespaces, of the device's and of the socket's. */
const parts = { device: 0x2000_0000n, net: 0x3000_0000n, ownNet: 0x3100_0000n, data: 0x4000_0000n } as const;
const inodes = { net: 4_026_531_840, ownNet: 4_026_532_100 } as const;
const etherTypes = { 4: 0x0800, 6: 0x86dd, arp: 0x0806, none: 0 } as const;

describe.each(readdirSync(folder))('%s', (name) => {
  const told = caseFile.parse(parse(readFileSync(join(folder, name), 'utf8')));
  test.each(told.kernels)('on %s', async (kernel) => {
    const btf = kernels.get(kernel);
    if (btf === undefined) throw new Error(`no BTF of ${kernel}`);
    const machine = new Machine();
    machine.cast = btf.function('bpf_rdonly_cast')?.id;
    if (!told.hidesVariables) setVariables(machine);
    const programs = programsOn(machine, btf, told.refuses);
    const flow = flowOf(told.flow);
    const arming = armBpf(programs.of, flow, btf);
    if (told.throws !== undefined) return await expect(arming).rejects.toThrow(told.throws);
    const trace = await arming;
    for (const packet of told.packets) pass(machine, btf, programs.at, packet);
    const headers = told.packets.map(({ packet }) => bytesOf(packet).bytes);
    for (const { head } of (await trace.collect()).seen)
      expect(headers.some((bytes) => bytes.subarray(0, head.length).equals(head.subarray(0, bytes.length)))).toBe(true);
    expect({ told: await written(trace), lacking: trace.lacking, level: trace.level }).toEqual({
      ...{ told: told.told, lacking: told.lacking, level: TraceLevel.BPF },
    });
  });
});

type Bound = ReadonlyMap<string, { readonly code: Buffer; readonly at: string }>;

function programsOn(machine: Machine, btf: Btf, refuses: readonly string[]): { of: Programs; at: Bound } {
  const names = new Map<number, string>();
  for (const one of functions) {
    const { id } = btf.function(one) ?? {};
    if (id !== undefined) names.set(id, one);
  }
  for (const one of tracepoints) {
    const { id } = btf.tracepoint(one) ?? {};
    if (id !== undefined) names.set(id, one);
  }
  const at = new Map<string, { code: Buffer; at: string }>();
  let fd = 10;
  const of: Programs = {
    createMap: async (kind) => {
      fd++;
      if (kind === 'queue') machine.queues.set(fd, []);
      else machine.maps.set(fd, new Map());
      return fd;
    },
    constant: async () => ++fd,
    run: async (code, binding) => {
      const name = names.get(binding.typeId) ?? '';
      if (refuses.includes(name) || refuses.includes('all'))
        throw new OrchError({ code: 'unsupported-by-host', summary: 'operation not permitted' });
      if (hasDeadCode(code)) throw new OrchError({ code: 'unsupported-by-host', summary: 'invalid argument' });
      at.set(name, { code, at: binding.at });
    },
    ask: async (code, bytes) =>
      machine.run(
        code,
        Array.from({ length: bytes / 8 }, () => 0n),
      ),
    take: async (queue) => machine.queues.get(queue) ?? [],
    close: async () => undefined,
  };
  return { of, at };
}

/** Where memory, and the structs of its pages, are mapped, and a page with what is not in one piece. */
const mapped = { memory: 0xffff_8880_0000_0000n, structs: 0xffff_ea00_0000_0000n } as const;
const page = { at: mapped.memory + 5n * 4096n, struct: mapped.structs + 5n * 64n, offset: 256 } as const;

function setVariables(machine: Machine): void {
  for (const [index, [name, value]] of Object.entries({
    page_offset_base: mapped.memory,
    vmemmap_base: mapped.structs,
  }).entries()) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    machine.variables.set(name, 0x7100_0000n + 64n * BigInt(index));
    machine.memory.set(0x7100_0000n + 64n * BigInt(index), bytes);
  }
}

const functions = [
  ...['__ip_local_out', 'ip_send_skb', 'arp_process', 'ip_handle_martian_source', 'ip_forward'],
  ...['icmp_rcv', 'tcp_v4_rcv', 'udp_rcv', '__ip6_local_out', 'ndisc_rcv', 'ip6_forward'],
  ...['icmpv6_rcv', 'tcp_v6_rcv', 'udpv6_rcv'],
];
const tracepoints = ['net_dev_start_xmit', 'netif_receive_skb', 'kfree_skb'];

/** Has what is bound to a function or tracepoint run for a packet. */
function pass(machine: Machine, btf: Btf, programs: Bound, packet: Packet): void {
  const program = programs.get(packet.at);
  if (program === undefined) throw new Error(`nothing is bound to ${packet.at}`);
  const offset = (struct: string, path: string) => btf.offset(struct, path) ?? 0;
  const skbAt = 0x1000_0000n + 0x1000n * BigInt(packet.skb);
  const [skb, device, data] = [Buffer.alloc(512), Buffer.alloc(4096), Buffer.alloc(512)];
  const [net, ownNet] = [Buffer.alloc(4096), Buffer.alloc(4096)];
  const headroom = 64;
  const { type, bytes } = bytesOf(packet.packet);
  // Protocols are handed what is behind the header of IP.
  const behind = packet.at.endsWith('_rcv') ? (type === etherTypes[6] ? 40 : 20) : 0;
  const dataAt = headroom - packet.header + behind;
  const { onePiece = bytes.length } = packet;
  const inPage = Buffer.alloc(4096, 0xaa);
  data.fill(0xaa);
  bytes.copy(data, headroom, 0, Math.max(onePiece, 0));
  bytes.copy(inPage, page.offset - Math.min(onePiece, 0), Math.max(onePiece, 0));
  skb.writeBigUInt64LE(packet.device === '' ? 0n : parts.device, offset('sk_buff', 'dev'));
  skb.writeUInt32LE(packet.length, offset('sk_buff', 'len'));
  const sharedAt = 384;
  if (packet.onePiece !== undefined) {
    skb.writeUInt32LE(packet.length + dataAt - headroom - onePiece, offset('sk_buff', 'data_len'));
    data[sharedAt + offset('skb_shared_info', 'nr_frags')] = 1;
    data.writeBigUInt64LE(page.struct, sharedAt + offset('skb_shared_info', 'frags'));
    data.writeUInt32LE(page.offset, sharedAt + offset('skb_shared_info', 'frags') + 12);
  }
  skb.writeUInt32LE(sharedAt, offset('sk_buff', 'end'));
  skb.writeBigUInt64LE(parts.data, offset('sk_buff', 'head'));
  skb.writeBigUInt64LE(parts.data + BigInt(dataAt), offset('sk_buff', 'data'));
  skb.writeUInt16LE(headroom, offset('sk_buff', 'network_header'));
  skb.writeUInt16BE(type, offset('sk_buff', 'protocol'));
  device.write(packet.device, offset('net_device', 'name'));
  device.writeBigUInt64LE(parts.net, offset('net_device', 'nd_net.net'));
  device.writeUInt16LE(packet.header, offset('net_device', 'hard_header_len'));
  net.writeUInt32LE(inodes.net, offset('net', 'ns.inum'));
  ownNet.writeUInt32LE(inodes.ownNet, offset('net', 'ns.inum'));
  for (const [at, range] of [
    [skbAt, skb],
    [parts.device, device],
    [parts.data, data],
    [page.at, inPage],
  ] as const)
    machine.memory.set(at, range);
  for (const [at, range] of [
    [parts.net, net],
    [parts.ownNet, ownNet],
  ] as const)
    machine.memory.set(at, range);
  machine.symbols.set(0x5000n, packet.location);
  const args = { packet: skbAt, reason: BigInt(packet.reason) };
  machine.run(program.code, argumentsOf(btf, packet.at, program.at, args));
}

interface Arguments {
  readonly packet: bigint;
  readonly reason: bigint;
}

function argumentsOf(btf: Btf, name: string, at: string, { packet, reason }: Arguments): readonly bigint[] {
  if (at === 'tracepoint') return [packet, 0x5000n, reason, 0n];
  const all = Array.from({ length: btf.function(name)?.parameters ?? 0 }, () => 0n);
  all[(btf.parameter(name, 'skb') ?? 1) - 1] = packet;
  const net = btf.parameter(name, 'net');
  if (net !== undefined) all[net - 1] = parts.ownNet;
  return all;
}

const protocols: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 };

/** The header that is written, with what follows. */
function bytesOf(text: string): { readonly type: number; readonly bytes: Buffer } {
  if (text === 'none') return { type: etherTypes.none, bytes: Buffer.alloc(64) };
  const [, arp, from = '', to = '', protocol = '', target] =
    /^(arp )?(\S+) > (\S+)(?: (\w+))?(?: about (\S+))?$/.exec(text) ?? [];
  if (arp !== undefined) {
    const [sender, asked] = [
      Buffer.concat([Buffer.alloc(6, 2), address(from)]),
      Buffer.concat([Buffer.alloc(6), address(to)]),
    ];
    return { type: etherTypes.arp, bytes: Buffer.concat([Buffer.from('0001080006040001', 'hex'), sender, asked]) };
  }
  const [source, destination] = [address(from), address(to)];
  const number = protocols[protocol] ?? 0;
  if (source.length === 4) {
    const head = Buffer.from('450000540000400040000000', 'hex');
    head[9] = number;
    return {
      type: etherTypes[4],
      bytes: Buffer.concat([head, source, destination, Buffer.from('0800000000070001', 'hex')]),
    };
  }
  const head = Buffer.from('6000000000400040', 'hex');
  head[6] = number;
  const next = Buffer.concat([Buffer.from('8700000000000000', 'hex'), address(target ?? '::')]);
  return { type: etherTypes[6], bytes: Buffer.concat([head, source, destination, next]) };
}

function address(text: string): Buffer {
  const { family, value } = parseIp(text) ?? { family: 4, value: 0n };
  return Buffer.from(value.toString(16).padStart(family === 4 ? 8 : 32, '0'), 'hex');
}

async function written(trace: PacketTrace): Promise<readonly string[]> {
  const { seen } = await trace.collect();
  const value = ({ event, reason, location }: Sighting) =>
    event === 'drop' ? [trace.reasons.get(reason) ?? reason, location] : [];
  return seen.map((one) =>
    [
      `${one.event} ${one.device || '?'}@${one.netnsInode} ${one.us} us, skb ${one.packet.slice(-4)}`,
      ...(one.head.length < partBytes.head ? [`${one.head.length} bytes`] : []),
      ...value(one),
    ].join(' '),
  );
}
