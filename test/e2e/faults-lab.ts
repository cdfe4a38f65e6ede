// What tests of faults share: hosts of their own, inventories that lie about them, playbooks made on the spot.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Report } from '../../controller/report/types.ts';
import { patienceSeconds } from '../../controller/testbed/plan.ts';
import { listen } from './listen.ts';
import { type Ended, type OrchOptions, type OwnTestbed, ownTestbed, type Started } from './own-testbed.ts';

type Vars = Readonly<Record<string, unknown>>;

export interface Ran extends Ended {
  readonly report: Report;
  readonly seconds: number;
  /** The folder it ran in. */
  readonly folder: string;
}

export interface FaultsLab {
  readonly testbed: OwnTestbed;
  /** Connection variables of a host as they are right. */
  vars(host: string): Vars;
  /** Runs tasks as a lab of that name on hosts whose variables are changed. */
  run(lab: string, hosts: Readonly<Record<string, Vars>>, tasks: readonly Vars[], options?: RunOptions): Promise<Ran>;
  /** Starts such a run, for the test to end it. */
  start(lab: string, hosts: Readonly<Record<string, Vars>>, tasks: readonly Vars[], args: readonly string[]): Started;
  /** A command on a host that must succeed; gives its output. */
  on(host: string, command: string): Promise<string>;
  /** A port that takes connections and does `serve` with them; all end with the lab. */
  port(serve: (socket: Socket) => void): Promise<number>;
  end(): Promise<void>;
}

export interface RunOptions extends OrchOptions {
  readonly args?: readonly string[];
}

/** Hosts of its own, as namespaces of this machine if nothing else is said. */
export async function faultsLab(hosts: number, driver = 'netns'): Promise<FaultsLab> {
  const testbed = ownTestbed();
  await testbed.up(driver, '--hosts', String(hosts));
  const files = join(testbed.folder, 'orch/testbed');
  const all = new Map(testbed.state().hosts.map((host) => [host.name, host]));
  const vars = (name: string): Vars => ({
    ansible_host: '127.0.0.1',
    ansible_port: all.get(name)?.sshPort,
    ansible_user: 'root',
    ansible_ssh_private_key_file: join(files, 'client_key'),
    ansible_ssh_common_args: `-o UserKnownHostsFile=${join(files, 'known_hosts')}`,
    orch_agent_address: '127.0.0.1',
    orch_agent_port: all.get(name)?.agentPort,
    ...(driver === 'qemu' ? { ansible_ssh_timeout: patienceSeconds.qemu } : {}),
  });
  const closing: (() => void)[] = [];
  /** The folder of a run: its inventory and its playbook. */
  const written = (lab: string, changes: Readonly<Record<string, Vars>>, tasks: readonly Vars[]): string => {
    const folder = join(testbed.folder, lab);
    mkdirSync(folder, { recursive: true });
    const entries = Object.entries(changes).map(([name, changed]) => [name, { ...vars(name), ...changed }]);
    // JSON is YAML.
    writeFileSync(join(folder, 'hosts.yml'), JSON.stringify({ all: { hosts: Object.fromEntries(entries) } }));
    writeFileSync(join(folder, 'lab.yml'), JSON.stringify([{ hosts: 'all', lab, gather_facts: false, tasks }]));
    return folder;
  };
  const runArgs = ['run', 'lab.yml', '-i', 'hosts.yml'];
  return {
    testbed,
    vars,
    async on(host, command) {
      const { code, stdout, stderr } = await testbed.on(host, command);
      if (code !== 0) throw new Error(`${host}: ${command}: ${stderr}`);
      return stdout;
    },
    port(serve) {
      const server = createServer((socket) => {
        closing.push(() => socket.destroy());
        socket.on('error', () => {});
        serve(socket);
      });
      closing.push(() => server.close());
      return listen(server);
    },
    async run(lab, changes, tasks, { args = [], ...options } = {}) {
      const folder = written(lab, changes, tasks);
      const startedAt = Date.now();
      const ended = await testbed.orch([...runArgs, ...args], { cwd: folder, ...options });
      const seconds = (Date.now() - startedAt) / 1000;
      const report: Report = JSON.parse(readFileSync(join(folder, '.orch/runs/last/report.json'), 'utf8'));
      return { ...ended, report, seconds, folder };
    },
    start: (lab, changes, tasks, args) => testbed.start([...runArgs, ...args], { cwd: written(lab, changes, tasks) }),
    end: async () => {
      for (const close of closing) close();
      await testbed.end();
    },
  };
}

/** Everything that is said of a host's failure at the end, as a person reads it. */
export function said(ran: Ran, host: string): string {
  const text = ran.stdout.slice(ran.stdout.indexOf('PLAY RECAP'));
  return new RegExp(`^${host}(?: \\| [^:]*)?(?: \\([^)]*\\))?: .*\\n(?: {4}.*\\n)*`, 'm').exec(text)?.[0] ?? '';
}

/** The task of runs that only have to get there. */
export const hello = { name: 'hello', command: 'echo hello' };

/** Serves a port that says `greeting`, and nothing more. */
export const silent =
  (greeting = '') =>
  (socket: Socket): void => {
    socket.write(greeting);
  };
