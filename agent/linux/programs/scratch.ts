import type { HostCommand, ScratchLink } from '../host.ts';
import type { Program } from './program.ts';

/**
 * Makes a link for each name, MTU and queue length up to `--` and becomes the rest. A kernel without links of type
 * dummy gets pairs, whose other ends have names of their own.
 */
const script = [
  'n=0',
  'while [ "$1" != -- ]; do',
  '  set_up="mtu $2 txqueuelen $3"',
  '  ip link add name "$1" $set_up type dummy 2>/dev/null ||',
  '    ip link add name "$1" $set_up type veth peer name "orch-peer$n" || exit',
  '  n=$((n + 1)); shift 3',
  'done',
  'shift',
  'exec "$@"',
].join('\n');

/** A program in a new network namespace that nobody else sees (unshare(1)) and that ends with it. */
export function inScratch(links: readonly ScratchLink[], command: HostCommand): Program {
  const { argv, cwd, stdin } = command;
  const made = links.flatMap(({ name, mtu, queueLength }) => [name, String(mtu ?? 1500), String(queueLength ?? 1000)]);
  const prefix = ['unshare', '--net', ...(made.length === 0 ? [] : ['sh', '-c', script, 'sh', ...made, '--'])];
  return { argv, prefix, cwd, stdin };
}
