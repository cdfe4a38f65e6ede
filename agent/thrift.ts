import { setFlagsFromString } from 'node:v8';
import { loadNodesOwn } from './nodes-own.ts';

/**
 * An agent waits for the kernel most of its time, and does most things a few times. So its functions are neither compiled to
 * machine code, which an emulated processor would have to translate once more, nor optimized, and the young generation
 * stays small. A task takes a third longer, and a quarter of the memory is saved.
 */
export const thrifty = ['--no-sparkplug', '--no-opt', '--semi-space-growth-factor=1'];

/** In a run of so many tasks machine code is worth its making. */
const manyTasks = 100;

/**
 * Has V8 be thrifty from now on. V8 takes a compiled form only under the flags that it was made with, and Node brings its own
 * modules in such a form: so those are loaded before. What Node loads later is compiled from its source.
 */
export function beThrifty(): void {
  loadNodesOwn();
  for (const flag of thrifty) setFlagsFromString(flag);
}

/** Is told of tasks that are to be carried out. */
export function expectTasks(count: number): void {
  if (count >= manyTasks) setFlagsFromString('--sparkplug');
}
