import type { Vars } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import { optionText } from '../../source/origins.ts';
import { connectionNames } from '../../vars/connection-names.ts';

/** What the command line and the settings say of connections, where neither a variable nor the playbook does. */
export interface SaidOfConnections {
  readonly user?: string | undefined;
  readonly connection?: string | undefined;
  readonly port?: number | undefined;
  readonly privateKey?: string | undefined;
  readonly timeoutSeconds?: number;
}

/** What the keywords around a task say of its connection. */
export interface ConnectionKeywords {
  readonly connection: Located<string> | undefined;
  readonly remoteUser: Located<string> | undefined;
}

const names = { ...connectionNames, connection: ['ansible_connection'] } as const;

/** How a task's host is reached, as tasks may ask for it; what variables say of it stands before. */
export function connectionVars(host: string, keywords: ConnectionKeywords, said: SaidOfConnections): Vars {
  const vars = new Map<string, Located>();
  const add = (kind: keyof typeof names, value: Located | string | number | undefined): void => {
    if (value === undefined) return;
    const located = typeof value === 'object' ? value : { ...optionText(kind, String(value)), value };
    for (const name of names[kind]) vars.set(name, located);
  };
  add('host', host);
  add('user', keywords.remoteUser ?? said.user);
  add('port', said.port);
  add('timeout', said.timeoutSeconds);
  add('privateKey', said.privateKey);
  add('connection', keywords.connection ?? said.connection ?? 'ssh');
  return vars;
}
