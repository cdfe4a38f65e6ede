import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeOptions } from '../../controller/connect/agent-paths.ts';
import { AgentServiceClient } from '../../proto/gen/orch/v1/agent.ts';
import { TestCa } from '../rpc/certificates.ts';

/** The agent as it is shipped. */
export const builtAgent = join(import.meta.dirname, '../../dist/agent.cjs');

/** A state and run folder, and the agents that are started on them. */
export class AgentHome {
  readonly folder = mkdtempSync(join(tmpdir(), 'orch-agent-'));
  readonly stateDir = join(this.folder, 'state');
  readonly runDir = join(this.folder, 'run');
  private readonly bundle: string;
  private readonly ca: TestCa;
  private readonly children: ChildProcess[] = [];
  private readonly clients: AgentServiceClient[] = [];

  private constructor(bundle: string, ca: TestCa) {
    this.bundle = bundle;
    this.ca = ca;
  }

  static async make(bundle = builtAgent): Promise<AgentHome> {
    const ca = await TestCa.make();
    const home = new AgentHome(bundle, ca);
    mkdirSync(home.stateDir, { mode: 0o700 });
    await ca.writeAgentFiles(home.stateDir);
    return home;
  }

  /** Starts an agent and waits until it serves or has ended. */
  async serve(...options: string[]): Promise<AgentProcess> {
    const port = options.includes('--port') ? [] : ['--port', '0'];
    const argv = [this.bundle, 'serve', '--state', this.stateDir, '--run', this.runDir, ...port, ...options];
    const child = spawn(process.execPath, [...nodeOptions, ...argv], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.children.push(child);
    const started = new AgentProcess(child);
    await started.said('"serving"');
    return started;
  }

  run(...args: string[]): string {
    return execFileSync(process.execPath, [this.bundle, ...args], { encoding: 'utf8' });
  }

  get serving(): { pid: number; port: number; bundle: string; version: string; startedAt: string } {
    return JSON.parse(readFileSync(join(this.runDir, 'agent.json'), 'utf8'));
  }

  get socket(): string {
    return join(this.runDir, 'agent.sock');
  }

  get runFiles(): string[] {
    return ['agent.json', 'agent.sock'].filter((name) => existsSync(join(this.runDir, name)));
  }

  async client(address = `localhost:${this.serving.port}`): Promise<AgentServiceClient> {
    const options = { 'grpc.ssl_target_name_override': 'localhost' };
    const client = new AgentServiceClient(address, await this.ca.clientCredentials(), options);
    this.clients.push(client);
    return client;
  }

  remove(): void {
    for (const client of this.clients) client.close();
    for (const child of this.children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class AgentProcess {
  readonly child: ChildProcess;
  /** Exit status, once it has ended. */
  readonly exit: Promise<number | null>;
  output = '';
  private wake: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    this.exit = new Promise((resolve) => child.once('close', resolve));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk;
        this.wake();
      });
    }
  }

  /** Resolves when the output holds a text or the process has ended. */
  async said(text: string): Promise<void> {
    const ended = this.exit.then(() => true);
    while (!this.output.includes(text)) {
      const more = new Promise<boolean>((resolve) => {
        this.wake = () => resolve(false);
      });
      if (await Promise.race([more, ended])) return;
    }
  }
}
