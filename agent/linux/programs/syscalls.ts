import { endianness } from 'node:os';

/** Numbers of system calls by the names that Node has for machines (arch/x86/entry/syscalls/syscall_64.tbl, asm-generic/unistd.h). */
const numbers = {
  setns: { x64: 308, arm64: 268 },
  bpf: { x64: 321, arm64: 280 },
} as const satisfies Record<string, Readonly<Record<string, number>>>;

/** Undefined on machines that are not known: what the calls are given is laid out for little-endian ones of 64 bits. */
export function syscallNumber(name: keyof typeof numbers): number | undefined {
  const machines: Readonly<Record<string, number>> = numbers[name];
  return endianness() === 'LE' ? machines[process.arch] : undefined;
}
