import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { gunzipSync } from 'node:zlib';

/**
 * Whether the running kernel was built with an option, as it says itself (config.gz of proc(5)) or the file that distributions put
 * beside it. True where neither says anything.
 */
export function isBuiltWith(option: string): boolean {
  const config = packedConfig() ?? textOf(`/boot/config-${release()}`) ?? textOf(`/lib/modules/${release()}/config`);
  return config === undefined || saysBuilt(option, config);
}

/** Whether lines of CONFIG_NAME=y have an option, as y or as m. Pure. */
export function saysBuilt(option: string, config: string): boolean {
  return ['y', 'm'].some((built) => `\n${config}\n`.includes(`\nCONFIG_${option}=${built}\n`));
}

/** Whether the kernel has a module, in its image or to be loaded, by what depmod(8) knows. True where there is no such list. */
export function canLoad(module: string): boolean {
  if (existsSync(`/sys/module/${module}`)) return true;
  const lists = ['modules.builtin', 'modules.dep'].map((name) => textOf(`/lib/modules/${release()}/${name}`));
  return lists.some((list) => list === undefined || listsModule(module, list));
}

/** Whether a list of modules, by their paths, has one. Pure. */
export function listsModule(module: string, list: string): boolean {
  return list.includes(`/${module}.ko`);
}

function packedConfig(): string | undefined {
  try {
    return gunzipSync(readFileSync('/proc/config.gz')).toString('latin1');
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
