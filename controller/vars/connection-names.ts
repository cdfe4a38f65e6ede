import type { Layer } from './layer.ts';

/** Both names of each variable that says how a host is reached: ansible_NAME and ansible_ssh_NAME. */
export const connectionNames = {
  host: ['ansible_host', 'ansible_ssh_host'],
  user: ['ansible_user', 'ansible_ssh_user'],
  password: ['ansible_password', 'ansible_ssh_pass'],
  port: ['ansible_port', 'ansible_ssh_port'],
  timeout: ['ansible_timeout', 'ansible_ssh_timeout'],
  privateKey: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
} as const;

/** All of them. */
export const reachNames: readonly string[] = Object.values(connectionNames).flat();

const otherNames = new Map(
  Object.values(connectionNames).flatMap(([name, other]): [string, string][] => [
    [name, other],
    [other, name],
  ]),
);

/** What layers, weakest first, say of a variable by its other name, as a task may ask for it by either. */
export function otherNamesLayer(layers: readonly Layer[]): Layer {
  const saying = (name: string) => {
    const other = otherNames.get(name);
    return other === undefined ? undefined : layers.findLast((layer) => layer.has(other))?.get(other);
  };
  return {
    has: (name) => saying(name) !== undefined,
    get: (name) => saying(name) ?? { data: null },
    names: () => [...otherNames.keys()].filter((name) => saying(name) !== undefined),
  };
}
