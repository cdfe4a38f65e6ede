import { dirname, resolve } from 'node:path';
import { readSourceFile } from '../source/read-file.ts';
import type { Lookup } from '../template/types.ts';

/** Lookups that read this workstation: `env`, and `file` with paths from the playbook's folder. */
export function workstationLookups(playbook: string): Readonly<Record<string, Lookup>> {
  return {
    env: (names, { default: otherwise = '' }) => names.map((name) => process.env[String(name)] ?? otherwise),
    file: (paths) => paths.map((path) => readSourceFile(resolve(dirname(playbook), String(path))).replace(/\n+$/, '')),
  };
}
