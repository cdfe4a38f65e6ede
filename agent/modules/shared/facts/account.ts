import type { Host } from '../../../linux/host.ts';

/** NAME=value pairs that end with a zero byte, as `env -0` writes them. */
function environmentOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split('\0').filter((pair) => pair.includes('='));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/** Facts about the task's user, its line of passwd(5), and the environment that its programs have. */
export async function accountFacts(host: Host): Promise<Readonly<Record<string, unknown>>> {
  const name = host.runAs ?? 'root';
  const entry = await host.exec({ argv: ['getent', 'passwd', name] }, { onlyReads: true });
  const more = host.runAs === undefined ? {} : { runAs: host.runAs };
  const { stdout: variables } = await host.exec({ argv: ['env', '-0'], ...more }, { onlyReads: true });
  const env = { ansible_user_id: name, ansible_env: environmentOf(variables) };
  if (entry.status !== 0) return env;
  const [, , uid, gid, gecos = '', dir = '', shell = ''] = entry.stdout.trimEnd().split(':');
  const [user, group] = [Number(uid), Number(gid)];
  return {
    ...env,
    ...{ ansible_user_uid: user, ansible_user_gid: group, ansible_user_gecos: gecos },
    ...{ ansible_user_dir: dir, ansible_user_shell: shell },
    ...{ ansible_real_user_id: user, ansible_effective_user_id: user },
    ...{ ansible_real_group_id: group, ansible_effective_group_id: group },
  };
}
