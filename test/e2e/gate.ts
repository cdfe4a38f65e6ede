import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { FaultsLab } from './faults-lab.ts';

/** Ports that lead to a host's agent and to its sshd, on which words can be withheld. */
export interface Gate {
  /** Connection variables of the host that lead through it, whichever way the controller takes. */
  readonly vars: Readonly<Record<string, unknown>>;
  /** Resolves once something is withheld. */
  readonly withheld: Promise<void>;
  /** Lets pass what was withheld, and all that follows. */
  release(): void;
}

/**
 * Opens a gate. Before each piece of what is said in the one direction it asks `when`; from the first yes on, nothing passes
 * that way. So what a host says after it has noted something is withheld for certain when `when` looks for that note.
 */
export async function openGate(
  lab: FaultsLab,
  host: string,
  direction: 'to-host' | 'from-host',
  when: () => Promise<boolean>,
): Promise<Gate> {
  let release = () => {};
  let tell = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const withheld = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let open = false;
  void released.then(() => {
    open = true;
  });
  const pass = async (from: Socket, to: Socket, guarded: boolean): Promise<void> => {
    for await (const piece of from) {
      if (guarded && !open && (await when())) {
        tell();
        await released;
      }
      if (to.destroyed) return;
      if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    }
    to.end();
  };
  const vars = lab.vars(host);
  const through = (target: unknown): Promise<number> =>
    lab.port((client) => {
      const server = connect({ host: '127.0.0.1', port: Number(target), noDelay: true });
      const cut = () => {
        client.destroy();
        server.destroy();
      };
      server.on('error', cut);
      client.on('close', () => server.destroy());
      pass(client, server, direction === 'to-host').catch(cut);
      pass(server, client, direction === 'from-host').catch(cut);
    });
  return {
    vars: {
      orch_agent_port: await through(vars.orch_agent_port),
      ansible_port: await through(vars.ansible_port),
      ansible_ssh_common_args: `${vars.ansible_ssh_common_args} -o HostKeyAlias=[127.0.0.1]:${vars.ansible_port}`,
    },
    withheld,
    release,
  };
}
