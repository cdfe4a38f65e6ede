import type { Assembler, Register } from './assembler.ts';

/** Helpers of the kernel by number (linux/bpf.h). */
export const helper = {
  ...{ lookUpElement: 1, updateElement: 2, now: 5, push: 87, read: 113, printTo: 165, findSymbol: 179 },
} as const;

/** The end of the stack. */
export const stack: Register = 10;

/** A place on the stack. */
export function address(code: Assembler, to: Register, at: number): void {
  code.move(to, stack);
  code.addConstant(to, at);
}
