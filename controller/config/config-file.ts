import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { type IniConfig, parseIniConfig } from './ini-config.ts';
import { resolved, type Surroundings } from './setting-values.ts';

/** The configuration file as Ansible looks for it: ANSIBLE_CONFIG, here, in the home folder, in /etc/ansible. */
export function findConfig(around: Surroundings): string | undefined {
  const { env, cwd, home } = around;
  const named = env.ANSIBLE_CONFIG ? resolved(env.ANSIBLE_CONFIG, { folder: cwd, around }) : undefined;
  // As there: others could put one into a folder that all may write to.
  const here = isWorldWritable(cwd) ? [] : [join(cwd, 'ansible.cfg')];
  const places = [
    ...(named === undefined ? [] : [isFolder(named) ? join(named, 'ansible.cfg') : named]),
    ...here,
    join(home, '.ansible.cfg'),
    '/etc/ansible/ansible.cfg',
  ];
  return places.find((place) => existsSync(place));
}

function isFolder(place: string): boolean {
  return existsSync(place) && statSync(place).isDirectory();
}

function isWorldWritable(folder: string): boolean {
  return (statSync(folder).mode & 0o002) !== 0;
}

/** What a configuration file says; nothing, where there is none. Throws OrchError. */
export function readConfig(file: string | undefined): IniConfig {
  if (file === undefined) return new Map();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const detail = error instanceof Error ? error.message : undefined;
    throw new OrchError({ code: 'file-not-found', summary: `cannot read the configuration file "${file}"`, detail });
  }
  return parseIniConfig(text, file);
}
