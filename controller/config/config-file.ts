import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { type IniConfig, parseIniConfig } from './ini-config.ts';
import { resolved, type Surroundings } from './setting-values.ts';

/** The file that counts, and the one that would, lay it not in a folder that all may write to. */
export interface FoundConfig {
  readonly file: string | undefined;
  readonly distrusted: string | undefined;
}

/** The configuration file as Ansible looks for it: ANSIBLE_CONFIG, here, in the home folder, in /etc/ansible. */
export function findConfig(around: Surroundings): FoundConfig {
  const { env, cwd, home } = around;
  const said = env.ANSIBLE_CONFIG ? resolved(env.ANSIBLE_CONFIG, { folder: cwd, around }) : undefined;
  const named = said !== undefined && isFolder(said) ? join(said, 'ansible.cfg') : said;
  const here = join(cwd, 'ansible.cfg');
  // As there: others could put one into a folder that all may write to.
  const isOpen = isWorldWritable(cwd);
  const places = [
    ...(named === undefined ? [] : [named]),
    ...(isOpen ? [] : [here]),
    join(home, '.ansible.cfg'),
    '/etc/ansible/ansible.cfg',
  ];
  const file = places.find((place) => existsSync(place));
  const isNamed = file !== undefined && file === named;
  return { file, distrusted: isOpen && !isNamed && existsSync(here) ? here : undefined };
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
