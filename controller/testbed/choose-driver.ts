import { runTool } from './run-tool.ts';
import type { DriverName } from './state.ts';

/** Makes what the shipped labs need in a namespace that is gone at once. */
const trial = `link add name a type veth peer name b
link add name c link a type ipvlan mode l2
`;

/**
 * The driver for `auto`: netns where this user is root and this machine's kernel has ipvlan, which the shipped lab
 * needs; else qemu, whose kernel has it.
 */
export async function chooseDriver(): Promise<DriverName> {
  if (process.getuid?.() !== 0) return 'qemu';
  try {
    await runTool('unshare', ['--net', 'ip', '-batch', '-'], { input: trial });
    return 'netns';
  } catch {
    return 'qemu';
  }
}
