import { setFlagsFromString } from 'node:v8';
import { loadNodesOwn } from './nodes-own.ts';

/**
 * An agent waits for the kernel most of its time, and does most things a few times. So its functions are neither compiled to
 * machine code, which an emulated processor would have to translate once more, nor optimized. A task takes a third longer.
 */
export const thrifty = ['--no-sparkplug', '--no-opt'];

/** For so many items of tasks machine code is worth its making. */
const manyItems = 100;

/**
 * Has V8 be thrifty from now on. V8 takes a compiled form only under the flags that it was made with, and Node brings its own
 * modules in such a form: so those are loaded before. What Node loads later is compiled from its source.
 */
export function beThrifty(require: NodeJS.Require): void {
  loadNodesOwn(require);
  for (const flag of thrifty) setFlagsFromString(flag);
}

/** Keeps the young generation small from now on, or no more: it saves some of the memory, and would slow a start down. */
export function saveMemory(save: boolean): void {
  setFlagsFromString(`--semi-space-growth-factor=${save ? 1 : 2}`);
}

/**
 * Is told of items of tasks that are to be carried out. For many, the young generation may grow: in its first megabyte a
 * thousand of them take 60 collections, or a quarter of their time.
 */
export function expectItems(count: number): void {
  if (count < manyItems) return;
  setFlagsFromString('--sparkplug');
  setFlagsFromString('--opt');
  setFlagsFromString('--semi-space-growth-factor=16');
}
