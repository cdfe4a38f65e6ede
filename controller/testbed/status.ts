import { files, type TestbedState } from './state.ts';

/** A testbed as people read it: pure, apart from the paths of its files. `dead` names processes that are gone. */
export function statusText(state: TestbedState | undefined, dead: readonly string[]): string {
  if (!state) return 'No testbed is up. `orch testbed up` makes one.\n';
  const kind = state.driver === 'qemu' ? `qemu, Debian ${state.release}` : 'netns';
  const lines = [`Testbed (${kind}), up since ${state.startedAt}${state.complete ? '' : ', start not complete'}`];
  for (const host of state.hosts) {
    const condition = dead.includes(host.name) ? 'DEAD' : 'up';
    lines.push(`  ${host.name}  ${host.address.padEnd(14)} ${condition.padEnd(4)}  ssh 127.0.0.1:${host.sshPort}`);
  }
  if (dead.includes('gateway')) lines.push('  the gateway is DEAD: no host can be reached');
  if (dead.length > 0) lines.push(`${dead.join(', ')} died; \`orch testbed up\` brings back what is gone.`);
  lines.push(`Inventory: ${files.inventory()}`, '');
  return lines.join('\n');
}
