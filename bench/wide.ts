import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchHosts, orch } from './hosts.ts';
import { run } from './measure.ts';

/** A host with 200 namespaces, about 1,000 objects: whole processes, milliseconds. */
export interface WideFigures {
  /** The same by ip's batches, over a new ssh connection. */
  readonly scriptMs: number;
  readonly firstMs: number;
  readonly noopMs: number;
}

const lab = join(import.meta.dirname, 'lab/wide.yml');
const script = readFileSync(join(import.meta.dirname, 'lab/wide.sh'), 'utf8');
const undoScript =
  'for ns in $(ip netns list | cut -d" " -f1); do echo "netns delete $ns"; done | ip -batch -; ip link delete wide';

/** Makes it by the script and by orch, once each, on a host that has an agent already; then runs orch again. */
export async function wideFigures(hosts: BenchHosts): Promise<WideFigures> {
  const ssh = [...hosts.ssh('vm01', false), 'sh', '-s'];
  const orchRun = async (...options: string[]) => {
    const argv = [...orch, 'run', lab, '-i', hosts.inventory, ...options];
    return (await run(argv, hosts)).ms;
  };
  await orchRun('--check');
  const { ms: scriptMs } = await run(ssh, { ...hosts, stdin: script });
  await run(ssh, { ...hosts, stdin: undoScript });
  return { scriptMs, firstMs: await orchRun(), noopMs: await orchRun() };
}
